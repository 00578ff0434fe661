#include "nadir/convex/proof.hpp"

#include <algorithm>
#include <cmath>

namespace nadir::convex {
namespace {

/// Roundings, relative to the whole, of sums over so many groups, and of singular values as nadir-verify encloses them;
/// for the group lasso the other terms are enough.
double roundings_of(Penalty penalty, double groups, double K, double d) {
  switch (penalty) {
    case Penalty::group:
      return 0;
    case Penalty::nuclear:
      return 16 * (d + K * K) * K + 4 * groups;
    case Penalty::l1:
      return 4 * groups * d;
    case Penalty::features:
      return 4 * (groups + d);
  }
  return 0;
}

}  // namespace

ProvenInterval prove(const GroupProblem& problem, const Iterate& at, const Matrix& dual) {
  constexpr double unit = 0x1p-53;
  const SampleRows& X = problem.products.features();
  const double n = static_cast<double>(X.rows()), d = static_cast<double>(X.cols());
  const double K = static_cast<double>(problem.outputs()), groups = static_cast<double>(at.groups.size());
  const Vector sizes = row_norms(X);

  Matrix f;
  problem.products.forward(at.groups, at.weights, problem.outputs(), f);
  const double paid = problem.lambda * norm_of(problem.penalty, at.groups, at.weights);
  const double norms = norm_of(Penalty::group, at.groups, at.weights), value = problem.loss.value(f) + paid;
  Matrix gradient;
  problem.loss.gradient(f, gradient);
  // Σᵢ ‖x⁽ⁱ⁾‖ |∂L/∂f_ik|: how much an error relative to ‖x‖ Σ‖v‖ in the outputs moves L.
  const double slope = (sizes.transpose() * gradient.cwiseAbs()).sum();
  const double outward = 2 * unit * ((600 + n / 128) * (1 + value) + (300 + d / 64 + groups / 8) * slope * norms) +
                         unit * roundings_of(problem.penalty, groups, K, d) * paid;

  const double q = polar_of_all(problem.penalty, problem.products, dual).whole;
  const double all = static_cast<double>(problem.products.patterns().gates()) * K;
  // Rows of which the errors come together.
  const double together = problem.penalty == Penalty::nuclear    ? std::sqrt(K)
                          : problem.penalty == Penalty::features ? std::sqrt(all)
                                                                 : 1;
  const double q_error =
      2 * unit * (260 + n / 64 + 2 * K + d) * together * (sizes.transpose() * dual.cwiseAbs()).maxCoeff() +
      unit * roundings_of(problem.penalty, all, K, d) * q;
  const double most = std::min(1 - 0x1p-42, problem.lambda / (q + q_error) * (1 - 8 * unit));
  const double least = std::min(most, problem.lambda / (q + 2 * q_error));
  const double down = std::min(problem.loss.dual_value(dual, most), problem.loss.dual_value(dual, least * (1 - 1e-15)));
  const double margin = 2 * unit * (600 + n / 128) * (1 + std::fabs(down) + problem.loss.value_at_zero());
  return {value + outward, {down - margin}};
}

}  // namespace nadir::convex
