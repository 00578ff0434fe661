#include "nadir/kernel/random_units.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "nadir/base/error.hpp"
#include "nadir/base/printed.hpp"
#include "nadir/kernel/fold_trainer.hpp"
#include "nadir/kernel/random_features.hpp"

namespace nadir::kernel {
namespace {

/// Features of samples, and ΦΦᵀ where it is the smaller matrix of the two that a step could factor.
class Features {
 public:
  Features(const Matrix& samples, const Matrix& units, int power, int threads)
      : phi_(random_features(samples, units, power, threads)) {
    if (phi_.rows() <= phi_.cols()) products_ = phi_ * phi_.transpose();
  }
  Gram gram() const { return products_.size() > 0 ? Gram(products_) : Gram::of_features(phi_); }
  const Matrix& phi() const { return phi_; }

 private:
  Matrix phi_, products_;
};

class RandomUnitsTrainer : public CoefficientTrainer {
 public:
  RandomUnitsTrainer(const path::Goal& goal, const path::Fold& fold, const Matrix& units, int power)
      : CoefficientTrainer(path::loss_of(goal, fold.training)),
        features_(fold.training.features, units, power, 1),
        validation_(random_features(fold.validation.features, units, power)) {}

 private:
  Gram gram() const override { return features_.gram(); }
  Matrix at_validation(const Matrix& coefficients) const override {
    return validation_ * weights_of(features_.phi(), coefficients, 1);
  }

  Features features_;
  Matrix validation_;
};

void require_room(double n, double m) {
  const double smaller = std::min(n, m), bytes = 8 * (2 * n * m + 2 * smaller * smaller);
  if (bytes <= most_bytes) return;
  throw ResourceError(
      printed("%.0f random units on %.0f training rows take %.1f GB, and at most %.0f are used; give fewer "
              "--random-units",
              m, n, 1e-9 * bytes, 1e-9 * most_bytes));
}

/// Evidence "given_units": the numbers of docs/math/kernel.md, (11), moved outward by what their rounding and the
/// verifier's can be. f_ik of the network is off by ‖xᵢ‖^α Σ_j |w_jk| times the roundings, units having norm 1.
void certify(RandomUnitsFit& fit, const TrainingLoss& loss, const Matrix& phi, const Matrix& G, double gap) {
  constexpr double unit = 0x1p-53;
  const Matrix &X = fit.training.features, &w = fit.network.unit_outputs;
  const double n = static_cast<double>(X.rows()), d = static_cast<double>(X.cols()), m = static_cast<double>(w.rows());
  const double K = static_cast<double>(w.cols());
  const Vector sizes = X.rowwise().norm().array().pow(fit.network.power);
  Matrix gradient;
  loss.gradient(fit.outputs, gradient);
  const double value = loss.value(fit.outputs) + fit.lambda / 2 * m * w.squaredNorm();
  const double slope = (sizes.transpose() * gradient.cwiseAbs()).sum() * w.lpNorm<1>();
  const double upward = 4 * unit * ((600 + n / 128 + m * K) * (1 + value) + (300 + 2 * d + m) * slope);

  // ‖ΦᵀG‖² by outputs, whose errors are relative to Σᵢ ‖φᵢ‖ |gᵢ|, and by Φ's own to Σᵢ ‖xᵢ‖^α |gᵢ|.
  const Vector lengths = phi.rowwise().norm();
  const double scale = 1 - 0x1p-42;
  double taken = 0;
  for (Index k = 0; k < G.cols(); ++k) {
    const double of_products = lengths.dot(G.col(k).cwiseAbs()), of_features = sizes.dot(G.col(k).cwiseAbs());
    const double error = 4 * unit * ((260 + n / 64 + 2 * K + m) * of_products + (2 * d + 16) * of_features);
    const double norm = (phi.transpose() * G.col(k)).norm() + error;
    taken += norm * norm / (2 * fit.lambda);
  }
  const double mean = loss.dual_value(G, scale), down = mean - scale * scale * taken * (1 + 64 * unit);
  const double downward = 4 * unit * (600 + n / 128) * (1 + std::fabs(mean) + taken + loss.value_at_zero());
  fit.certificate =
      make_certificate(value + upward, {down - downward}, loss.value_at_zero(), gap, Evidence{.kind = "given_units"});
  fit.certificate.bind(fit.training.samples(), features_sha256(fit.training), weights_sha256(fit.network));
}

}  // namespace

RandomUnitsFit fit_random_units(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                                const KernelOptions& options, std::uint64_t seed, int threads,
                                const path::FitWatch& watch) {
  validate(options, option_table());
  RandomUnitsFit fit;
  recipe = path::prepare(fit, table, rows, std::move(recipe), options);
  require_room(static_cast<double>(fit.training.samples()), options.random_units);
  const auto drawn_for = [&](const Dataset& dataset) {
    return draw_units(options.random_units, dataset.features.cols(), seed);
  };
  const Matrix units = drawn_for(fit.training);
  const Features features(fit.training.features, units, options.power, threads);
  const TrainingLoss loss = path::loss_of(fit.goal, fit.training);
  const Vector diagonal = features.phi().rowwise().squaredNorm(), &weights = fit.training.weights;
  fit.largest_lambda = weights.size() > 0 ? weights.dot(diagonal) / weights.sum() : diagonal.mean();
  if (!(fit.largest_lambda > 0)) throw InputError("all random units are 0 on all rows; give another --seed or scale");
  path::settle_lambda(fit, nullptr, options, [&] {
    const path::MakeTrainer make = [&](const path::Fold& fold) {
      return std::make_unique<RandomUnitsTrainer>(fit.goal, fold, drawn_for(fold.training), options.power);
    };
    return path::choose(fit, table, rows, recipe, options, seed, make, threads, watch);
  });
  SolverOptions solver;
  solver.gap = 0.5 * options.gap;  // the rest pays for the allowance for rounding
  solver.max_iterations = options.max_iterations, solver.time_limit = options.time_limit;
  Solution solution = solve({features.gram(), loss, fit.lambda, threads}, solver, nullptr, watch.training);
  const double root = std::sqrt(static_cast<double>(units.rows()));
  fit.network = {units, weights_of(features.phi(), solution.coefficients, threads) / root, {}, {}, options.power};
  fit.outputs = outputs(fit.network, fit.training.features, threads);
  const Matrix dual = fit.lambda * solution.coefficients;
  certify(fit, loss, features.phi(), dual, options.gap);
  fit.dual = path::dual_for_file(dual, fit.training, fit.goal.loss);
  fit.stop = solution.stop, fit.stop_sentence = std::move(solution.stop_sentence);
  fit.iterations = solution.iterations, fit.trace = std::move(solution.trace);
  return fit;
}

}  // namespace nadir::kernel
