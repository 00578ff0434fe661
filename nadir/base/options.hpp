#pragma once
// One table per options struct: it feeds the defaults' check, the command line, --help and the documentation.
#include <cmath>
#include <cstdint>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "nadir/base/error.hpp"

namespace nadir {

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

/// A line of the table. The member's type decides how it is parsed; numbers (each number of a list) must lie in
/// [low, high], or (low, high] if `open`; texts must be one of `choices` where there are any.
template <class Struct>
struct Option {
  using Member =
      std::variant<bool Struct::*, int Struct::*, std::uint64_t Struct::*, double Struct::*, std::string Struct::*,
                   std::vector<int> Struct::*, std::vector<double> Struct::*, std::vector<std::string> Struct::*>;
  Option(std::string_view the_name, Member the_member, std::string_view the_help, double the_low = -HUGE_VAL,
         double the_high = HUGE_VAL, bool the_open = false, std::vector<std::string_view> the_choices = {})
      : name(the_name),
        member(the_member),
        help(the_help),
        low(the_low),
        high(the_high),
        open(the_open),
        choices(std::move(the_choices)) {}

  std::string_view name;  ///< as in --name
  Member member;
  std::string_view help;
  double low, high;
  bool open;
  std::vector<std::string_view> choices;
};

/// A line for a text that must be one of `choices`.
template <class Struct>
Option<Struct> one_of(std::string_view name, std::string Struct::*member, std::string_view help,
                      std::vector<std::string_view> choices) {
  return {name, member, help, -HUGE_VAL, HUGE_VAL, false, std::move(choices)};
}

/// "a number in (0, 1]", "one of on off", or nothing.
template <class Struct>
std::string range_text(const Option<Struct>& option) {
  std::ostringstream text;
  if (!option.choices.empty()) {
    text << "one of";
    for (const auto& choice : option.choices) text << ' ' << choice;
  } else if (std::isfinite(option.low) || std::isfinite(option.high)) {
    if (!std::isfinite(option.high))
      text << (option.open ? "above " : "at least ") << option.low;
    else
      text << "in " << (option.open ? '(' : '[') << option.low << ", " << option.high << ']';
  }
  return text.str();
}

/// Throws UsageError naming the option, its value and its range. A NaN is in no range.
template <class Struct>
void validate(const Struct& options, std::span<const Option<Struct>> table) {
  for (const Option<Struct>& option : table) {
    const auto refuse = [&](const auto& value) {
      std::ostringstream text;
      text << "--" << option.name << " is " << value << "; it must be " << range_text(option);
      throw UsageError(text.str());
    };
    const auto check = [&](const auto& value) {
      using Value = std::decay_t<decltype(value)>;
      if constexpr (std::is_same_v<Value, std::string>) {
        bool known = option.choices.empty();
        for (const auto& choice : option.choices) known = known || choice == value;
        if (!known) refuse("'" + value + "'");
      } else if constexpr (!std::is_same_v<Value, bool>) {
        const double number = static_cast<double>(value);
        if (!(option.open ? number > option.low : number >= option.low) || !(number <= option.high)) refuse(value);
      }
    };
    std::visit(
        [&](const auto member) {
          const auto& value = options.*member;
          using Value = std::decay_t<decltype(value)>;
          if constexpr (is_list<Value>)
            for (const auto& item : value) check(item);
          else
            check(value);
        },
        option.member);
  }
}

}  // namespace nadir
