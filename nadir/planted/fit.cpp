#include "nadir/planted/fit.hpp"

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"

namespace nadir::planted {
namespace {

/// Rows N(0, s² I) with s such that A u is about as large as y.
Matrix random_units(const Matrix& A, const Vector& y, Index m, std::uint64_t seed) {
  Random random(seed);
  const double size = A.norm() / std::sqrt(static_cast<double>(A.cols()));
  const double s = size > 0 && y.norm() > 0 ? y.norm() / (size * std::sqrt(static_cast<double>(A.cols() * m))) : 1;
  Matrix U(m, A.cols());
  for (Index j = 0; j < m; ++j)
    for (Index l = 0; l < U.cols(); ++l) U(j, l) = s * random.normal();
  return U;
}

std::string theorem_for(const PlantedFit& fit, const PlantedOptions& options) {
  if (options.descent != "regularized") return "none: plain gradient descent may end anywhere";
  if (options.neurons == 1) {
    const std::string relaxation =
        "one unit: its relaxation is convex, and exact if the targets are those of such a unit";
    return fit.negative == 0 ? relaxation : relaxation + "; they are not, as some are below 0";
  }
  if (fit.training.samples() > fit.training.features.cols())
    return "none: several units, and more samples than features";
  if (!(fit.row_condition > 0)) return "none: some samples depend on others";
  return options.precondition == "on" ? "every target above 0 is reached, from any start"
                                      : "a point at which this method rests reaches every target above 0";
}

}  // namespace

Certificate certify(const Dataset& dataset, const ReluNetwork& network, double gap) {
  const Matrix& A = dataset.features;
  const Vector& y = dataset.targets;
  const auto n = static_cast<double>(y.size());
  const Vector f = outputs(network, A).col(0);
  const double roundings = static_cast<double>(4 * (A.cols() + network.units.rows() + 8)) * 0x1p-53;
  const Vector errors = (roundings * network.units.rowwise().norm().sum()) * A.rowwise().norm();
  const double loss = ((f - y).cwiseAbs() + errors).squaredNorm() / (2 * n) * (1 + 1e-13);
  if (!std::isfinite(loss)) throw InputError("the network's loss is not a finite number");
  const double bound = y.cwiseMin(0).squaredNorm() / (2 * n) * (1 - 1e-13);
  Certificate certificate = make_certificate(loss, ProvenLowerBound{bound}, y.squaredNorm() / (2 * n), gap,
                                             Evidence{.kind = "nonnegative_outputs"});
  certificate.bind(dataset.samples(), features_sha256(dataset), weights_sha256(network));
  return certificate;
}

PlantedFit fit(const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe,
               const PlantedOptions& options, std::uint64_t seed, const Watch& watch) {
  validate(options, option_table());
  RecipeOptions unscaled = recipe;
  unscaled.target_scale = "none";
  unscaled.bias = options.intercept == "on";
  PlantedFit fit;
  fit.recipe = fit_recipe(table, rows, unscaled, &fit.ignored);
  if (!fit.recipe.quantity)
    throw UsageError("sums of ReLU units are fitted to a quantity, and the target " + fit.recipe.target_name +
                     " is a class; ask for --task regression if its numbers are quantities, or leave --method out");
  fit.training = apply_recipe(fit.recipe, table, rows);
  const Matrix& A = fit.training.features;
  const Vector reachable = fit.training.targets.cwiseMax(0);
  fit.negative = (fit.training.targets.array() < 0).count();
  const Directions directions(A, options.precondition == "on");
  fit.row_condition = directions.row_condition();
  const double scale = fit.training.targets.squaredNorm() / 2;
  fit.descent = minimize(A, reachable, directions, random_units(A, reachable, options.neurons, seed),
                         options.gap * scale / 4, options, watch);
  fit.network = {fit.descent.units, Matrix::Ones(fit.descent.units.rows(), 1)};
  const Matrix z = A * fit.network.units.transpose();
  for (Index i = 0; i < z.rows(); ++i) fit.dead += reachable[i] > 0 && (z.row(i).array() < 0).all() ? 1 : 0;
  fit.theorem = theorem_for(fit, options);
  fit.certificate = certify(fit.training, fit.network, options.gap);
  return fit;
}

}  // namespace nadir::planted
