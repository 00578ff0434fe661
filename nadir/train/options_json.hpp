#pragma once
// The options of a training as JSON: what there is, and what somebody wants. For callers without a command line.
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "nadir/train/train.hpp"

namespace nadir::train {

template <class Value>
constexpr const char* type_in_words() {
  if constexpr (std::is_same_v<Value, bool>) return "true or false";
  if constexpr (std::is_same_v<Value, std::string>) return "a text";
  if constexpr (std::is_same_v<Value, std::vector<int>>) return "a list of whole numbers";
  if constexpr (std::is_same_v<Value, std::vector<double>>) return "a list of numbers";
  if constexpr (std::is_same_v<Value, std::vector<std::string>>) return "a list of texts";
  if constexpr (std::is_integral_v<Value>) return "a whole number";
  return "a number";
}

/// The value as the type that the option has. Throws UsageError.
template <class Value>
Value value_of(const nlohmann::json& wanted, const std::string& name) {
  try {
    if constexpr (std::is_same_v<Value, int>) {
      const double number = wanted.get<double>();
      if (!(std::abs(number) <= 0x1p30) || number != std::floor(number))
        throw UsageError("--" + name + " is not a whole number");
    }
    if constexpr (std::is_same_v<Value, std::uint64_t>)
      if (!wanted.is_number_unsigned())
        throw UsageError("--" + name + " is not a whole number from 0 to 18446744073709551615");
    return wanted.get<Value>();
  } catch (const nlohmann::json::exception&) {
    throw UsageError("--" + name + " is " + wanted.dump() + "; it must be " + type_in_words<Value>());
  }
}

/// Gives the options of one table the values that `wanted` names, which are held against the table. A null is as if it
/// were not there.
template <class Struct>
void set_options(Struct& options, std::span<const Option<Struct>> table, const nlohmann::json& wanted) {
  for (const Option<Struct>& option : table) {
    const auto found = wanted.find(std::string(option.name));
    if (found == wanted.end() || found->is_null()) continue;
    std::visit(
        [&](const auto member) {
          options.*member = value_of<std::decay_t<decltype(options.*member)>>(*found, std::string(option.name));
        },
        option.member);
  }
  validate(options, table);
}

/// The table as [{"name", "type", "help", "range", "default", "choices"}, ..]: `type` is flag, int, count, number or
/// text, or a list of such (ints, numbers, texts); a default that is infinite is null.
template <class Struct>
nlohmann::json describe(std::span<const Option<Struct>> table) {
  const Struct defaults;
  nlohmann::json list = nlohmann::json::array();
  for (const Option<Struct>& option : table) {
    static constexpr const char* types[] = {"flag", "int", "count", "number", "text", "ints", "numbers", "texts"};
    nlohmann::json value =
        std::visit([&](const auto member) { return nlohmann::json(defaults.*member); }, option.member);
    if (value.is_number_float() && !std::isfinite(value.get<double>())) value = nullptr;
    list.push_back({{"name", option.name},
                    {"type", types[option.member.index()]},
                    {"help", option.help},
                    {"range", range_text(option)},
                    {"default", value},
                    {"choices", option.choices}});
  }
  return list;
}

/// {"METHOD": what it alone knows, .., "all": of all methods, "data": of the recipe}.
nlohmann::json describe_options();

/// Settings of an object {"method": .., NAME: value, ..}; what is not named keeps its default. Throws UsageError for a
/// name that none of the methods that run has, and for a value of another type or outside its range.
Settings settings_from(const nlohmann::json& wanted);

}  // namespace nadir::train
