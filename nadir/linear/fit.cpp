#include "nadir/linear/fit.hpp"

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/linear/optimum.hpp"

namespace nadir::linear {

std::span<const Option<LinearOptions>> option_table() {
  using S = LinearOptions;
  static const std::vector<Option<S>> table = {
      {"hidden", &S::hidden, "widths of the hidden layers; left out: none, linear regression", 1, 1e6},
      one_of<S>("intercept", &S::intercept, "a bias of the outputs", {"on", "off"}),
      {"gap", &S::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
  };
  return table;
}

Matrix target_matrix(const Dataset& dataset) {
  if (dataset.labels.empty()) return dataset.targets;
  Matrix targets = Matrix::Zero(dataset.samples(), dataset.classes());
  for (Index i = 0; i < dataset.samples(); ++i) targets(i, dataset.labels[static_cast<std::size_t>(i)]) = 1;
  return targets;
}

Certified certify(const Dataset& dataset, const BiasedChain& network, double gap, int threads) {
  const Matrix targets = target_matrix(dataset);
  const auto n = static_cast<double>(dataset.samples());
  const StatedObjective objective = objective_at(dataset.features, targets, network, threads);
  if (!objective.can_be_stated())
    throw InputError("the network's weights are so large, and cancel so far, that rounding hides its loss of " +
                     std::to_string(objective.value) + "; no certificate can state it");
  const RankProof proof =
      prove_bound(dataset.features, targets, widths_of(network.chain), network.has_biases(), threads);
  if (!(proof.omega < 1))
    throw InputError(
        "the features are so nearly dependent on one another that no bound can be proven; leave some of them out "
        "(--ignore)");
  Certified result;
  result.evidence = proof.evidence, result.dependent = proof.dependent;
  Evidence evidence{.kind = "reduced_rank"};
  evidence.columns = proof.columns, evidence.level = proof.level;
  result.certificate =
      make_certificate(objective.upper, proof.bound, targets.squaredNorm() / (2 * n), gap, std::move(evidence));
  result.certificate.samples = static_cast<long>(dataset.samples());
  result.certificate.features_sha256 = features_sha256(dataset);
  result.certificate.weights_sha256 = weights_sha256(network);
  return result;
}

LinearFit fit(const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe,
              const LinearOptions& options, int threads) {
  validate(options, option_table());
  LinearFit fit;
  fit.recipe = fit_recipe(table, rows, recipe, &fit.ignored);
  fit.training = apply_recipe(fit.recipe, table, rows);
  const Matrix targets = target_matrix(fit.training);
  const bool biased = options.intercept == "on";
  const Samples samples =
      biased ? Samples::centred(fit.training.features, targets) : Samples(fit.training.features, targets);
  const Problem problem = reduce(samples, threads);
  // Where features are nearly dependent the minimizer's weights are so large that rounding hides its loss: then without
  // their smallest directions.
  for (const double share : {0.0, 1e-12, 1e-10, 1e-8, 1e-6}) {
    fit.network.chain =
        balanced_minimizer(without_small_directions(problem, share), {options.hidden.begin(), options.hidden.end()});
    fit.network.biases.assign(fit.network.chain.weights.size(), Vector());
    if (biased)
      fit.network.biases.back() = samples.target_means - product_of(fit.network.chain) * samples.feature_means;
    if (objective_at(fit.training.features, targets, fit.network, threads).can_be_stated()) break;
  }
  static_cast<Certified&>(fit) = certify(fit.training, fit.network, options.gap, threads);
  return fit;
}

}  // namespace nadir::linear
