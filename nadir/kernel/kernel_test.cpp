// Kernel machines against other ways to solve the same problems.
#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <Eigen/LU>

#include "nadir/base/test_util.hpp"
#include "nadir/kernel/domain.hpp"
#include "nadir/kernel/proof.hpp"
#include "nadir/kernel/random_features.hpp"
#include "nadir/kernel/solver.hpp"

namespace nadir::kernel {
namespace {

struct Sample {
  Matrix x;
  TrainingLoss loss;
  std::string name;
};

/// Problems of every loss, with weights and without.
std::vector<Sample> samples_of_every_loss(Index n, std::uint64_t seed) {
  Random random(seed);
  Matrix x = normal_matrix(n, 4, random);
  x.col(3).setOnes();
  Vector y(n), weights(n);
  std::vector<int> two, three;
  for (Index i = 0; i < n; ++i) {
    y[i] = std::fabs(x(i, 0)) - x(i, 1) * x(i, 2) + 0.3 * random.normal();
    two.push_back(y[i] > 0.3 ? 1 : 0);
    three.push_back(y[i] > 1 ? 2 : y[i] > 0 ? 1 : 0);
    weights[i] = random.uniform(0.2, 3);
  }
  std::vector<Sample> samples;
  for (const Vector& w : {Vector(), weights}) {
    samples.push_back({x, TrainingLoss(LossKind::squared, y, 1, w), "squared"});
    samples.push_back({x, TrainingLoss(LossKind::huber, y, 0.2, w), "huber"});
    samples.push_back({x, TrainingLoss(LossKind::logistic, two, 2, w), "logistic"});
    samples.push_back({x, TrainingLoss(LossKind::squared_hinge, two, 2, w), "squared_hinge"});
    samples.push_back({x, TrainingLoss(LossKind::softmax, two, 2, w), "softmax of two"});
    samples.push_back({x, TrainingLoss(LossKind::softmax, three, 3, w), "softmax"});
    samples.push_back({x, TrainingLoss(LossKind::squared, three, 3, w), "squared, classes"});
  }
  return samples;
}

double gap_of(const Solution& solution, const TrainingLoss& loss) {
  return relative_gap(solution.objective, solution.lower_bound, loss.value_at_zero());
}

TEST(Kernel, EveryLossAndPowerReachesItsGap) {
  for (const Sample& sample : samples_of_every_loss(80, 1))
    for (const int power : {0, 1, 2}) {
      const Directions directions = directions_of(sample.x, power);
      const Matrix kernel = arc_cosine_kernel(directions);
      for (const double lambda : {1.0, 1e-2, 1e-4, 1e-6, 1e-9}) {
        SCOPED_TRACE(sample.name + " power " + std::to_string(power) + " lambda " + std::to_string(lambda));
        const Problem problem{kernel, sample.loss, lambda};
        const Solution solution = solve(problem, {.gap = 1e-9, .max_iterations = 200});
        EXPECT_EQ(solution.stop, Stop::gap_reached) << solution.iterations;
        EXPECT_LE(gap_of(solution, sample.loss), 1e-9);
        if (lambda < 1e-6) continue;  // rounding is more than the gap
        const ProvenInterval proven = prove(problem, directions, solution.coefficients);
        EXPECT_GE(proven.objective, solution.objective);
        EXPECT_LE(proven.bound.value, solution.lower_bound + 1e-15);
        EXPECT_LT(relative_gap(proven.objective, proven.bound.value, sample.loss.value_at_zero()), 3e-8);
        EXPECT_LT(proven.rounding, 0.1);
      }
    }
}

/// The bound is below the objective of other functions of the space.
TEST(Kernel, NoCoefficientsAreBelowTheBound) {
  Random random(4);
  for (const Sample& sample : samples_of_every_loss(40, 2)) {
    const Matrix kernel = arc_cosine_kernel(directions_of(sample.x, 1));
    const Problem problem{kernel, sample.loss, 1e-2};
    const Solution best = solve(problem, {});
    const Solution rough = solve(problem, {.max_iterations = 1});
    for (int trial = 0; trial < 20; ++trial) {
      const Matrix moved =
          best.coefficients + 1e-3 * normal_matrix(40, best.coefficients.cols(), random) * best.coefficients.norm();
      const Matrix f = kernel * moved;
      const double objective = sample.loss.value(f) + problem.lambda / 2 * moved.cwiseProduct(f).sum();
      EXPECT_GT(objective, best.lower_bound);
      EXPECT_GT(objective, rough.lower_bound);
    }
    EXPECT_GE(rough.objective, best.lower_bound - 1e-15);
  }
}

/// Whatever the coefficients: moved into the domain they prove something, and those inside stay.
TEST(Kernel, CoefficientsAreMovedIntoTheDomain) {
  Random random(9);
  for (const Sample& sample : samples_of_every_loss(40, 2)) {
    SCOPED_TRACE(sample.name);
    const Domain domain(sample.loss);
    for (const double size : {1e-3, 1.0, 100.0}) {
      const Matrix inside = domain.nearest(size * normal_matrix(40, sample.loss.outputs(), random), 0.1);
      EXPECT_GT(sample.loss.dual_value(0.1 * inside, 1 - 0x1p-42), -1e9);
      const Matrix again = domain.nearest(inside, 0.1);
      EXPECT_LT((again - inside).norm(), 1e-14 * inside.norm());
    }
    Matrix gradient;
    sample.loss.gradient(normal_matrix(40, sample.loss.outputs(), random), gradient);
    EXPECT_LT((domain.nearest(-gradient / 0.1, 0.1) + gradient / 0.1).norm(), 1e-14 * gradient.norm());
  }
}

/// Ridge regression by the normal equations in f: (λ K⁻¹ + S) f = S y.
TEST(Kernel, RidgeIsWhatTheNormalEquationsSay) {
  const std::vector<Sample> samples = samples_of_every_loss(30, 3);
  for (const std::size_t which : {std::size_t{0}, samples.size() / 2}) {
    const Matrix kernel = arc_cosine_kernel(directions_of(samples[which].x, 0));
    const TrainingLoss& loss = samples[which].loss;
    const double lambda = 1e-2;
    const Solution solution = solve({kernel, loss, lambda}, {.gap = 1e-12});
    Matrix at_zero, at_one;  // S(0 − y), S(1 − y)
    loss.gradient(Matrix::Zero(30, 1), at_zero);
    loss.gradient(Matrix::Ones(30, 1), at_one);
    Eigen::MatrixXd system = lambda * Eigen::MatrixXd(kernel).inverse();
    system.diagonal() += (at_one - at_zero).col(0);
    const Vector f = system.lu().solve(-at_zero.col(0));
    EXPECT_LT((kernel * solution.coefficients - f).norm(), 1e-9 * f.norm());
  }
}

/// Logistic regression by plain gradient steps on f = Lz, K = LLᵀ.
TEST(Kernel, LogisticIsWhatGradientStepsFind) {
  const Sample sample = samples_of_every_loss(40, 6)[2];
  const Matrix kernel = arc_cosine_kernel(directions_of(sample.x, 1));
  const double lambda = 0.05;
  Eigen::MatrixXd shifted = kernel;
  const Eigen::MatrixXd root = shifted.llt().matrixL();
  Vector z = Vector::Zero(40);
  Matrix gradient;
  for (int step = 0; step < 5000; ++step) {
    sample.loss.gradient(root * z, gradient);
    z -= (root.transpose() * gradient.col(0) + lambda * z) / (lambda + kernel.trace() / 40);
  }
  const Solution solution = solve({kernel, sample.loss, lambda}, {.gap = 1e-13});
  EXPECT_LT((kernel * solution.coefficients - root * z).norm(), 1e-6 * (root * z).norm());
}

TEST(Kernel, WeightTwoIsTheRowTwice) {
  Random random(8);
  const Index n = 25;
  Matrix x = normal_matrix(n, 3, random), twice(2 * n, 3);
  std::vector<int> labels, labels_twice;
  Vector weights(n);
  Index rows = 0;
  for (Index i = 0; i < n; ++i) {
    labels.push_back(static_cast<int>(i % 3));
    weights[i] = i % 2 == 0 ? 1 : 2;
    for (int copy = 0; copy < static_cast<int>(weights[i]); ++copy) {
      twice.row(rows++) = x.row(i);
      labels_twice.push_back(labels.back());
    }
  }
  twice.conservativeResize(rows, 3);
  const Matrix kernel = arc_cosine_kernel(directions_of(x, 1)), wide = arc_cosine_kernel(directions_of(twice, 1));
  for (const LossKind kind : {LossKind::softmax, LossKind::squared}) {
    const Solution weighted = solve({kernel, TrainingLoss(kind, labels, 3, weights), 1e-3}, {.gap = 1e-12});
    const Solution repeated = solve({wide, TrainingLoss(kind, labels_twice, 3), 1e-3}, {.gap = 1e-12});
    EXPECT_NEAR(weighted.objective, repeated.objective, 1e-11);
    const Matrix f = kernel * weighted.coefficients, g = wide * repeated.coefficients;
    for (Index i = 0, row = 0; i < n; row += static_cast<Index>(weights[i]), ++i)
      EXPECT_LT((f.row(i) - g.row(row)).norm(), 1e-5);
  }
}

TEST(Kernel, TheSameBitsForAnyThreads) {
  for (const Sample& sample : samples_of_every_loss(600, 5)) {
    const Matrix kernel = arc_cosine_kernel(directions_of(sample.x, 1));
    const SolverOptions options{.gap = 1e-6};
    EXPECT_EQ(solve({kernel, sample.loss, 1e-2, 1}, options).coefficients,
              solve({kernel, sample.loss, 1e-2, 3}, options).coefficients);
  }
}

TEST(Kernel, EndsWhenToldTo) {
  const Sample sample = samples_of_every_loss(40, 6)[2];
  const Matrix kernel = arc_cosine_kernel(directions_of(sample.x, 1));
  const Solution told =
      solve({kernel, sample.loss, 1e-3}, {}, nullptr, [](const Progress& now) { return now.iteration < 2; });
  EXPECT_EQ(told.stop, Stop::told_to);
  EXPECT_EQ(told.iterations, 2);
  EXPECT_EQ(told.trace.size(), 3U);
  EXPECT_GE(told.objective, told.lower_bound);
  EXPECT_EQ(solve({kernel, sample.loss, 1e-3}, {.max_iterations = 1}).stop, Stop::iteration_limit);
}

/// The features' small systems take the same steps as the matrix of their products.
TEST(Gram, OfFeaturesIsTheirMatrix) {
  for (const Sample& sample : samples_of_every_loss(80, 12))
    for (const double lambda : {1e-1, 1e-4}) {
      SCOPED_TRACE(sample.name + " lambda " + std::to_string(lambda));
      const Matrix phi = random_features(sample.x, draw_units(20, 4, 3), 1), kernel = phi * phi.transpose();
      const Solution small = solve({Gram::of_features(phi), sample.loss, lambda}, {.gap = 1e-10});
      const Solution large = solve({kernel, sample.loss, lambda}, {.gap = 1e-10});
      EXPECT_EQ(small.stop, Stop::gap_reached);
      EXPECT_EQ(small.iterations, large.iterations);
      EXPECT_NEAR(small.objective, large.objective, 1e-9 * (1 + large.objective));
      EXPECT_LT((phi.transpose() * (small.coefficients - large.coefficients)).norm(),
                1e-4 * (phi.transpose() * large.coefficients).norm());
    }
}

TEST(Gram, OfFeaturesHasTheSameBitsForAnyThreads) {
  for (const Sample& sample : samples_of_every_loss(600, 5)) {
    const Matrix phi = random_features(sample.x, draw_units(300, 4, 3), 1);
    EXPECT_EQ(phi, random_features(sample.x, draw_units(300, 4, 3), 1, 3));
    const SolverOptions options{.gap = 1e-6};
    EXPECT_EQ(solve({Gram::of_features(phi), sample.loss, 1e-2, 1}, options).coefficients,
              solve({Gram::of_features(phi), sample.loss, 1e-2, 3}, options).coefficients);
  }
}

/// Random features: kernel and optimum come nearer like 1/√m.
TEST(RandomFeatures, ConvergeToTheKernel) {
  for (const Sample& sample : samples_of_every_loss(60, 7)) {
    if (sample.name != "squared" && sample.name != "logistic" && sample.name != "softmax") continue;
    for (const int power : {0, 1, 2}) {
      SCOPED_TRACE(sample.name + std::to_string(power));
      const Matrix kernel = arc_cosine_kernel(directions_of(sample.x, power));
      const Matrix units = draw_units(40000, 4, 11);
      const Solution limit = solve({kernel, sample.loss, 1e-2}, {});
      double errors[2], objectives[2];
      for (const int which : {0, 1}) {
        const Matrix phi = random_features(sample.x, units.topRows(which == 0 ? 100 : 40000), power);
        const Matrix drawn = phi * phi.transpose();
        const Solution solution = solve({drawn, sample.loss, 1e-2}, {});
        errors[which] = (drawn - kernel).norm() / kernel.norm();
        objectives[which] = std::fabs(solution.objective / limit.objective - 1);
        // What the units compute, with w = φᵀA.
        const Matrix w = phi.transpose() * solution.coefficients, f = phi * w;
        EXPECT_NEAR(sample.loss.value(f) + 1e-2 / 2 * w.squaredNorm(), solution.objective, 1e-12);
      }
      EXPECT_LT(errors[1], 0.02);
      EXPECT_LT(errors[1], 0.2 * errors[0]);
      EXPECT_LT(objectives[1], 0.02);
      EXPECT_LT(objectives[1], std::max(0.3 * objectives[0], 2e-3));
    }
  }
}

}  // namespace
}  // namespace nadir::kernel
