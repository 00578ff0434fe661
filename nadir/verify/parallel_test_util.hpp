#pragma once
// Parallel sub-networks on the data of gated networks, in long double: drawn, not trained. Their bound holds at any
// weights.
#include "nadir/verify/lies_test_util.hpp"

namespace nadir::verify::planted {
/// Of the columns' Gram matrix, by its powers.
inline Real largest_singular_value(const Rows<Real>& matrix) {
  const std::size_t columns = matrix[0].size();
  std::vector<Real> v(columns, 1), next;
  Real size = 0;
  for (std::size_t k = 0; k < columns; ++k) v[k] += static_cast<Real>(k) / 7;
  for (int step = 0; step < 2000; ++step) {
    next.assign(columns, 0);
    for (const auto& row : matrix) {
      Real product = 0;
      for (std::size_t k = 0; k < columns; ++k) product += row[k] * v[k];
      for (std::size_t k = 0; k < columns; ++k) next[k] += row[k] * product;
    }
    size = norm(next);
    for (std::size_t k = 0; k < columns; ++k) v[k] = size > 0 ? next[k] / size : 0;
  }
  return std::sqrt(size);
}

struct ParallelModel : GatedModel {
  double slope = 0;
  std::size_t count = 2;             // sub-networks
  std::vector<Rows<double>> layers;  // of all of them, one below the other
  double features_norm = 0, dual_norm = 0;
  std::string extra_tensor;

  std::size_t width(std::size_t k) const { return layers[k].size() / count; }
  std::vector<Real> output(std::size_t sample) const {
    std::vector<Real> f(outputs());
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<Real> h(features[sample].begin(), features[sample].end());
      for (std::size_t k = 0; k < layers.size(); ++k) {
        for (Real& entry : h) entry *= k > 0 && entry < 0 ? slope : 1;
        std::vector<Real> next(width(k));
        for (std::size_t j = 0; j < next.size(); ++j)
          for (std::size_t l = 0; l < h.size(); ++l) next[j] += layers[k][i * width(k) + j][l] * h[l];
        h = next;
      }
      for (std::size_t k = 0; k < f.size(); ++k) f[k] += h[k];
    }
    return f;
  }
  Real cost() const {
    Real sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      Real product = 1;
      for (std::size_t k = 0; k < layers.size(); ++k) {
        Real squares = 0;
        for (std::size_t j = i * width(k); j < (i + 1) * width(k); ++j)
          for (const double w : layers[k][j]) squares += static_cast<Real>(w) * w;
        product *= std::sqrt(squares);
      }
      sum += product;
    }
    return sum;
  }
  /// F, and the dual point of these weights.
  Real network_objective() {
    Real total = lambda * cost();
    dual.assign(features.size(), {});
    std::vector<Real> gradient;
    for (std::size_t i = 0; i < features.size(); ++i) {
      total += share(i) * loss_at(i, output(i), gradient);
      for (std::size_t r = 0; r < outputs(); ++r)
        dual[i].push_back(
            loss == "softmax" && static_cast<int>(r) == labels[i] ? 0 : static_cast<double>(-share(i) * gradient[r]));
    }
    return total;
  }
  Real norm_of_dual() const {
    const Rows<Real> g = full_dual();
    if (outputs() > 1) return largest_singular_value(g);
    Real above = 0, below = 0;
    for (const auto& row : g) (row[0] > 0 ? above : below) += row[0] * row[0];
    return std::sqrt(slope == 0 ? std::max(above, below) : above + below);
  }
  /// The formula, by the norms that are stated.
  Real norms_bound() const {
    Rows<Real> g = full_dual();
    const Real q = features_norm * (outputs() > 1 ? Real(dual_norm) : norm_of_dual());
    const Real scale = std::min<Real>(1 - 0x1p-42L, lambda / q);
    Real sum = 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
      for (Real& value : g[i]) value *= scale / share(i);
      sum += dual_value(i, g[i]) * share(i);
    }
    return sum;
  }

  void rehash_layers() {
    std::string bytes = "nadir-weights 6\n";
    for (const Rows<double>& layer : layers)
      for (const auto& row : layer) bytes += bytes_of(row);
    document["certificate"]["weights_sha256"] = sha256(bytes);
  }
  void write_parallel_claims(double target_gap = 0.01) {
    const Real f = network_objective(), room = 1e-12L * (1 + f);
    Rows<Real> x;
    for (const auto& row : features) x.emplace_back(row.begin(), row.end());
    features_norm = static_cast<double>(largest_singular_value(x) * (1 + 1e-10L));
    dual_norm = static_cast<double>(norm_of_dual() * (1 + 1e-10L));
    state(f + room, norms_bound() - room, target_gap);
  }
  void state(Real upper, Real lower, double target_gap) {
    Json evidence = {{"kind", "layer_norms"}, {"features_norm", hex(features_norm)}};
    if (outputs() > 1) evidence["dual_norm"] = hex(dual_norm);
    state_claims(upper, lower, target_gap, evidence);
    rehash_layers();
  }
  std::string file() const { return Model::sealed(document.dump(), parts()); }
  std::vector<TensorPart> parts() const {
    std::vector<TensorPart> parts;
    const auto add = [&](const std::string& name, const Rows<double>& rows, std::size_t columns) {
      parts.push_back(matrix_part(name, rows, columns));
    };
    for (std::size_t k = 0; k < layers.size(); ++k)
      add("parallel." + std::to_string(k + 1), layers[k], k == 0 ? features[0].size() : 2);
    add("dual", dual, outputs());
    if (!extra_tensor.empty()) add(extra_tensor, dual, outputs());
    if (training_rows) parts.push_back({"training_rows", "BOOL", {training_rows->size()}, bytes_of(*training_rows)});
    return parts;
  }
};

/// Small weights, so that there is something to be gained; two sub-networks, hidden widths of 2.
inline ParallelModel parallel_case(const std::string& loss, std::size_t classes, std::size_t depth = 3,
                                   double slope = 0, Weights weighting = Weights::none, std::size_t samples = 12) {
  ParallelModel model;
  static_cast<GatedModel&>(model) = gated_case(loss, classes, samples, 0, weighting);
  model.slope = slope;
  std::size_t inputs = 3;
  for (std::size_t k = 1; k <= depth; ++k) {
    const std::size_t units = k < depth ? 2 : model.outputs();
    Rows<double>& layer = model.layers.emplace_back();
    for (std::size_t j = 0; j < model.count * units; ++j) {
      std::vector<double>& row = layer.emplace_back();
      for (std::size_t l = 0; l < inputs; ++l)
        row.push_back((static_cast<double>((7 * j + 5 * l + 3 * k) % 11) - 4) / 16);
    }
    inputs = units;
  }
  model.document["network"] = {{"kind", "parallel"}, {"slope", hex(slope)}};
  model.document["objective"]["penalty"] = "product_of_norms";
  model.write_parallel_claims();
  return model;
}
inline Verdict verdict_on(const ParallelModel& model) { return verify(model.file(), model.sources); }
inline void expect_accepted(const ParallelModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
}
}  // namespace nadir::verify::planted
