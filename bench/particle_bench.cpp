// Steps of particle flow a second on one core, beside the two bare products that a step cannot do without (v·x of all
// particles, and the change of v by one sample, as Eigen makes them); and figure 6's runs whole, samples drawn
// included: particle_bench [SECONDS].
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "nadir/particle/flow.hpp"

namespace {

using namespace nadir;
using namespace nadir::particle;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The best of several runs of `work`, in seconds; together they last about `seconds`.
template <class Work>
double best_time(double seconds, const Work& work) {
  double best = HUGE_VAL;
  const auto all = std::chrono::steady_clock::now();
  do {
    const auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, seconds_since(begin));
  } while (seconds_since(all) < seconds);
  return best;
}

Matrix normal(Index rows, Index columns, Random& random) {
  return Matrix::NullaryExpr(rows, columns, [&] { return random.normal(); });
}

void compare(Activation activation, Index inputs, Index count, Index batch, double seconds) {
  constexpr Index samples = 4096;
  Random random(1);
  const Matrix X = normal(samples, inputs + 1, random);
  const Particles truth = start_on_sphere(activation, 3, inputs + 1, 2, random);
  const Vector y = outputs(truth, X);
  const Particles start = start_on_sphere(activation, count, inputs + 1, 0.05, random);
  FlowOptions options;
  options.step = 1e-4, options.batch = batch, options.steps = samples / batch;
  const double ours = best_time(seconds, [&] { flow(start, X, y, options, random); });

  Matrix V = start.positions, z(batch, count), C = normal(batch, count, random) * 1e-9, product(count, inputs + 1);
  Vector one_z(count);
  const double bare = best_time(seconds, [&] {
    for (Index i = 0; i + batch <= samples; i += batch) {
      if (batch == 1) {
        one_z.noalias() = V * X.row(i).transpose();
        V.noalias() += C.row(0).transpose() * X.row(i);
      } else {
        multiply_transposed(rows_of(X, i, batch), {V.data(), count, inputs + 1}, {z.data(), batch, count});
        transposed_multiply({C.data(), batch, count}, rows_of(X, i, batch), {product.data(), count, inputs + 1});
        V += product;
      }
    }
  });
  const double operations = 4.0 * static_cast<double>(samples * count * (inputs + 1));
  std::printf("%-8s d %3ld  m %4ld  batch %4ld: %9.0f samples/s  %5.2f Gflop/s  bare %9.0f  time / bare %5.2f\n",
              activation == Activation::relu ? "relu" : "sigmoid", static_cast<long>(inputs), static_cast<long>(count),
              static_cast<long>(batch), samples / ours, operations / ours * 1e-9, samples / bare, ours / bare);
}

/// Berthier (2018), figure 6 (d = 2, M = 3) and figures 4 and 5 (d = 50, M = 10): 500,000 new samples, one a step.
void whole_run(Index inputs, Index planted, Index count) {
  Random random(2);
  Particles truth = start_on_sphere(Activation::relu, planted, inputs + 1, 2, random);
  truth.weights *= static_cast<double>(planted);
  const Draw draw = [&](Matrix& X, Vector& y) {
    for (Index i = 0; i < X.rows(); ++i) {
      for (Index l = 0; l < inputs; ++l) X(i, l) = random.normal();
      X(i, inputs) = 1;
    }
    y = outputs(truth, X);
  };
  Matrix fresh(10000, inputs + 1);
  Vector targets(10000);
  draw(fresh, targets);
  const Particles start = start_on_sphere(Activation::relu, count, inputs + 1, 0.05, random);
  FlowOptions options;
  options.step = 0.02, options.batch = 1, options.steps = 500000;
  const auto begin = std::chrono::steady_clock::now();
  const FlowResult result = flow(start, draw, options);
  const double seconds = seconds_since(begin);
  std::printf("500,000 drawn samples, d %ld, M %ld, m %ld: %.2f s, test loss %.3g to %.3g\n", static_cast<long>(inputs),
              static_cast<long>(planted), static_cast<long>(count), seconds, objective(start, fresh, targets, 0),
              objective(result.particles, fresh, targets, 0));
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 0.5;
  for (const Activation activation : {Activation::relu, Activation::sigmoid})
    for (const auto& [inputs, count] : {std::pair<Index, Index>{2, 20}, {50, 20}, {50, 50}, {784, 200}})
      for (const Index batch : {1, 32, 1024}) compare(activation, inputs, count, batch, seconds);
  whole_run(2, 3, 20);
  whole_run(50, 10, 20);
  return 0;
}
