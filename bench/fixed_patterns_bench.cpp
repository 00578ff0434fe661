// The convex ReLU program of given patterns, on arrays that another program wrote; for bench/fixed_patterns_peers.py.
//   fixed_patterns_bench FOLDER INPUTS LAMBDA GAP THREADS
// FOLDER holds X.npy (inputs × samples), y.npy (1 × samples) and gates.npy (inputs × gates). Prints JSON.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

#include "nadir/convex/gates.hpp"
#include "nadir/convex/working_set.hpp"
#include "nadir/relu/cone_decomposition.hpp"
#include "nadir/relu/fixed_patterns.hpp"

namespace {

using namespace nadir;

class Clock {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// Σ |a| of a gated network's ReLU network, and F of that.
void decomposition(const relu::Problem& problem, const Matrix& gates, double gap, int threads) {
  const Patterns patterns(problem.features, gates, threads);
  const MaskedProducts products(problem.features, patterns, threads);
  const convex::GroupProblem gated{products, problem.loss, problem.lambda};
  convex::NewtonData data(gated);
  convex::SolverOptions options;
  options.gap = gap;
  const convex::Solution solution = convex::solve(gated, data, options);
  GatedNetwork network{Matrix(solution.at.weights.rows(), gates.cols()), solution.at.weights, 1};
  for (std::size_t g = 0; g < solution.at.groups.size(); ++g)
    network.gates.row(static_cast<Index>(g)) = gates.row(solution.at.groups[g].gate);
  const Clock clock;
  const relu::Decomposition parts = relu::decompose(problem.features.whole(), network, threads);
  const double seconds = clock.seconds();
  relu::Iterate at{parts.units, {}, {}, {}, {}, 0};
  relu::evaluate(problem, at);
  std::printf(
      ", \"gated\": {\"objective\": %.17g, \"norm\": %.17g, \"relu_norm\": %.17g, \"not_split\": %zu, "
      "\"relu_objective\": %.17g, \"difference\": %.3g, \"seconds\": %.6g}",
      solution.at.objective, parts.gated_norm, parts.relu_norm, parts.not_split.size(), at.objective,
      (at.outputs - solution.at.outputs).cwiseAbs().maxCoeff(), seconds);
}

int run(const std::string& folder, Index inputs, double lambda, double gap, int threads) {
  const Matrix y = convex::read_gates(folder + "/y.npy", 1);
  const Matrix gates = convex::read_gates(folder + "/gates.npy", inputs);
  const Matrix X = convex::read_gates(folder + "/X.npy", inputs);
  const TrainingLoss loss(LossKind::squared, y.col(0));
  const relu::Problem problem{X, loss, lambda};
  const Clock clock;
  const Patterns patterns(X, gates, threads);
  relu::FixedPatternsOptions options;
  options.gap = gap, options.threads = threads;
  const relu::FixedPatterns found = relu::train_on_patterns(problem, patterns, options);
  std::printf(
      "{\"seconds\": %.6g, \"objective\": %.17g, \"lower_bound\": %.17g, \"relative_gap\": %.3g, \"units\": %ld, "
      "\"rounds\": %d, \"newton_steps\": %d",
      clock.seconds(), found.at.objective, found.bound.value, found.relative_gap,
      static_cast<long>(found.at.units.count()), found.rounds, found.newton_steps);
  decomposition(problem, gates, gap, threads);
  std::printf("}\n");
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count != 6) throw std::runtime_error("FOLDER INPUTS LAMBDA GAP THREADS are wanted");
    return run(words[1], std::atol(words[2]), std::atof(words[3]), std::atof(words[4]), std::atoi(words[5]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
