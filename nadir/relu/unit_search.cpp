#include "nadir/relu/unit_search.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/polar/power_polar.hpp"

namespace nadir::relu {

std::vector<Candidate> search_units(const Problem& problem, const Matrix& G, const Units& units, const Effort& effort,
                                    std::uint64_t seed) {
  const polar::LocalSearchOptions base = search_options(problem, effort, seed);
  std::vector<Candidate> all;
  polar::ReluPolar one{problem.features, Vector()};
  const auto witnesses = [&](const Matrix& given, const polar::LocalSearchOptions& options) {
    if (problem.power == 1) return polar::local_search(one, given, options);
    return polar::local_search(polar::PowerPolar{one.features, one.weights, problem.power}, given, options);
  };
  for (Index k = 0; k < G.cols(); ++k)
    for (const int sign : {1, -1}) {
      const Matrix given = units.directions_of(k, sign);
      polar::LocalSearchOptions options = base;
      options.polished = options.witnesses = base.witnesses + static_cast<int>(given.rows());
      one.weights = sign * G.col(k);
      for (polar::Witness& witness : witnesses(given, options)) all.push_back({std::move(witness), k, sign});
    }
  return all;
}

double largest_value(const std::vector<Candidate>& candidates) {
  double most = 0;
  for (const Candidate& one : candidates) most = std::max(most, one.witness.value);
  return most;
}

bool is_among(const Units& units, const Candidate& candidate, double distinct) {
  for (Index j = 0; j < units.count(); ++j)
    if (units.outputs[static_cast<std::size_t>(j)] == candidate.output && units.weights[j] * candidate.sign > 0 &&
        units.directions.row(j).dot(candidate.witness.u) > distinct)
      return true;
  return false;
}

std::vector<int> signs_of(const Units& units) {
  std::vector<int> signs;
  for (Index j = 0; j < units.count(); ++j) signs.push_back(units.weights[j] < 0 ? -1 : 1);
  return signs;
}

void merge(const Problem& problem, Iterate& at) {
  constexpr double same = 1 - 1e-6;
  Iterate merged = at;
  Units& units = merged.units;
  std::vector<bool> kept(static_cast<std::size_t>(units.count()), true);
  for (Index j = 0; j < units.count(); ++j)
    for (Index l = 0; l < j; ++l) {
      const auto a = static_cast<std::size_t>(j), b = static_cast<std::size_t>(l);
      if (!kept[a] || !kept[b] || units.outputs[a] != units.outputs[b]) continue;
      if (!(units.weights[j] * units.weights[l] > 0)) continue;
      if (!(units.directions.row(j).dot(units.directions.row(l)) > same)) continue;
      const Vector sum =
          (units.weights[j] * units.directions.row(j) + units.weights[l] * units.directions.row(l)).transpose();
      const double size = problem.power == 1 ? sum.norm() : std::fabs(units.weights[j] + units.weights[l]);
      units.directions.row(l) = std::copysign(1 / sum.norm(), units.weights[l]) * sum.transpose();
      units.weights[l] = std::copysign(size, units.weights[l]);
      kept[a] = false;
    }
  units.keep(kept);
  if (units.count() == at.units.count()) return;
  evaluate(problem, merged);
  if (merged.objective <= at.objective * (1 + 1e-9)) at = std::move(merged);
}

}  // namespace nadir::relu
