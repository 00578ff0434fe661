// The two masked products of gated networks against the matrix products of that size alone, at the sizes of final
// working sets. Floor: 4 n d A operations for A groups in the two products. What masks add: n A bits read, n A numbers
// written (adjoint) or added (forward), inside the cache. The aim is products/masked of 0.6 at least, in one run.
//
//   cmake -S . -B build -DNADIR_BENCH=ON && cmake --build build --target gated_bench && build/gated_bench
#include <benchmark/benchmark.h>

#include <random>

#include "nadir/net/masked_products.hpp"

namespace {

using namespace nadir;

struct Size {
  const char* name;
  Index n, d, groups, outputs;
};

constexpr Size sizes[] = {{"diabetes", 442, 11, 149, 1},      {"wisconsin", 569, 31, 63, 1},
                          {"planted_1000", 1000, 50, 186, 1}, {"planted_20000", 20000, 100, 650, 1},
                          {"digits", 1797, 65, 400, 10},      {"mnist", 20000, 718, 200, 10}};

Matrix normal(Index rows, Index columns, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> draw;
  Matrix result(rows, columns);
  for (Index i = 0; i < result.size(); ++i) result.data()[i] = draw(engine);
  return result;
}

struct Problem {
  Matrix X, V, R;
  Patterns patterns;
  std::vector<Group> groups;
  explicit Problem(const Size& size)
      : X(normal(size.n, size.d, 1)),
        V(normal(size.groups, size.d, 2)),
        R(normal(size.n, size.outputs, 3)),
        patterns(X, normal(size.groups, size.d, 4)) {
    for (Index g = 0; g < size.groups; ++g) groups.push_back({g, g % size.outputs});
  }
};

void count_operations(benchmark::State& state, const Size& size) {
  const double operations = 4.0 * static_cast<double>(size.n * size.d * size.groups);
  state.counters["flop/s"] = benchmark::Counter(operations, benchmark::Counter::kIsIterationInvariantRate);
}

void masked(benchmark::State& state, const Size& size, Precision precision) {
  const Problem problem(size);
  const MaskedProducts products(problem.X, problem.patterns, 1, precision);
  Matrix f, c;
  for (auto _ : state) {
    products.forward(problem.groups, problem.V, size.outputs, f, precision);
    products.adjoint(problem.groups, problem.R, c, precision);
    benchmark::DoNotOptimize(c.data());
  }
  count_operations(state, size);
}

template <class MatrixType>
void plain(benchmark::State& state, const Size& size) {
  using Scalar = typename MatrixType::Scalar;
  const MatrixType X = normal(size.n, size.d, 1).cast<Scalar>(), V = normal(size.groups, size.d, 2).cast<Scalar>();
  MatrixType P(size.groups, size.n), c(size.groups, size.d);
  for (auto _ : state) {
    P.noalias() = V * X.transpose();
    c.noalias() = P * X;
    benchmark::DoNotOptimize(c.data());
  }
  count_operations(state, size);
}

}  // namespace

int main(int argc, char** argv) {
  for (const Size& size : sizes) {
    const std::string name = size.name;
    benchmark::RegisterBenchmark(("masked/" + name).c_str(), masked, size, Precision::full);
    benchmark::RegisterBenchmark(("products/" + name).c_str(), plain<Matrix>, size);
    benchmark::RegisterBenchmark(("masked/" + name + "/single").c_str(), masked, size, Precision::single);
    benchmark::RegisterBenchmark(("products/" + name + "/single").c_str(), plain<SingleMatrix>, size);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
