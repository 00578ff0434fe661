// Which arrays are layers, by their names.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/exchange/arrays.hpp"

namespace nadir::exchange {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Digits from the beginning of `text`, without leading zeros; cut off from it.
std::string_view take_number(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

/// Texts in alphabetical order, but numbers inside of them by their value; a strict weak order.
bool naturally_less(const std::string& left, const std::string& right) {
  std::string_view a = left;
  std::string_view b = right;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const std::string_view x = take_number(a);
      const std::string_view y = take_number(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[0] != b[0]) return a[0] < b[0];
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  return left < right;  // 0 and 00
}

struct NaturalOrder {
  bool operator()(const std::string& a, const std::string& b) const { return naturally_less(a, b); }
};

/// The k of Wk or bk, from 1.
std::optional<std::size_t> number_of(const std::string& name) {
  std::size_t number = 0;
  const char* const end = name.data() + name.size();
  if (name.size() < 2 || (name[0] != 'W' && name[0] != 'b') || !is_digit(name[1]) || name[1] == '0') return {};
  const auto [stop, status] = std::from_chars(name.data() + 1, end, number);
  if (stop != end || status != std::errc{}) return {};
  return number;
}

/// The NAME. of NAME.weight or NAME.bias; empty for "weight" and "bias" alone, as of a single torch.nn.Linear.
std::optional<std::string> stem_of(const std::string& name, const std::string& suffix) {
  if (name == suffix) return std::string();
  if (!name.ends_with("." + suffix)) return {};
  return name.substr(0, name.size() - suffix.size());
}

/// How many characters "PREFIX.i." of PREFIX.i.W1 or PREFIX.i.NAME.weight are; 0 where a name is not of this form.
std::size_t length_of_prefix(const std::string& name) {
  std::size_t begin = name.find('.') + 1;  // the first part is no number that counts sub-networks
  for (std::size_t end = 0; begin != 0 && (end = name.find('.', begin)) != std::string::npos; begin = end + 1) {
    if (end == begin || !std::all_of(name.data() + begin, name.data() + end, is_digit)) continue;
    const std::string rest = name.substr(end + 1);
    return number_of(rest) || rest.find('.') != std::string::npos ? end + 1 : 0;
  }
  return 0;
}

std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) text += (i > 0 ? ", " : "") + in_quotes(names[i]);
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text.empty() ? "no arrays" : text;
}

}  // namespace

std::vector<std::pair<std::string, std::vector<std::string>>> subnetworks_of(const std::vector<std::string>& names,
                                                                             const std::string& path) {
  std::map<std::string, std::vector<std::string>, NaturalOrder> groups;
  for (const std::string& name : names) {
    const std::size_t length = length_of_prefix(name);
    groups[name.substr(0, length)].push_back(name.substr(length));
  }
  if (groups.size() > 1 && groups.count("") > 0)
    throw InputError(path + ": " + in_quotes(groups[""].front()) +
                     " is of no sub-network, but others are; all are to be PREFIX.i.W1, .. or PREFIX.i.NAME.weight, or "
                     "none; the file holds " +
                     list_of(names));
  if (groups.empty()) groups[""];
  return {groups.begin(), groups.end()};
}

std::vector<LayerNames> layers_of(const std::vector<std::string>& names, const std::string& path) {
  const auto fail = [&](const std::string& why) {
    throw InputError(path + ": " + why + "; the file holds " + list_of(names) +
                     ", and a network consists of W1, b1, W2, b2, .. or of NAME.weight and NAME.bias");
  };
  std::map<std::string, LayerNames, NaturalOrder> layers;  // by number, or by stem
  bool numbered = false;
  bool named = false;
  for (const std::string& name : names) {
    const std::optional<std::size_t> number = number_of(name);
    const std::optional<std::string> of_weights = stem_of(name, "weight");
    const std::optional<std::string> of_biases = stem_of(name, "bias");
    if (!number && !of_weights && !of_biases) fail(in_quotes(name) + " is no part of a layer");
    (number ? numbered : named) = true;
    const bool is_weights = number ? name[0] == 'W' : of_weights.has_value();
    LayerNames& layer = layers[number ? std::to_string(*number) : is_weights ? *of_weights : *of_biases];
    std::string& part = is_weights ? layer.weights : layer.biases;
    if (!part.empty()) fail(in_quotes(name) + " is there twice");
    part = name;
  }
  if (names.empty() || (numbered && named)) fail(names.empty() ? "there is no layer" : "two ways of naming are mixed");
  std::vector<LayerNames> result;
  for (const auto& [key, layer] : layers) {
    if (layer.weights.empty()) fail(in_quotes(layer.biases) + " has no weights");
    result.push_back(layer);
    if (numbered && key != std::to_string(result.size())) fail("W" + std::to_string(result.size()) + " is missing");
  }
  return result;
}

}  // namespace nadir::exchange
