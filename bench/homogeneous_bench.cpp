// Deep parallel ReLU sub-networks: where the meta-algorithm ends, and where plain gradient descent ends that is given
// as much time, from 20 starts each: homogeneous_bench [STARTS]. Planted data; K = 3 and 4 layers.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "nadir/base/random.hpp"
#include "nadir/homogeneous/meta_algorithm.hpp"

namespace {

using namespace nadir;
using namespace nadir::homogeneous;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Vector normal_vector(Index size, double scale, Random& random) {
  Vector z(size);
  for (double& entry : z) entry = scale * random.normal();
  return z;
}

/// W ← W − η ∇F with a step that is halved where F rises and grows by a tenth where it falls.
double gradient_descent(const Problem& problem, std::vector<Vector> weights, double seconds) {
  const auto begin = std::chrono::steady_clock::now();
  Iterate at;
  at.weights = std::move(weights);
  evaluate(problem, at);
  double step = 0.1;
  while (seconds_since(begin) < seconds && step > 1e-12) {
    Iterate next;
    for (const Vector& z : at.weights) {
      Vector gradient = Vector::Zero(z.size());
      problem.subnetwork.pull_back(problem.features, z, -at.dual, gradient);
      problem.regularizer.add_gradient(problem.subnetwork, z, problem.lambda, gradient);
      next.weights.emplace_back(z - step * gradient);
    }
    evaluate(problem, next);
    const bool falls = next.objective < at.objective;
    step *= falls ? 1.1 : 0.5;
    if (falls) at = std::move(next);
  }
  return at.objective;
}

void compare(Index layers, int starts) {
  constexpr Index samples = 100, inputs = 5, width = 4, subnetworks = 10;
  Random random(static_cast<std::uint64_t>(layers));
  Matrix X(samples, inputs);
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = random.normal();
  std::vector<Layer> chain{{inputs, width, Map::relu}};
  for (Index k = 2; k < layers; ++k) chain.push_back({width, width, Map::relu});
  chain.push_back({width, 1});
  const Subnetwork subnetwork(chain);
  Matrix Y = Matrix::Zero(samples, 1);
  for (int teacher = 0; teacher < 3; ++teacher) Y += subnetwork.apply(X, normal_vector(subnetwork.size(), 0.7, random));
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  const Problem problem{X, loss, subnetwork, {Combination::mean_of_powers, {}}, 0.01 * loss.value_at_zero()};
  std::vector<double> meta, plain, times;
  double bound = 0;
  for (int s = 0; s < starts; ++s) {
    std::vector<Vector> start;
    for (Index i = 0; i < subnetworks; ++i) start.push_back(normal_vector(subnetwork.size(), 0.5, random));
    MetaOptions options;
    options.gap = 1e-4, options.time_limit = 2, options.search.starts = 4, options.descent_iterations = 300;
    options.search.seed = static_cast<std::uint64_t>(s);
    const auto begin = std::chrono::steady_clock::now();
    const MetaResult result = train(problem, start, options);
    times.push_back(seconds_since(begin));
    meta.push_back(result.at.objective), bound = std::max(bound, result.lower_bound);
    plain.push_back(gradient_descent(problem, start, times.back()));
  }
  for (auto* all : {&meta, &plain, &times}) std::sort(all->begin(), all->end());
  const auto middle = static_cast<std::size_t>(starts) / 2;
  std::printf("%ld layers, %d starts: F at zero %.6g, proven bound %.4g\n", static_cast<long>(layers), starts,
              loss.value_at_zero(), bound);
  std::printf("  meta-algorithm    best %.6g median %.6g worst %.6g, median %.2f s\n", meta.front(), meta[middle],
              meta.back(), times[middle]);
  std::printf("  gradient descent  best %.6g median %.6g worst %.6g, the same time\n", plain.front(), plain[middle],
              plain.back());
}

}  // namespace

int main(int argc, char** argv) {
  const int starts = argc > 1 ? std::max(1, std::atoi(argv[1])) : 20;
  for (const Index layers : {3, 4}) compare(layers, starts);
}
