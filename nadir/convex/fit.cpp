#include "nadir/convex/fit.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "nadir/base/sha256.hpp"
#include "nadir/convex/gates.hpp"
#include "nadir/convex/proof.hpp"
#include "nadir/convex/working_set.hpp"

namespace nadir::convex {
namespace {

/// The problem's penalty: with one output a matrix of a gate is a vector, and the nuclear norm the group lasso's.
Penalty penalty_for(const std::string& name, Index outputs) {
  const Penalty penalty = penalty_named(name);
  return penalty == Penalty::nuclear && outputs == 1 ? Penalty::group : penalty;
}

/// From lambda_max down to the wanted lambda in steps of at most a third, each solution the start of the next; at once
/// where there is a start.
Solution solve_from_above(const GroupProblem& problem, double largest, const Solution* start,
                          const SolverOptions& options, const path::FitWatch& watch) {
  const std::vector<double> levels =
      start != nullptr ? std::vector<double>{problem.lambda} : path::levels_above(largest, problem.lambda);
  const path::Steps steps(watch.stage.part("training"), static_cast<int>(levels.size()));
  NewtonData data(problem);
  Solution solution;
  SolverOptions left = options;
  for (int step = steps.first(); step < static_cast<int>(levels.size()); ++step) {
    const auto begin = std::chrono::steady_clock::now();
    const bool last = step + 1 == static_cast<int>(levels.size());
    left.gap = last ? options.gap : std::max(1e-2, options.gap);
    const GroupProblem at_level{problem.products, problem.loss, levels[static_cast<std::size_t>(step)],
                                problem.penalty};
    solution = solve(at_level, data, left, step > 0 ? &solution : start, watch.training, steps.at(step));
    left.time_limit -= std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  return solution;
}

/// The weights of a network as groups of these gates; nothing where it has other gates or another shape.
std::optional<Solution> solution_from(const GatedNetwork& network, const Matrix& gates, Index outputs) {
  if (network.inputs() != gates.cols() || network.outputs != outputs) return {};
  std::map<std::vector<double>, Index> places;
  const auto key = [](const auto& row) { return std::vector<double>(row.begin(), row.end()); };
  for (Index p = 0; p < gates.rows(); ++p) places.emplace(key(gates.row(p)), p);
  Solution solution;
  std::vector<Index> rows;
  for (Index j = 0; j < network.weights.rows(); ++j) {
    const auto place = places.find(key(network.gates.row(j / outputs)));
    if (place == places.end()) return {};
    if (network.weights.row(j).isZero(0)) continue;
    solution.at.groups.push_back({place->second, j % outputs});
    rows.push_back(j);
  }
  solution.at.weights = network.weights(rows, Eigen::all);
  return solution;
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

void certify(GatedFit& fit, const GroupProblem& problem, const Solution& solution, double gap) {
  const ProvenInterval interval = prove(problem, solution.at, solution.dual);
  fit.certificate = make_certificate(interval.objective, interval.bound, problem.loss.value_at_zero(), gap,
                                     Evidence{.kind = "dual_point"});
  fit.certificate.bind(fit.training.samples(), features_sha256(fit.training), weights_sha256(fit.network));
}

/// Where the gates come from.
struct GateSource {
  Matrix given;  ///< if there are any
  int count = 0;
  bool intercept = true;
  std::uint64_t seed = 0;

  Matrix gates_for(const SampleRows& features, int threads) const {
    return given.size() > 0 ? given : draw_gates(features, count, intercept, seed, threads);
  }
};

/// What one fold keeps from lambda to lambda.
class GatedTrainer : public path::FoldTrainer {
 public:
  GatedTrainer(const path::Goal& goal, const GateSource& source, Penalty penalty, const path::Fold& fold)
      : loss_(path::loss_of(goal, fold.training)),
        penalty_(penalty),
        gates_(source.gates_for(fold.training.features, 1)),
        patterns_(fold.training.features, gates_),
        products_(fold.training.features, patterns_, 1, Precision::single),
        validation_patterns_(fold.validation.features, gates_),
        validation_products_(fold.validation.features, validation_patterns_, 1),
        data_(GroupProblem{products_, loss_, 1}) {}

  Matrix train(double lambda, const Watch& watch) override {
    SolverOptions options;
    options.gap = 1e-3;  // leaves cross-validation nothing to see
    solution_ = solve({products_, loss_, lambda, penalty_}, data_, options, begun_ ? &solution_ : nullptr, watch);
    begun_ = true;
    Matrix f;
    if (solution_.stop == Stop::told_to) return f;
    validation_products_.forward(solution_.at.groups, solution_.at.weights, loss_.outputs(), f);
    return f;
  }

  path::State state() const override { return warm_start(solution_, data_); }
  void restore(const path::State& state) override {
    convex::restore(state, {products_, loss_, 1}, solution_, data_);
    begun_ = true;
  }

 private:
  TrainingLoss loss_;
  Penalty penalty_;
  Matrix gates_;
  Patterns patterns_;
  MaskedProducts products_;
  Patterns validation_patterns_;
  MaskedProducts validation_products_;
  NewtonData data_;
  Solution solution_;
  bool begun_ = false;
};

/// All that comes before lambda.
struct Start {
  GatedFit fit;
  RecipeOptions recipe;
  GateSource source;
  Matrix gates;
  Patterns patterns;
  TrainingLoss loss;
  Penalty penalty;
  std::uint64_t seed;
  int threads;

  Start(const Table& table, const std::vector<Index>& rows, RecipeOptions wanted, const GatedOptions& options,
        std::uint64_t the_seed, int the_threads, const path::Stage& stage)
      : recipe(path::prepare(fit, table, rows, std::move(wanted), options, path::Reading::in_place)),
        source{options.gates_file.empty() ? Matrix() : read_gates(options.gates_file, fit.training.inputs()),
               options.gates > 0 ? options.gates : default_gates(fit.training.samples()), recipe.bias, the_seed},
        gates(source.gates_for(fit.training.rows(), the_threads)),
        patterns(fit.training.rows(), gates, the_threads),
        loss(path::loss_of(fit.goal, fit.training)),
        penalty(penalty_for(options.penalty, loss.outputs())),
        seed(the_seed),
        threads(the_threads) {
    Sha256 of_gates;
    of_gates.add(gates);
    path::require_data(stage, fit, of_gates.finish());
    fit.largest_lambda = largest_lambda(MaskedProducts(fit.training.rows(), patterns, threads), loss, penalty);
  }

  path::PathChoice choose(const Table& table, const std::vector<Index>& rows, const GatedOptions& options,
                          const path::FitWatch& watch) const {
    const path::MakeTrainer make = [&](const path::Fold& fold) {
      return std::make_unique<GatedTrainer>(fit.goal, source, penalty, fold);
    };
    return path::choose(fit, table, rows, recipe, options, seed, make, threads, watch);
  }
};

}  // namespace

path::PathChoice choose(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                        const GatedOptions& options, std::uint64_t seed, int threads, const path::FitWatch& watch) {
  validate(options, option_table());
  return Start(table, rows, std::move(recipe), options, seed, threads, watch.stage)
      .choose(table, rows, options, watch.closing());
}

GatedFit fit(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe, const GatedOptions& options,
             std::uint64_t seed, int threads, const path::FitWatch& given_watch, const path::PathChoice* chosen,
             const GatedNetwork* begin_with) {
  validate(options, option_table());
  const path::FitWatch watch = given_watch.closing();
  Start start(table, rows, std::move(recipe), options, seed, threads, watch.stage);
  GatedFit& fit = start.fit;
  path::settle_lambda(fit, chosen, options, [&] { return start.choose(table, rows, options, watch); });

  SolverOptions solver;
  solver.gap = 0.999 * options.gap;  // the rest pays for the allowance for rounding
  solver.max_iterations = options.max_iterations, solver.time_limit = options.time_limit;
  const MaskedProducts products(fit.training.rows(), start.patterns, threads, Precision::single);
  const GroupProblem problem{products, start.loss, fit.lambda, start.penalty};
  std::optional<Solution> known;
  if (begin_with != nullptr) known = solution_from(*begin_with, start.gates, start.loss.outputs());
  Solution solution = solve_from_above(problem, fit.largest_lambda, known ? &*known : nullptr, solver, watch);
  fit.network = to_network(start.gates, solution.at, start.loss.outputs());
  certify(fit, problem, solution, options.gap);
  fit.dual = path::dual_for_file(std::move(solution.dual), fit.training, fit.goal.loss);
  fit.stop = solution.stop, fit.stop_sentence = solution.stop_sentence, fit.iterations = solution.iterations;
  fit.trace = std::move(solution.trace);
  return std::move(fit);
}

}  // namespace nadir::convex
