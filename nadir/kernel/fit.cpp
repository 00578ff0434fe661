#include "nadir/kernel/fit.hpp"

#include <memory>

#include "nadir/base/error.hpp"
#include "nadir/base/printed.hpp"
#include "nadir/kernel/fold_trainer.hpp"
#include "nadir/kernel/proof.hpp"

namespace nadir::kernel {
namespace {

class KernelTrainer : public CoefficientTrainer {
 public:
  KernelTrainer(const path::Goal& goal, const path::Fold& fold, int power)
      : CoefficientTrainer(path::loss_of(goal, fold.training)),
        directions_(directions_of(fold.training.features, power)),
        kernel_(arc_cosine_kernel(directions_)),
        to_validation_(arc_cosine_kernel(directions_of(fold.validation.features, power), directions_)) {}

 private:
  Gram gram() const override { return kernel_; }
  Matrix at_validation(const Matrix& coefficients) const override { return to_validation_ * coefficients; }

  Directions directions_;
  Matrix kernel_, to_validation_;
};

void require_size(const Dataset& training) {
  const Index n = training.samples();
  if (n <= most_rows) return;
  const auto rows = static_cast<double>(n);
  throw ResourceError(
      printed("%ld training rows make a kernel matrix of %.1f GB; the kernel method takes at most %ld: "
              "give --random-units 1000, keep the others out by --holdout %.2f, or choose --method gated",
              static_cast<long>(n), 8e-9 * rows * rows, static_cast<long>(most_rows),
              1 - 0.99 * static_cast<double>(most_rows) / rows));
}

/// The verifier wants squares of the norms within the range of doubles.
void require_norms(const Matrix& features, const std::vector<Index>& rows) {
  for (Index i = 0; i < features.rows(); ++i) {
    const double norm = features.row(i).stableNorm();
    if (norm != 0 && !(norm >= 0x1p-399 && norm <= 0x1p399))
      throw InputError(
          printed("row %ld has features of the norm %.3g, which is out of the range of the kernel method; "
                  "scale them, or leave the row out",
                  static_cast<long>(rows[static_cast<std::size_t>(i)] + 1), norm));
  }
}

/// λ₀ = Σ sᵢ k(xᵢ, xᵢ).
double scale_of(const Directions& samples, const Vector& weights) {
  const Vector diagonal = arc_cosine_diagonal(samples);
  return weights.size() > 0 ? weights.dot(diagonal) / weights.sum() : diagonal.mean();
}

/// Null unless the machine's coefficients are those of these samples.
const Matrix* start_from(const KernelMachine* machine, const KernelFit& fit, const TrainingLoss& loss, int power) {
  const Matrix& features = fit.training.features;
  if (machine == nullptr || machine->power != power || machine->outputs() != loss.outputs()) return nullptr;
  if (machine->samples.rows() != features.rows() || machine->samples.cols() != features.cols()) return nullptr;
  return machine->samples == features ? &machine->coefficients : nullptr;
}

void certify(KernelFit& fit, const Problem& problem, const Directions& samples, double gap) {
  const ProvenInterval interval = prove(problem, samples, fit.network.coefficients);
  if (!(interval.rounding < 1))
    throw InputError(
        printed("lambda is %.3g, so small that rounding outweighs what is to be proved; give a larger "
                "--lambda, about %.3g",
                fit.lambda, 2 * fit.lambda * interval.rounding));
  fit.certificate = make_certificate(interval.objective, interval.bound, problem.loss.value_at_zero(), gap,
                                     Evidence{.kind = "coefficients"});
  fit.certificate.bind(fit.training.samples(), features_sha256(fit.training), weights_sha256(fit.network));
}

}  // namespace

KernelFit fit(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe, const KernelOptions& options,
              std::uint64_t seed, int threads, const path::FitWatch& watch, const KernelMachine* begin_with) {
  validate(options, option_table());
  KernelFit fit;
  recipe = path::prepare(fit, table, rows, std::move(recipe), options);
  require_size(fit.training);
  require_norms(fit.training.features, rows);
  const Directions samples = directions_of(fit.training.features, options.power);
  const TrainingLoss loss = path::loss_of(fit.goal, fit.training);
  fit.largest_lambda = scale_of(samples, fit.training.weights);
  path::settle_lambda(fit, nullptr, options, [&] {
    const path::MakeTrainer make = [&](const path::Fold& fold) {
      return std::make_unique<KernelTrainer>(fit.goal, fold, options.power);
    };
    return path::choose(fit, table, rows, recipe, options, seed, make, threads, watch);
  });
  const Matrix kernel = arc_cosine_kernel(samples, threads);
  const Problem problem{kernel, loss, fit.lambda, threads};
  SolverOptions solver;
  solver.gap = 0.5 * options.gap;  // the rest pays for the allowance for rounding
  solver.max_iterations = options.max_iterations, solver.time_limit = options.time_limit;
  Solution solution = solve(problem, solver, start_from(begin_with, fit, loss, options.power), watch.training);
  fit.network = {fit.training.features, std::move(solution.coefficients), options.power};
  fit.outputs = problem.kernel.times(fit.network.coefficients, problem.threads);
  certify(fit, problem, samples, options.gap);
  fit.stop = solution.stop, fit.stop_sentence = std::move(solution.stop_sentence);
  fit.iterations = solution.iterations, fit.trace = std::move(solution.trace);
  return fit;
}

}  // namespace nadir::kernel
