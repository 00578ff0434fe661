#pragma once
// The options of several methods on one command. A name that more than one of them has is one option, whose value
// reaches each of them; where it is not given, each keeps its own default.
#include <algorithm>
#include <map>
#include <type_traits>
#include <vector>

#include "nadir/base/error.hpp"
#include "nadir/cli/command.hpp"

namespace nadir::cli {

class MethodOptions {
 public:
  explicit MethodOptions(CLI::App& command) : command_(command) {}

  /// `options` must outlive this.
  template <class Struct>
  void add(const std::string& method, Struct& options, std::span<const Option<Struct>> table) {
    for (const Option<Struct>& option : table) {
      Entry& entry = entries_[std::string(option.name)];
      if (entry.option == nullptr)
        entry.option = bind_option(command_, options, option, "Options of --method " + method);
      else
        share(entry, method, options, option);
      entry.methods.push_back(method);
      entry.ranges.push_back(range_text(option));
    }
  }

  /// To be called when the words are parsed: hands out what was given. Throws UsageError for an option that none of
  /// the methods that are to run has.
  void settle(const std::vector<std::string>& running) const {
    for (const auto& [name, entry] : entries_) {
      if (entry.option->count() == 0) continue;
      if (std::find_first_of(entry.methods.begin(), entry.methods.end(), running.begin(), running.end()) ==
          entry.methods.end())
        throw UsageError("--" + name + " is an option of the " + entry.methods.front() +
                         " method, but this is a run of the " + running.front() +
                         " one; leave it out, or choose by --method");
      for (const auto& copy : entry.copies) copy();
    }
  }

 private:
  struct Entry {
    CLI::Option* option = nullptr;
    std::vector<std::string> methods, ranges;
    std::vector<std::function<void()>> copies;
  };

  template <class Struct>
  static void share(Entry& entry, const std::string& method, Struct& options, const Option<Struct>& option) {
    CLI::Option* const known = entry.option;
    const std::string before = known->get_default_str(), range = range_text(option);
    known->group("Options of all methods");
    if (range != entry.ranges.front())
      known->description(known->get_description() + " (" + method + ": " + range + ")");
    std::visit(
        [&](const auto member) {
          auto& value = options.*member;
          entry.copies.push_back([known, &value] { known->results(value); });
          std::ostringstream text;
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, bool>)
            return;  // a flag has no default to be told
          else if constexpr (requires { text << value; })
            text << value;
          else if (value.empty())
            text << "none";
          if (text.str() != before) known->default_str(before + "; " + method + ": " + text.str());
        },
        option.member);
  }

  CLI::App& command_;
  std::map<std::string, Entry> entries_;
};

}  // namespace nadir::cli
