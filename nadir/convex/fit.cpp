#include "nadir/convex/fit.hpp"

#include <algorithm>
#include <numeric>

#include "nadir/base/error.hpp"
#include "nadir/convex/gates.hpp"
#include "nadir/convex/path.hpp"
#include "nadir/convex/proof.hpp"
#include "nadir/data/splits.hpp"

namespace nadir::convex {
namespace {

LossKind loss_kind(const std::string& asked, const Recipe& recipe) {
  const std::size_t classes = recipe.classes.size();
  if (asked == "auto") {
    if (classes == 0) return LossKind::squared;
    return classes == 2 ? LossKind::logistic : LossKind::softmax;
  }
  for (const LossKind kind :
       {LossKind::squared, LossKind::huber, LossKind::logistic, LossKind::squared_hinge, LossKind::softmax})
    if (to_string(kind) == asked) {
      if (classifies(kind) != (classes > 0))
        throw UsageError("--loss " + asked + " is for " + (classifies(kind) ? "classes" : "quantities") +
                         ", but the target is " + (classes > 0 ? "a class" : "a quantity") + "; see --task");
      return kind;
    }
  throw UsageError("--loss " + asked + " is unknown");
}

/// The places of the rows that cross-validation sees, in order.
std::vector<Index> sample_places(const Dataset& whole, Index limit, std::uint64_t seed) {
  const Index n = whole.samples();
  if (n > limit) {
    const double share = static_cast<double>(limit) / static_cast<double>(n);
    return whole.labels.empty() ? stratified_holdout(whole.targets, share, seed)
                                : stratified_holdout(whole.labels, whole.classes(), share, seed);
  }
  std::vector<Index> places(static_cast<std::size_t>(n));
  std::iota(places.begin(), places.end(), 0);
  return places;
}

/// Parts of the rows at `places` of the training rows, each with features fitted on the others.
std::vector<Fold> make_folds(const Recipe& recipe, const Table& table, const std::vector<Index>& rows,
                             const std::vector<Index>& places, const RecipeOptions& options, int count,
                             std::uint64_t seed) {
  std::vector<Index> sample;
  for (const Index place : places) sample.push_back(rows[static_cast<std::size_t>(place)]);
  const std::vector<int> fold_of =
      recipe.quantity
          ? stratified_folds(targets_of(recipe, table, sample), count, seed)
          : stratified_folds(labels_of(recipe, table, sample), static_cast<int>(recipe.classes.size()), count, seed);
  std::vector<Fold> folds;
  for (int k = 0; k < count; ++k) {
    Fold fold;
    std::vector<Index> inside, outside;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      (fold_of[i] == k ? outside : inside).push_back(sample[i]);
      if (fold_of[i] == k) fold.places.push_back(static_cast<Index>(i));
    }
    const Recipe refitted = refit_numbers(recipe, table, inside, options);
    fold.training = apply_recipe(refitted, table, inside);
    fold.validation = apply_recipe(refitted, table, outside);
    if (refitted.quantity) fold.quantity = *refitted.quantity;
    folds.push_back(std::move(fold));
  }
  return folds;
}

/// From lambda_max down to the wanted lambda in steps of at most a third, each solution the start of the next.
Solution solve_from_above(const MaskedProducts& products, const TrainingLoss& loss, double largest, double lambda,
                          const SolverOptions& options, const Watch& watch) {
  NewtonData data(GroupProblem{products, loss, lambda});
  Solution solution;
  bool begun = false;
  for (double level = largest / 3; level > lambda * 1.5; level /= 3) {
    SolverOptions loose = options;
    loose.gap = 1e-2;
    solution = solve({products, loss, level}, data, loose, begun ? &solution : nullptr);
    begun = true;
  }
  return solve({products, loss, lambda}, data, options, begun ? &solution : nullptr, watch);
}

/// The gates with a weight come first.
GatedNetwork to_network(const Matrix& gates, const Iterate& at, Index outputs) {
  std::vector<Index> active, order;
  for (const Group& group : at.groups) active.push_back(group.gate);
  std::sort(active.begin(), active.end());
  active.erase(std::unique(active.begin(), active.end()), active.end());
  order = active;
  for (Index p = 0; p < gates.rows(); ++p)
    if (!std::binary_search(active.begin(), active.end(), p)) order.push_back(p);
  GatedNetwork network;
  network.outputs = outputs;
  network.gates.resize(gates.rows(), gates.cols());
  for (Index p = 0; p < gates.rows(); ++p) network.gates.row(p) = gates.row(order[static_cast<std::size_t>(p)]);
  network.weights = Matrix::Zero(static_cast<Index>(active.size()) * outputs, gates.cols());
  for (std::size_t g = 0; g < at.groups.size(); ++g) {
    const auto place = std::lower_bound(active.begin(), active.end(), at.groups[g].gate) - active.begin();
    network.weights.row(place * outputs + at.groups[g].output) = at.weights.row(static_cast<Index>(g));
  }
  return network;
}

/// For softmax the entry of a row's own class is 0 in the file: it stands for minus the sum of the others.
Matrix dual_for_file(Matrix dual, const Dataset& training, LossKind loss) {
  if (loss == LossKind::softmax)
    for (Index i = 0; i < dual.rows(); ++i) dual(i, training.labels[static_cast<std::size_t>(i)]) = 0;
  return dual;
}

void certify(GatedFit& fit, const GroupProblem& problem, const Solution& solution, double gap) {
  const ProvenInterval interval = prove(problem, solution.at, solution.dual);
  fit.certificate = make_certificate(interval.objective, interval.bound, problem.loss.value_at_zero(), gap,
                                     Evidence{"dual_point", 0});
  fit.certificate.samples = static_cast<long>(fit.training.samples());
  fit.certificate.features_sha256 = features_sha256(fit.training);
  fit.certificate.weights_sha256 = weights_sha256(fit.network);
}

}  // namespace

GatedFit fit(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe, const GatedOptions& options,
             std::uint64_t seed, int threads, const FitWatch& watch) {
  validate(options, option_table());
  const bool intercept = options.intercept == "on";
  recipe.bias = intercept;
  GatedFit fit;
  fit.recipe = fit_recipe(table, rows, recipe, &fit.ignored);
  fit.training = apply_recipe(fit.recipe, table, rows);
  fit.loss = loss_kind(options.loss, fit.recipe);
  fit.huber_delta = options.huber_delta;

  PathProblem path;
  path.loss = fit.loss, path.huber_delta = options.huber_delta, path.classes = fit.training.classes();
  path.intercept = intercept, path.seed = seed;
  if (fit.recipe.quantity) path.quantity = *fit.recipe.quantity;
  path.gate_count = options.gates > 0 ? options.gates : default_gates(fit.training.samples());
  if (!options.gates_file.empty()) path.gates = read_gates(options.gates_file, fit.training.features.cols());

  const Matrix gates =
      path.gates.size() > 0 ? path.gates : draw_gates(fit.training.features, path.gate_count, intercept, seed, threads);
  const Patterns patterns(fit.training.features, gates, threads);
  const MaskedProducts products(fit.training.features, patterns, threads);
  const TrainingLoss loss = loss_of(path, fit.training);
  fit.largest_lambda = largest_lambda(products, loss);
  fit.lambda = options.lambda;
  if (!(fit.lambda > 0)) {
    const std::vector<Index> places = sample_places(fit.training, options.selection_rows, seed);
    const int folds = std::min(options.folds, static_cast<int>(places.size()));
    if (folds < 2) throw InputError("one training row cannot be cross-validated; give --lambda");
    const std::vector<double> lambdas = lambda_path(fit.largest_lambda, options.path_ratio, options.path);
    fit.path = cross_validate(path, make_folds(fit.recipe, table, rows, places, recipe, folds, seed),
                              static_cast<Index>(places.size()), lambdas, options.rule, threads, watch.choice);
    fit.path->rows = places;
    fit.lambda = fit.path->lambdas[fit.path->chosen];
  }

  SolverOptions solver;
  solver.gap = 0.999 * options.gap;  // the rest pays for the allowance for rounding
  solver.max_iterations = options.max_iterations, solver.time_limit = options.time_limit;
  Solution solution = solve_from_above(products, loss, fit.largest_lambda, fit.lambda, solver, watch.training);
  fit.network = to_network(gates, solution.at, loss.outputs());
  certify(fit, {products, loss, fit.lambda}, solution, options.gap);
  fit.dual = dual_for_file(std::move(solution.dual), fit.training, fit.loss);
  fit.stop = solution.stop, fit.stop_sentence = solution.stop_sentence, fit.iterations = solution.iterations;
  fit.trace = std::move(solution.trace);
  return fit;
}

}  // namespace nadir::convex
