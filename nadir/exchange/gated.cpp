#include "nadir/exchange/gated.hpp"

#include <algorithm>
#include <map>

#include "nadir/base/error.hpp"
#include "nadir/exchange/arrays.hpp"
#include "nadir/exchange/onnx_formula.hpp"

namespace nadir::exchange {
namespace {

/// The factor of a weight that takes feature `from` into one that takes `to`.
double factor_between(const Feature& from, const Feature& to, const std::string& name) {
  Feature alike = from;
  alike.range = to.range, alike.unit = to.unit;
  if (!(alike == to) || (from.range != to.range && !from.is_linear()))
    throw InputError(name + ": its gates and its weights take different features");
  return to.range / from.range / from.unit;
}

/// g of the weights' features, with the constant behind them or without.
Vector gate_on(const FeatureList& features, const Gate& gate, bool constant, const std::string& name) {
  const auto count = static_cast<Index>(features->size());
  if (gate.list->size() != features->size())
    throw InputError(name + ": its gates and its weights take different features");
  Vector g(count + (constant ? 1 : 0));
  for (Index j = 0; j < count; ++j)
    g[j] = gate.g[j] *
           factor_between((*gate.list)[static_cast<std::size_t>(j)], (*features)[static_cast<std::size_t>(j)], name);
  if (constant) g[count] = gate.g[count];
  return g;
}

/// Gates that have a term, in the order of the graph; first the one that is always open, g = 0, if one is.
ReadGated gated_of(const OnnxFormula& formula, const std::string& name) {
  const SumTensor& f = formula.output;
  std::map<Index, Index> places;
  for (const Index gate : f.gate) places.emplace(gate, 0);
  if (places.empty()) places.emplace(always, 0);
  Index next = 0;
  for (auto& [gate, place] : places) place = next++;
  const Index inputs = static_cast<Index>(formula.features->size()) + (formula.constant ? 1 : 0);
  ReadGated result;
  GatedNetwork& network = result.network;
  network.outputs = entries(f.sizes);
  if (static_cast<double>(next) * static_cast<double>(network.outputs + 1) * static_cast<double>(inputs) >
      static_cast<double>(max_weights))
    throw InputError(name + ": is a gated network of more than " + std::to_string(max_weights) + " numbers");
  network.gates = Matrix::Zero(next, inputs);
  network.weights = Matrix::Zero(next * network.outputs, inputs);
  for (const auto& [gate, place] : places) {
    if (gate == always) continue;
    const Gate& it = formula.gates[static_cast<std::size_t>(gate)];
    network.gates.row(place) = gate_on(formula.features, it, formula.constant, name).transpose();
    if (it.strict) result.strict.push_back(place);
  }
  for (std::size_t t = 0; t < f.entry.size(); ++t)
    network.weights.row(places.at(f.gate[t]) * network.outputs + f.entry[t]) +=
        f.v.row(static_cast<Index>(t)).head(inputs);
  if (!network.gates.allFinite() || !network.weights.allFinite())
    throw InputError(name + ": a gate or a weight is infinite or not a number");
  result.scale = formula.scale, result.source = formula.source;
  return result;
}

}  // namespace

ReadGated read_gated(const std::filesystem::path& path) {
  return read_gated_from_bytes(network_bytes(path), path.string());
}

ReadGated read_gated_from_bytes(std::string_view bytes, const std::string& name) {
  ReadGated result;
  const auto take = [&](const Arrays& arrays) {
    const auto fail = [&](const std::string& why) { arrays.chain.fail(why); };
    std::vector<std::string> names = arrays.names;
    std::sort(names.begin(), names.end());
    const bool letters = names == std::vector<std::string>{"G", "V"};
    if (!letters && names != std::vector<std::string>{"gates", "weights"})
      fail("a gated network is an array of gates, G, and one of weights, V (or gates, weights), and no other");
    GatedNetwork& network = result.network;
    network.gates = arrays.load(names[0], 2), network.weights = arrays.load(names[1], 2);
    if (network.weights.cols() != network.gates.cols() || network.weights.rows() % network.gates.rows() != 0)
      fail(
          "gates are gates x inputs, and weights (gates outputs) x inputs, a row for each gate and output, but here "
          "are " +
          std::to_string(network.gates.rows()) + " x " + std::to_string(network.gates.cols()) + " and " +
          std::to_string(network.weights.rows()) + " x " + std::to_string(network.weights.cols()));
    if (!network.gates.allFinite() || !network.weights.allFinite())
      fail("a gate or a weight is infinite or not a number");
    network.outputs = network.weights.rows() / network.gates.rows();
    result.source = arrays.source;
  };
  return take_arrays(bytes, name, take) ? result : gated_of(read_formula(bytes, name, FormulaKind::gated), name);
}

}  // namespace nadir::exchange
