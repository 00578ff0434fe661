#pragma once
// ReLU networks with honest certificates: of each objective that the format has for them.
#include "nadir/verify/relu_test_util.hpp"

namespace nadir::verify::planted {
/// A network of three units, whose last feeds one output only, and its certificate.
inline ReluModel relu_case(const std::string& loss, std::size_t classes, Trees trees, std::size_t samples = 9,
                           Weights weighting = Weights::none) {
  ReluModel model;
  static_cast<GatedModel&>(model) = gated_case(loss, classes, samples, 0, weighting);
  model.gates.clear();
  model.document["network"] = {{"kind", "relu"}};
  model.document["objective"]["penalty"] = "weight_decay";
  model.units = {{1, 0.5, 0.25}, {-0.75, 1, 0.5}, {0.25, -1, 0.125}};
  for (std::size_t j = 0; j < 3; ++j)
    for (std::size_t r = 0; r < model.outputs(); ++r) {
      if (r == 0) model.unit_outputs.emplace_back();
      model.unit_outputs[j].push_back(0.25 * std::cos(static_cast<double>(5 * j + 2 * r)));
    }
  model.descend(400);
  for (std::size_t r = 1; r < model.outputs(); ++r) model.unit_outputs[2][r] = 0;
  model.write_certificate(trees);
  return model;
}

/// The same network without its penalty, in a ball that hardly holds it.
inline ReluModel constrained_case(const std::string& loss, std::size_t classes, Trees trees, std::size_t samples = 9,
                                  Weights weighting = Weights::none) {
  ReluModel model = relu_case(loss, classes, trees, samples, weighting);
  model.lambda = 0;
  model.radius = static_cast<double>(model.network_norm() * (1 + 0x1p-40L));
  model.tau = 0.875;
  model.patterns_tau = 1 - 0x1p-42;
  Json& objective = model.document["objective"];
  objective.erase("lambda");
  objective.erase("penalty");
  objective.update({{"kind", "constrained"}, {"radius", hex(model.radius)}});
  model.write_relu_claims();
  return model;
}

/// The same network with units that are shared by the outputs.
inline ReluModel shared_case(const std::string& loss, std::size_t classes, Trees trees, std::size_t samples = 9,
                             Weights weighting = Weights::none) {
  ReluModel model = relu_case(loss, classes, trees, samples, weighting);
  model.shared = true;
  model.document["objective"]["penalty"] = "shared_weight_decay";
  model.write_cells();
  model.write_relu_claims();
  return model;
}
/// The same, bounded over cones of output weights: the first ones, and two splits of the very first.
inline ReluModel coned_case(const std::string& loss, std::size_t classes, Trees trees, std::size_t samples = 9,
                            Weights weighting = Weights::none) {
  ReluModel model = shared_case(loss, classes, trees, samples, weighting);
  const auto last = static_cast<double>(model.outputs() - 1);
  std::size_t rows = 2;
  for (std::size_t k = 2; k <= model.outputs(); ++k) rows *= k;
  if (last > 0) model.output_cones = {{0, last}, {0, last}}, rows += 4;
  model.output_cones.resize(rows, {0, 0});
  model.write_certificate(trees);
  return model;
}
/// The same with output biases, moved by the steps that the units of relu_case were moved by.
inline ReluModel biased_case(const std::string& loss, std::size_t classes, Trees trees, std::size_t samples = 9,
                             Weights weighting = Weights::none) {
  ReluModel model = shared_case(loss, classes, trees, samples, weighting);
  model.bias_weight = 0.25;
  model.document["objective"]["output_bias"] = hex(model.bias_weight);
  model.biases.assign(1, std::vector<double>(model.outputs(), 0.125));
  model.descend_beside_units(200);
  model.write_certificate(trees);
  return model;
}
/// A dual point of whole multiples of 2^-40, made smaller until its sums are 0, exactly.
inline void balance_dual(ReluModel& model) {
  const bool softmax = model.loss == "softmax";
  std::vector<long> sums(model.outputs());
  Rows<long> whole;
  for (std::size_t i = 0; i < model.dual.size(); ++i) {
    whole.emplace_back();
    for (std::size_t k = 0; k < sums.size(); ++k) {
      sums[k] += whole[i].emplace_back(static_cast<long>(std::ldexp(model.dual[i][k], 40)));
      if (softmax) sums[static_cast<std::size_t>(model.labels[i])] -= whole[i][k];
    }
  }
  for (int round = 0; round < 100; ++round)
    for (std::size_t i = 0; i < whole.size(); ++i)
      for (std::size_t k = 0; k < sums.size(); ++k) {
        long &entry = whole[i][k], &own = sums[softmax ? static_cast<std::size_t>(model.labels[i]) : k];
        if (entry == 0 || (softmax ? sums[k] >= 0 || own <= 0 : (sums[k] > 0) != (entry > 0))) continue;
        const long wanted = softmax ? std::min(-sums[k], own) : std::abs(sums[k]);
        const long by = std::min(wanted, (std::abs(entry) + 1) / 2) * (entry > 0 ? 1 : -1);
        entry -= by, sums[k] -= by, own += softmax ? by : 0;
      }
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (std::size_t k = 0; k < sums.size(); ++k) model.dual[i][k] = std::ldexp(static_cast<double>(whole[i][k]), -40);
}
/// The same with output biases at no cost.
inline ReluModel free_case(const std::string& loss, std::size_t classes, Trees trees) {
  ReluModel model = biased_case(loss, classes, trees);
  model.bias_weight = 0;
  model.document["objective"]["output_bias"] = hex(0);
  model.descend_beside_units(400);
  model.write_dual();
  balance_dual(model);
  model.write_trees(trees);
  model.write_cells();
  model.write_relu_claims();
  return model;
}
/// The same with hidden biases at no cost, too.
inline ReluModel free_hidden_case(const std::string& loss, std::size_t classes, Trees trees) {
  ReluModel model = free_case(loss, classes, trees);
  model.bias_scale = 16;
  model.document["objective"]["hidden_bias"] = hex(0);
  model.write_trees(trees);
  model.write_cells();
  model.write_relu_claims();
  return model;
}
/// A linear part beside the units of another case.
inline ReluModel with_skip(ReluModel model, Trees trees) {
  model.skip_weight = 0.125;
  model.document["objective"]["skip"] = hex(model.skip_weight);
  model.skip.assign(model.features[0].size(), std::vector<double>(model.outputs(), 0.0625));
  model.descend_beside_units(300);
  model.write_certificate(trees);
  return model;
}
inline ReluModel skip_case(const std::string& loss, std::size_t classes, Trees trees, std::size_t samples = 9,
                           Weights weighting = Weights::none) {
  return with_skip(relu_case(loss, classes, trees, samples, weighting), trees);
}
/// Units shared by the outputs, biases and a linear part.
inline ReluModel biased_skip_case(const std::string& loss, std::size_t classes, Trees trees, std::size_t samples = 9,
                                  Weights weighting = Weights::none) {
  return with_skip(biased_case(loss, classes, trees, samples, weighting), trees);
}
}  // namespace nadir::verify::planted
