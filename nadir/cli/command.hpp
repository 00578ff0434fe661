#pragma once
// What the sub-commands share: exit codes, options on the command line, and one function each.
#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "nadir/base/options.hpp"

namespace nadir::cli {

/// How the program ends.
enum ExitCode {
  done = 0,
  internal_error = 1,
  usage_error = 2,
  bad_input = 3,
  not_proved = 4,  ///< finished, but the wanted gap was not proved
  rejected = 5,    ///< a certificate was
  no_resources = 6,
  interrupted = 130,
};

/// A sub-command sets `run` when it was chosen; it returns an ExitCode.
using Run = std::function<int()>;

void add_train(CLI::App& app, Run& run);
void add_certify(CLI::App& app, Run& run);
void add_predict(CLI::App& app, Run& run);
void add_verify(CLI::App& app, Run& run);
void add_inspect(CLI::App& app, Run& run);
void add_plot(CLI::App& app, Run& run);
void add_export(CLI::App& app, Run& run);
void add_reduce(CLI::App& app, Run& run);
void add_factorize(CLI::App& app, Run& run);

/// What is wrong with a text that should be a whole number of 64 bits; CLI11 would wrap "-1" and cut what is too large.
inline std::string whole_number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return "";
  return "'" + text + "' is not a whole number from 0 to 18446744073709551615";
}

/// Puts one option on a command; its value is written into `options`, whose present value is the default.
template <class Struct>
CLI::Option* bind_option(CLI::App& command, Struct& options, const Option<Struct>& option, const std::string& group) {
  const std::string name = "--" + std::string(option.name), range = range_text(option);
  const std::string help = std::string(option.help) + (range.empty() ? "" : " (" + range + ")");
  return std::visit(
      [&](const auto member) {
        auto& value = options.*member;
        using Value = std::decay_t<decltype(value)>;
        CLI::Option* added = nullptr;
        if constexpr (std::is_same_v<Value, bool>)
          added = command.add_flag(name + ",!--no-" + std::string(option.name), value, help);
        else
          added = command.add_option(name, value, help)->capture_default_str();
        if constexpr (std::is_same_v<Value, std::uint64_t>) added->check(whole_number);
        if constexpr (is_list<Value>) added->delimiter(',')->expected(1, 1 << 20)->type_name("LIST");
        return added->group(group);
      },
      option.member);
}

template <class Struct>
void bind_options(CLI::App& command, Struct& options, std::span<const Option<Struct>> table, const std::string& group) {
  for (const Option<Struct>& option : table) bind_option(command, options, option, group);
}

}  // namespace nadir::cli
