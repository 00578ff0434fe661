#include "nadir/linear/fit.hpp"

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/printed.hpp"
#include "nadir/base/random.hpp"
#include "nadir/linear/descent.hpp"
#include "nadir/linear/optimum.hpp"

namespace nadir::linear {
namespace {

/// With the bias of the last layer that is best for its weights, where there is one.
BiasedChain with_best_bias(LinearChain chain, const Samples& samples, bool biased) {
  BiasedChain network{std::move(chain), {}};
  network.biases.assign(network.chain.weights.size(), Vector());
  if (biased) network.biases.back() = samples.target_means - product_of(network.chain) * samples.feature_means;
  return network;
}

/// Normal weights, so that a layer keeps the size of what it takes in the mean.
LinearChain random_start(const Problem& problem, const std::vector<int>& hidden, std::uint64_t seed) {
  Random random(seed);
  std::vector<Index> widths{problem.inputs};
  widths.insert(widths.end(), hidden.begin(), hidden.end());
  widths.push_back(problem.outputs);
  LinearChain chain;
  for (std::size_t i = 1; i < widths.size(); ++i) {
    Matrix& weights = chain.weights.emplace_back(widths[i], widths[i - 1]);
    for (double& weight : weights.reshaped<Eigen::RowMajor>())
      weight = random.normal() / std::sqrt(static_cast<double>(widths[i - 1]));
  }
  return chain;
}

LinearChain descend(const Problem& problem, const LinearOptions& options, std::uint64_t seed, LinearFit& fit) {
  DescentOptions descent;
  descent.max_iterations = options.max_iterations;
  const auto run = options.solver == "gradient" ? gradient_descent : lbfgs_descent;
  DescentResult found = run(problem, random_start(problem, options.hidden, seed), descent);
  fit.iterations = found.iterations;
  fit.stop = found.ending == Ending::iteration_limit     ? Stop::iteration_limit
             : found.ending == Ending::numerical_failure ? Stop::numerical_failure
                                                         : Stop::no_progress;
  fit.stop_sentence =
      printed("the largest gradient is %.2g of what it could be; nadir certify --method linear says more",
              found.criticality.largest_ratio);
  return std::move(found.chain);
}

}  // namespace

std::span<const Option<LinearOptions>> option_table() {
  using S = LinearOptions;
  static const std::vector<Option<S>> table = {
      {"hidden", &S::hidden, "widths of the hidden layers; left out: none, linear regression", 1, 1e6},
      one_of<S>("intercept", &S::intercept, "a bias of the outputs", {"on", "off"}),
      one_of<S>(
          "solver", &S::solver,
          "closed-form: the global minimum at once; gradient, lbfgs: descent from random weights, to study where it "
          "comes to",
          {"closed-form", "gradient", "lbfgs"}),
      {"max-iterations", &S::max_iterations, "most iterations of the final training", 0, 1e9},
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
  const StatedObjective objective = objective_at(dataset.rows(), targets, network, threads);
  if (!objective.can_be_stated())
    throw InputError("the network's weights are so large, and cancel so far, that rounding hides its loss of " +
                     std::to_string(objective.value) + "; no certificate can state it");
  const RankProof proof = prove_bound(dataset.rows(), targets, widths_of(network.chain), network.has_biases(), threads);
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
  result.certificate.bind(dataset.samples(), features_sha256(dataset), weights_sha256(network));
  return result;
}

LinearFit fit(const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe,
              const LinearOptions& options, std::uint64_t seed, int threads) {
  validate(options, option_table());
  LinearFit fit;
  fit.recipe = fit_recipe(table, rows, recipe, &fit.ignored);
  fit.training = apply_in_place(fit.recipe, table, rows);
  const Matrix targets = target_matrix(fit.training);
  const bool biased = options.intercept == "on";
  const Samples samples =
      biased ? Samples::centred(fit.training.rows(), targets) : Samples(fit.training.rows(), targets);
  const Problem problem = reduce(samples, threads);
  // Where features are nearly dependent the minimizer's weights are so large that rounding hides its loss: then without
  // their smallest directions.
  const bool closed = options.solver == "closed-form";
  if (!closed) fit.network = with_best_bias(descend(problem, options, seed, fit), samples, biased);
  for (double share = 0; closed && share < 1e-5; share = share == 0 ? 1e-12 : 100 * share) {
    fit.network = with_best_bias(
        balanced_minimizer(without_small_directions(problem, share), {options.hidden.begin(), options.hidden.end()}),
        samples, biased);
    if (objective_at(fit.training.rows(), targets, fit.network, threads).can_be_stated()) break;
  }
  static_cast<Certified&>(fit) = certify(fit.training, fit.network, options.gap, threads);
  if (fit.certificate.claim == Claim::certified) fit.stop = Stop::gap_reached;
  if (closed) fit.stop_sentence = "the optimum is known in closed form";
  return fit;
}

}  // namespace nadir::linear
