#pragma once
// The tiny trainer and forger of ReLU networks, in long double, with a reading of the tree of its own.
#include "nadir/verify/cones_test_util.hpp"
#include "nadir/verify/output_cones_test_util.hpp"

namespace nadir::verify::planted {
enum class Trees { full, root, split };
struct ReluModel : GatedModel {
  Rows<double> units, unit_outputs, cells, tree, relaxed, linear;
  Rows<double> output_cones;  // none: a bound of each output
  std::size_t rank = 2;
  double radius = 0, tau = 0, patterns_tau = 0;  // of the constrained form, whose lambda is 0
  bool shared = false;                           // by all outputs
  Rows<double> biases;                           // one row, or none
  Rows<double> skip;                             // inputs x outputs, or none
  double bias_weight = 0, skip_weight = 0;
  double bias_scale = 0;  // of hidden biases at no cost; 0: they cost what weights do

  /// The sum of ||u_j|| |w_jk|, or of ||u_j|| ||w_j||.
  Real network_norm() const {
    Real total = 0;
    for (std::size_t j = 0; j < units.size(); ++j) {
      std::vector<Real> sizes;
      for (const double w : unit_outputs[j]) sizes.push_back(std::fabs(w));
      std::vector<double> unit = units[j];
      if (bias_scale > 0) unit.pop_back();
      total += norm(unit) * over_outputs(sizes, true);
    }
    return total;
  }
  /// The 2-norm where units are shared; else the sum (of weights) or the largest (of bounds).
  Real over_outputs(const std::vector<Real>& values, bool of_weights) const {
    Real sum = 0, square = 0, most = 0;
    for (const Real value : values) sum += value, square += value * value, most = std::max(most, value);
    return shared ? std::sqrt(square) : of_weights ? sum : most;
  }
  /// F, and the gradient of the data term by f.
  Real relu_objective(Rows<Real>& gradient) const {
    const std::size_t n = features.size(), k = outputs();
    Real total = 0;
    gradient.assign(n, {});
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<Real> f(k);
      for (std::size_t r = 0; r < k && !biases.empty(); ++r) f[r] = biases[0].at(r);
      for (std::size_t l = 0; l < skip.size(); ++l)
        for (std::size_t r = 0; r < k; ++r) f[r] += Real(skip[l].at(r)) * features[i].at(l);
      for (std::size_t j = 0; j < units.size(); ++j)
        for (std::size_t r = 0; r < k; ++r)
          f[r] += unit_outputs[j][r] * std::max<Real>(0, inner(units[j], features[i]));
      total += loss_at(i, f, gradient[i]) * share(i);
      for (Real& value : gradient[i]) value *= share(i);
    }
    for (const auto& row : biases)
      for (const double c : row) total += Real(bias_weight) / 2 * c * c;
    for (const auto& row : skip)
      for (const double v : row) total += Real(skip_weight) / 2 * v * v;
    return total + lambda * network_norm();
  }
  /// What bounds see, and the room that they leave for it.
  Rows<double> seen() const {
    Rows<double> rows = features;
    for (auto& row : rows) row.back() = bias_scale > 0 ? bias_scale : row.back();
    return rows;
  }
  Real room_of_biases() const {
    Real most = 0;
    for (auto row : features) row.pop_back(), most = std::max(most, norm(row));
    return bias_scale > 0 ? std::sqrt(1 + most * most / (Real(bias_scale) * bias_scale)) : 1;
  }
  Polar polar(const std::vector<double>& direction) const {
    Polar result{seen(), {}};
    for (const auto& row : full_dual()) {
      double sum = 0, size = 0;
      for (std::size_t k = 0; k < row.size(); ++k) {
        const double product = direction[k] * static_cast<double>(row[k]);
        sum += product, size += std::fabs(product);
      }
      result.g.push_back(std::fabs(sum) <= 0x1p-44 * size ? 0 : sum);
    }
    return result;
  }
  Polar polar(std::size_t k, double s) const {
    std::vector<double> direction(outputs());
    direction.at(k) = s;
    return polar(direction);
  }
  OutputWeights weights_of_outputs() const { return output_weights(output_cones, outputs()); }
  /// The q that follows from bounds in each direction.
  Real over_directions(const std::vector<Real>& bounds) const {
    if (!output_cones.empty()) return over_cones(weights_of_outputs(), bounds);
    std::vector<Real> of_output;
    for (std::size_t v = 0; v < bounds.size(); v += 2) of_output.push_back(std::max(bounds[v], bounds[v + 1]));
    return over_outputs(of_output, false);
  }
  std::vector<int> cell(std::size_t j) const {
    std::vector<int> signs;
    for (const auto& row : features) signs.push_back(inner(units[j], row) >= 0 ? 1 : -1);
    return signs;
  }
  template <class Visit>
  void for_each_cell(const Visit& visit) const {
    std::size_t row = 0;
    const Rows<double> directions = weights_of_outputs().directions;
    for (std::size_t j = 0; j < units.size(); ++j)
      for (std::size_t v = 0; v < directions.size(); ++v)
        if (shared || unit_outputs[j][v / 2] != 0) visit(j, v, polar(directions[v]), row++);
  }
  void write_cells() {
    cells.clear();
    for_each_cell(
        [&](std::size_t j, std::size_t, const Polar& of, std::size_t) { cells.push_back(of.multipliers(cell(j))); });
  }
  Real patterns_polar() const {
    Rows<Real> bounds(units.size(), std::vector<Real>(weights_of_outputs().directions.size()));
    std::size_t rows = 0;
    for_each_cell([&](std::size_t j, std::size_t v, const Polar& of, std::size_t row) {
      bounds[j][v] = of.linear(cell(j), cells.at(row));
      ++rows;
    });
    demand(rows == cells.size(), "cells");
    Real q = 0;
    for (const auto& of_unit : bounds) q = std::max(q, over_directions(of_unit));
    return q;
  }
  /// What the tree proves of rho; throws where it is none.
  Real tree_polar() const;
  /// What G proves where rho is at most q; in the constrained form, scaled by `scale`.
  Real bound_with(Real q, double scale = 0) const {
    q *= room_of_biases();
    Rows<Real> g = full_dual();
    const Real factor = radius > 0 ? scale : std::min<Real>(1 - 0x1p-42L, lambda / q);
    Real sum = -factor * radius * q;
    for (std::size_t i = 0; i < g.size(); ++i) {
      for (Real& value : g[i]) value *= factor / share(i);
      sum += dual_value(i, g[i]) * share(i);
    }
    const Rows<Real> full = full_dual();
    for (std::size_t k = 0; k < outputs(); ++k) {
      Real total = 0;
      for (const auto& row : full) total += factor * row[k];
      if (bias_weight > 0) sum -= total * total / (2 * Real(bias_weight));
      for (std::size_t l = 0; l < features[0].size() && skip_weight > 0; ++l) {
        total = 0;
        for (std::size_t i = 0; i < full.size(); ++i) total += factor * full[i][k] * features[i][l];
        sum -= total * total / (2 * Real(skip_weight));
      }
    }
    return sum;
  }
  void descend(int steps);
  /// The same for biases and linear part, where there are any.
  void descend_beside_units(int steps);
  /// Splits rows first ... count - 1 of those with g > 0, down to linear bounds of all they decide.
  void full_tree(const Polar& of, std::vector<int>& signs, int splits);
  void quadratic_leaf(const Polar& of, const std::vector<int>& known, int splits, double pi0);
  /// A quadratic bound of the whole space; or one of each half and quarter that splits of rows 0 and 1 make.
  void quadratic_tree(const Polar& of, int splits);
  void write_trees(Trees trees);
  void write_dual();
  void write_relu_claims(double target_gap = 0.5);
  /// The zero network.
  ReluModel of_no_unit() const {
    ReluModel nothing = *this;
    nothing.units.clear(), nothing.biases.clear(), nothing.skip.clear();
    return nothing;
  }
  void write_certificate(Trees trees) {
    write_dual();
    write_trees(trees);
    write_cells();
    write_relu_claims();
  }
  void rehash_relu() {
    document["certificate"]["weights_sha256"] = hash_of("nadir-weights 3\n", {&units, &unit_outputs, &biases, &skip});
  }
  std::vector<TensorPart> parts() const {
    std::vector<TensorPart> all;
    const auto add = [&](const std::string& name, const Rows<double>& rows, std::size_t columns) {
      all.push_back(matrix_part(name, rows, columns));
    };
    add("units", units, features[0].size());
    add("unit_outputs", unit_outputs, outputs());
    add("dual", dual, outputs());
    add("cells", cells, features.size());
    add("tree", tree, 5);
    add("relaxed", relaxed, rank);
    add("linear", linear, features.size());
    if (!output_cones.empty()) add("output_cones", output_cones, 2);
    if (!biases.empty()) add("output_bias", biases, outputs());
    if (!skip.empty()) add("skip", skip, outputs());
    if (training_rows) all.push_back({"training_rows", "BOOL", {training_rows->size()}, bytes_of(*training_rows)});
    return all;
  }
  std::string file() const { return Model::sealed(document.dump(), parts()); }
};

/// Reads the trees of a list, one after the other.
class TreeReader {
 public:
  explicit TreeReader(const ReluModel& model) : model_(model) {}
  /// What the next tree proves of this polar; throws where it is none.
  Real over(const Polar& of) {
    largest_ = 0;
    walk(of);
    return largest_;
  }
  bool at_end() const {
    return node_ == model_.tree.size() && z_row_ == model_.relaxed.size() && t_row_ == model_.linear.size();
  }

 private:
  static std::size_t whole_below(double value, std::size_t end) {
    demand(value >= 0 && value < static_cast<double>(end) && value == std::floor(value), "whole");
    return static_cast<std::size_t>(value);
  }
  void walk(const Polar& of) {
    const std::vector<double> row = model_.tree.at(node_++);
    demand(row.size() == 5, "columns");
    const bool numbers = row[2] == 0 && row[3] == 0 && row[4] == 0;
    if (row[0] == 0) {
      const std::size_t i = whole_below(row[1], model_.features.size());
      demand(numbers, "a split");
      for (const auto& [other, sign] : path_) demand(other != i, "split twice");
      for (const int sign : {1, -1}) {
        path_.emplace_back(i, sign);
        walk(of);
        path_.pop_back();
      }
      return;
    }
    std::vector<int> signs(model_.features.size());
    const std::size_t known = whole_below(row[1], path_.size() + 1);
    for (std::size_t a = 0; a < known; ++a) signs[path_[a].first] = path_[a].second;
    if (row[0] == 2) {
      demand(numbers, "a leaf");
      largest_ = std::max(largest_, of.linear(signs, model_.linear.at(t_row_++)));
      return;
    }
    demand(row[0] == 1, "kind");
    Rows<double> z;
    for (std::size_t j = 0; j < model_.features[0].size(); ++j) z.push_back(model_.relaxed.at(z_row_++));
    const Real bound = of.quadratic(signs, z, row[2], row[3], row[4]);
    demand(bound < 1e300L, "mu");
    largest_ = std::max(largest_, bound);
  }
  const ReluModel& model_;
  std::size_t node_ = 0, z_row_ = 0, t_row_ = 0;
  std::vector<std::pair<std::size_t, int>> path_;
  Real largest_ = 0;
};

inline Real ReluModel::tree_polar() const {
  TreeReader reader(*this);
  std::vector<Real> bounds;
  for (const auto& direction : weights_of_outputs().directions) bounds.push_back(reader.over(polar(direction)));
  demand(reader.at_end(), "left over");
  return over_directions(bounds);
}

/// Gradient steps on F with the penalty replaced by weight decay, from the units that are there.
inline void ReluModel::descend(int steps) {
  for (int step = 0; step < steps; ++step) {
    Rows<Real> gradient;
    relu_objective(gradient);
    for (std::size_t j = 0; j < units.size(); ++j) {
      std::vector<Real> by_unit(units[j].begin(), units[j].end()),
          by_output(unit_outputs[j].begin(), unit_outputs[j].end());
      for (Real& value : by_unit) value *= lambda;
      for (Real& value : by_output) value *= lambda;
      for (std::size_t i = 0; i < features.size(); ++i) {
        const Real z = inner(units[j], features[i]);
        for (std::size_t r = 0; z > 0 && r < outputs(); ++r) {
          by_output[r] += gradient[i][r] * z;
          for (std::size_t l = 0; l < by_unit.size(); ++l)
            by_unit[l] += gradient[i][r] * unit_outputs[j][r] * features[i][l];
        }
      }
      for (std::size_t l = 0; l < by_unit.size(); ++l) units[j][l] -= static_cast<double>(0.2L * by_unit[l]);
      for (std::size_t r = 0; r < outputs(); ++r) unit_outputs[j][r] -= static_cast<double>(0.2L * by_output[r]);
    }
  }
}

inline void ReluModel::descend_beside_units(int steps) {
  for (int step = 0; step < steps; ++step) {
    Rows<Real> gradient;
    relu_objective(gradient);
    for (std::size_t r = 0; r < outputs(); ++r) {
      for (auto& row : biases) {
        Real slope = Real(bias_weight) * row[r];
        for (const auto& of_sample : gradient) slope += of_sample[r];
        row[r] -= static_cast<double>(0.2L * slope);
      }
      for (std::size_t l = 0; l < skip.size(); ++l) {
        Real slope = Real(skip_weight) * skip[l][r];
        for (std::size_t i = 0; i < gradient.size(); ++i) slope += gradient[i][r] * features[i][l];
        skip[l][r] -= static_cast<double>(0.2L * slope);
      }
    }
  }
}

inline void ReluModel::write_dual() {
  Rows<Real> gradient;
  relu_objective(gradient);
  dual.assign(features.size(), {});
  for (std::size_t i = 0; i < features.size(); ++i)
    for (std::size_t r = 0; r < outputs(); ++r) {
      const bool own = loss == "softmax" && static_cast<int>(r) == labels[i];
      dual[i].push_back(own ? 0 : static_cast<double>(-gradient[i][r]));
    }
}

inline void ReluModel::full_tree(const Polar& of, std::vector<int>& signs, int splits) {
  for (std::size_t i = 0; i < signs.size(); ++i) {
    if (signs[i] != 0 || of.g[i] <= 0) continue;
    tree.push_back({0, static_cast<double>(i), 0, 0, 0});
    for (const int sign : {1, -1}) {
      signs[i] = sign;
      full_tree(of, signs, splits + 1);
    }
    signs[i] = 0;
    return;
  }
  tree.push_back({2, static_cast<double>(splits), 0, 0, 0});
  linear.push_back(of.multipliers(signs));
}

inline void ReluModel::quadratic_leaf(const Polar& of, const std::vector<int>& known, int splits, double pi0) {
  Rows<double> z;
  for (std::size_t j = 0; j < features[0].size(); ++j) {
    z.emplace_back();
    for (std::size_t k = 0; k < rank; ++k)
      z.back().push_back(std::sin(1 + static_cast<double>(3 * j + 7 * k + tree.size())) / (k == 0 ? 1 : 4));
  }
  relaxed.insert(relaxed.end(), z.begin(), z.end());
  tree.push_back({1, static_cast<double>(splits), 0.01, pi0, of.best_mu(known, z, 0.01, pi0)});
}

inline void ReluModel::quadratic_tree(const Polar& of, int splits) {
  std::vector<int> signs(features.size());
  if (splits == 0) return quadratic_leaf(of, signs, 0, 0);
  tree.push_back({0, 1, 0, 0, 0});
  signs[1] = 1;
  quadratic_leaf(of, signs, 1, 0.02);
  tree.push_back({0, 0, 0, 0, 0});
  signs[1] = -1;
  signs[0] = 1;
  quadratic_leaf(of, signs, 2, 0.02);
  signs[0] = 0;
  quadratic_leaf(of, signs, 1, 0.01);  // reads one split of two
}

inline void ReluModel::write_trees(Trees trees) {
  tree.clear(), linear.clear(), relaxed.clear();
  for (const auto& direction : weights_of_outputs().directions) {
    std::vector<int> signs(features.size());
    if (trees == Trees::full) full_tree(polar(direction), signs, 0);
    if (trees != Trees::full) quadratic_tree(polar(direction), trees == Trees::root ? 0 : 2);
  }
}

/// What an honest trainer states of what is there: with a margin for rounding.
inline void ReluModel::write_relu_claims(double target_gap) {
  Rows<Real> gradient;
  const Real f = relu_objective(gradient), margin = 1e-11L * (1 + f);
  ReluModel nothing = of_no_unit();
  const auto upper = static_cast<double>(f + margin), at_zero = static_cast<double>(nothing.relu_objective(gradient)),
             lower = static_cast<double>(bound_with(tree_polar(), tau) - margin),
             patterns = static_cast<double>(bound_with(patterns_polar(), patterns_tau) - margin);
  document["certificate"] = claims_between(upper, lower, at_zero, target_gap);
  document["certificate"].update({{"samples", features.size()},
                                  {"evidence",
                                   {{"kind", "relu_polar"},
                                    {"patterns_lower_bound", hex(patterns)},
                                    {"patterns_relative_gap", hex((upper - patterns) / (at_zero - patterns))}}}});
  if (bias_scale > 0) document["certificate"]["evidence"]["bias_scale"] = hex(bias_scale);
  if (radius > 0) document["certificate"]["evidence"].update({{"tau", hex(tau)}, {"patterns_tau", hex(patterns_tau)}});
  rehash_relu();
  rehash_features();
}

}  // namespace nadir::verify::planted
