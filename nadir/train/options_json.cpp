#include "nadir/train/options_json.hpp"

#include <algorithm>
#include <set>

#include "nadir/data/options.hpp"

namespace nadir::train {
namespace {

using nlohmann::json;

const std::vector<Option<Settings>>& own_table() {
  static const std::vector<Option<Settings>> table = option_table<Settings>();
  return table;
}

template <class Struct>
void add_names(std::set<std::string>& names, std::span<const Option<Struct>> table) {
  for (const Option<Struct>& option : table) names.emplace(option.name);
}

/// Of all options that a run of the method has.
std::set<std::string> names_of(const std::string& method) {
  std::set<std::string> names;
  add_names<Settings>(names, own_table());
  add_names(names, recipe_option_table());
  if (method == "spectral") add_names(names, spectral::option_table());
  if (method == "linear") add_names(names, linear::option_table());
  if (method == "planted") add_names(names, planted::option_table());
  if (method == "particle") add_names(names, particle::option_table());
  if (method == "kernel") add_names(names, kernel::option_table());
  if (method == "gated" || method == "auto") add_names(names, convex::option_table());
  if (method == "relu" || method == "auto") add_names(names, relu::option_table());
  return names;
}

}  // namespace

json describe_options() {
  return {{"all", describe<Settings>(own_table())},         {"data", describe(recipe_option_table())},
          {"spectral", describe(spectral::option_table())}, {"gated", describe(convex::option_table())},
          {"relu", describe(relu::option_table())},         {"linear", describe(linear::option_table())},
          {"planted", describe(planted::option_table())},   {"particle", describe(particle::option_table())},
          {"kernel", describe(kernel::option_table())}};
}

Settings settings_from(const json& wanted) {
  Settings settings;
  set_options<Settings>(settings, own_table(), wanted);
  const std::set<std::string> names = names_of(settings.method);
  for (const auto& [name, value] : wanted.items())
    if (!names.contains(name))
      throw UsageError("--" + name + " is no option of the " + settings.method + " method; leave it out");
  set_options(settings.recipe, recipe_option_table(), wanted);
  settings.scale_given = wanted.contains("scale") && !wanted["scale"].is_null();
  if (settings.method == "spectral") set_options(settings.spectral, spectral::option_table(), wanted);
  const bool both = settings.method == "auto";
  if (both || settings.method == "gated") set_options(settings.gated, convex::option_table(), wanted);
  if (both || settings.method == "relu") set_options(settings.relu, relu::option_table(), wanted);
  if (settings.method == "linear") set_options(settings.linear, linear::option_table(), wanted);
  if (settings.method == "planted") set_options(settings.planted, planted::option_table(), wanted);
  if (settings.method == "particle") set_options(settings.particle, particle::option_table(), wanted);
  if (settings.method == "kernel") set_options(settings.kernel, kernel::option_table(), wanted);
  return settings;
}

}  // namespace nadir::train
