#pragma once
// Parallel sub-networks bounded by the units of their first layer (section 6.11), in long double.
#include "nadir/verify/parallel_test_util.hpp"
#include "nadir/verify/relu_test_util.hpp"

namespace nadir::verify::planted {
struct UnitsModel : ParallelModel {
  ReluModel evidence;  // its dual, trees and cones of outputs
  Rows<double> scalings;

  bool deep() const { return layers.size() > 2; }
  std::vector<std::vector<double>> directions() const { return evidence.weights_of_outputs().directions; }
  /// h with the entries below 0 times `scaling`; and their sizes.
  Polar rest(const std::vector<double>& v, double scaling) const {
    Polar of = evidence.polar(v);
    for (double& entry : of.g) entry = entry < 0 ? entry * scaling : entry;
    return of;
  }
  Polar below(const std::vector<double>& v) const {
    Polar of = evidence.polar(v);
    for (double& entry : of.g) entry = std::max(0.0, -entry);
    return of;
  }
  /// The q of the formulas; throws where the trees are none.
  Real units_polar() const {
    TreeReader reader(evidence);
    std::vector<Real> bounds;
    for (std::size_t v = 0; v < directions().size(); ++v) {
      const double scaling = deep() ? scalings.at(v).at(0) : 1;
      Real r = reader.over(rest(directions()[v], scaling));
      if (deep() && scaling > 0) r = std::max(r, Real(scaling) * reader.over(below(directions()[v])));
      bounds.push_back(r);
    }
    demand(reader.at_end(), "left over");
    return evidence.over_directions(bounds);
  }
  /// Trees for these scalings: of linear bounds where there are any, else of quadratic ones.
  void write_trees(bool full) {
    evidence.tree.clear(), evidence.linear.clear(), evidence.relaxed.clear();
    const auto write = [&](const Polar& of) {
      std::vector<int> signs(features.size());
      if (full)
        evidence.full_tree(of, signs, 0);
      else
        evidence.quadratic_tree(of, 2);
    };
    for (std::size_t v = 0; v < directions().size(); ++v) {
      const double scaling = deep() ? scalings[v][0] : 1;
      write(rest(directions()[v], scaling));
      if (deep() && scaling > 0) write(below(directions()[v]));
    }
  }
  void write_units_claims(double target_gap = 0.01) {
    const Real f = network_objective();
    evidence.dual = dual;
    state_units(f + 1e-12L * (1 + f), evidence.bound_with(units_polar()) - 1e-11L * (1 + f), target_gap);
  }
  void state_units(Real upper, Real lower, double target_gap = 0.01) {
    state(upper, lower, target_gap);
    document["certificate"]["evidence"] = {{"kind", "layer_units"}};
  }
  std::string units_file() const {
    std::vector<TensorPart> all = parts();
    for (TensorPart& part : evidence.parts())
      if (part.name == "tree" || part.name == "relaxed" || part.name == "linear" || part.name == "output_cones")
        all.push_back(std::move(part));
    std::string bytes;
    for (const auto& row : scalings) bytes += bytes_of(row);
    if (!scalings.empty()) all.push_back({"scalings", "F64", {scalings.size(), scalings[0].size()}, bytes});
    return Model::sealed(document.dump(), all);
  }
};

/// Of `depth` layers; with `cones`, over cones of output weights.
inline UnitsModel units_case(const std::string& loss, std::size_t classes, std::size_t depth = 3, bool full = true,
                             bool cones = false, Weights weighting = Weights::none) {
  UnitsModel model;
  static_cast<ParallelModel&>(model) = parallel_case(loss, classes, depth, 0, weighting, 8);
  static_cast<GatedModel&>(model.evidence) = model;
  model.evidence.shared = true;
  if (cones) {
    std::size_t rows = 2;
    for (std::size_t k = 2; k <= model.outputs(); ++k) rows *= k;
    model.evidence.output_cones.assign(rows, {0, 0});
  }
  for (std::size_t v = 0; depth > 2 && v < model.directions().size(); ++v)
    model.scalings.push_back({v % 3 == 2 ? 0 : 0.25 + 0.125 * static_cast<double>(v % 5)});
  model.network_objective();
  model.evidence.dual = model.dual;
  model.write_trees(full);
  model.write_units_claims();
  return model;
}
inline Verdict verdict_on(const UnitsModel& model) { return verify(model.units_file(), model.sources); }
inline void expect_accepted(const UnitsModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
}
}  // namespace nadir::verify::planted
