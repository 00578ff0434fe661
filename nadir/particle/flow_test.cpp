#include "nadir/particle/flow.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/loss/training_loss.hpp"
#include "nadir/net/two_layer.hpp"
#include "nadir/particle/test_util.hpp"

namespace nadir::particle {
namespace {

constexpr Activation every_activation[] = {Activation::relu, Activation::squared_relu, Activation::cubed_relu,
                                           Activation::sigmoid};

/// From the definition, a sum over particles and samples.
double objective_by_definition(const Particles& p, const Matrix& X, const Vector& y, double lambda) {
  const double m = static_cast<double>(p.count()), n = static_cast<double>(X.rows());
  double loss = 0, squares = 0;
  for (Index i = 0; i < X.rows(); ++i) {
    double f = 0;
    for (Index j = 0; j < p.count(); ++j) {
      const double z = p.positions.row(j).dot(X.row(i));
      const double h = p.activation == Activation::sigmoid
                           ? 1 / (1 + std::exp(-z))
                           : std::pow(std::max(z, 0.0), 1 + static_cast<int>(p.activation));
      f += p.weights[j] * h / m;
    }
    loss += (f - y[i]) * (f - y[i]) / (2 * n);
  }
  for (Index j = 0; j < p.count(); ++j) squares += p.weights[j] * p.weights[j] + p.positions.row(j).squaredNorm();
  return loss + lambda / (2 * m) * squares;
}

double distance(const Particles& a, const Particles& b) {
  return std::sqrt((a.weights - b.weights).squaredNorm() + (a.positions - b.positions).squaredNorm());
}

bool same_bits(const Particles& a, const Particles& b) { return a.weights == b.weights && a.positions == b.positions; }

TEST(Particles, TheObjectiveIsItsDefinition) {
  for (const Activation activation : every_activation) {
    Random random(1);
    const Planted problem = planted(activation, 3, 4, 700, 1, random);
    const Particles at = start_on_sphere(activation, 11, 5, 2, random);
    const double expected = objective_by_definition(at, problem.features, problem.targets, 0.3);
    EXPECT_NEAR(objective(at, problem.features, problem.targets, 0.3), expected, 1e-12 * expected);
    EXPECT_LT(objective(problem.truth, problem.features, problem.targets, 0), 1e-25);
  }
}

TEST(Particles, TheGradientIsTheSlopeOfTheObjective) {
  constexpr double lambda = 0.2, h = 1e-6;
  for (const Activation activation : every_activation) {
    Random random(2);
    const Planted problem = planted(activation, 3, 4, 600, 1, random);
    const Particles at = start_on_sphere(activation, 9, 5, 2, random);
    const Particles gradient = scaled_gradient(at, problem.features, problem.targets, lambda);
    const auto value = [&](const Particles& p) {
      return objective_by_definition(p, problem.features, problem.targets, lambda);
    };
    for (Index j = 0; j < at.count(); ++j) {
      Particles up = at, down = at;
      up.weights[j] += h, down.weights[j] -= h;
      EXPECT_NEAR(gradient.weights[j], 9 * (value(up) - value(down)) / (2 * h), 1e-6);
      for (Index l = 0; l < at.inputs(); ++l) {
        up = down = at;
        up.positions(j, l) += h, down.positions(j, l) -= h;
        EXPECT_NEAR(gradient.positions(j, l), 9 * (value(up) - value(down)) / (2 * h), 1e-6) << j << ' ' << l;
      }
    }
  }
}

TEST(Particles, StartsAreWhereTheTheoremsWantThem) {
  Random random(3);
  const Particles sphere = start_on_sphere(Activation::relu, 4000, 3, 0.05, random);
  for (Index j = 0; j < sphere.count(); ++j)
    ASSERT_NEAR(std::hypot(sphere.weights[j], sphere.positions.row(j).norm()), 0.05, 1e-15);
  EXPECT_NEAR(sphere.weights.mean(), 0, 0.002);  // sd 0.0004
  EXPECT_NEAR(sphere.weights.squaredNorm() / 4000, 0.0025 / 4, 5e-5);
  const Particles flat = start_without_weight(Activation::sigmoid, 4000, 3, random);
  EXPECT_EQ(flat.weights.norm(), 0);
  EXPECT_NEAR(flat.positions.squaredNorm() / 12000, 1, 0.06);
}

// The kernel of single samples and the products of batches are two ways to the same step.
TEST(Flow, AStepIsTheScaledGradient) {
  for (const Activation activation : every_activation)
    for (const Index count : {1, 8, 21})
      for (const Index inputs : {1, 2, 7})
        for (const double lambda : {0.0, 0.1}) {
          Random random(4);
          const Planted problem = planted(activation, 2, inputs, 40, 1, random);
          Particles expected = start_on_sphere(activation, count, inputs + 1, 1, random);
          Random order(5), again(5);
          FlowOptions options;
          options.step = 0.01, options.steps = 40, options.batch = 1, options.lambda = lambda;
          const FlowResult result = flow(expected, problem.features, problem.targets, options, order);
          std::vector<Index> rows(40);
          for (Index i = 0; i < 40; ++i) rows[static_cast<std::size_t>(i)] = i;
          again.shuffle(rows);
          for (const Index i : rows) {
            const Particles g =
                scaled_gradient(expected, problem.features.row(i), problem.targets.segment(i, 1), lambda);
            expected.weights -= options.step * g.weights, expected.positions -= options.step * g.positions;
          }
          EXPECT_LT(distance(result.particles, expected), 1e-12) << count << ' ' << inputs << ' ' << lambda;
          EXPECT_EQ(result.stop, Stop::iteration_limit);
        }
}

TEST(Flow, BatchesFollowTheShuffledOrder) {
  Random random(6);
  const Planted problem = planted(Activation::relu, 2, 3, 25, 1, random);
  Particles expected = start_on_sphere(Activation::relu, 6, 4, 1, random);
  FlowOptions options;
  options.step = 0.1, options.steps = 6, options.batch = 10, options.lambda = 0.01;
  Random order(7), again(7);
  const FlowResult result = flow(expected, problem.features, problem.targets, options, order);
  std::vector<Index> rows(25);
  for (Index i = 0; i < 25; ++i) rows[static_cast<std::size_t>(i)] = i;
  for (int pass = 0; pass < 2; ++pass) {
    again.shuffle(rows);
    for (const auto& [first, count] : {std::pair{0, 10}, {10, 10}, {20, 5}}) {
      const std::vector<Index> some(rows.begin() + first, rows.begin() + first + count);
      const Matrix X = problem.features(some, Eigen::all);
      const Particles g = scaled_gradient(expected, X, problem.targets(some), options.lambda);
      expected.weights -= options.step * g.weights, expected.positions -= options.step * g.positions;
    }
  }
  EXPECT_EQ(result.steps, 6);
  EXPECT_LT(distance(result.particles, expected), 1e-13);
}

TEST(Flow, FullBatchesNeverRaiseTheObjective) {
  for (const Activation activation : every_activation) {
    Random random(8);
    const Planted problem = planted(activation, 3, 2, 300, 1, random);
    FlowOptions options;
    options.step = 0.002, options.steps = 400, options.record_every = 1, options.lambda = 0.01;
    const Particles start = activation == Activation::sigmoid ? start_without_weight(activation, 12, 3, random)
                                                              : start_on_sphere(activation, 12, 3, 1, random);
    const FlowResult result = flow(start, problem.features, problem.targets, options, random);
    const Trajectory& t = result.trajectory;
    ASSERT_EQ(t.steps.size(), 401U);
    Particles at = start;
    double last = objective(start, problem.features, problem.targets, 0.01);
    const double first = last;
    for (Index r = 1; r <= 400; ++r) {
      at.weights = t.particles.block(r * 12, 0, 12, 1), at.positions = t.particles.block(r * 12, 1, 12, 3);
      const double now = objective(at, problem.features, problem.targets, 0.01);
      ASSERT_LE(now, last * (1 + 1e-14)) << static_cast<int>(activation) << ' ' << r;
      last = now;
    }
    EXPECT_LT(last, 0.9 * first);
  }
}

TEST(Flow, ARecordIsWhereTheParticlesAreAndChangesNothing) {
  Random random(9);
  const Planted problem = planted(Activation::relu, 3, 2, 500, 1, random);
  const Particles start = start_on_sphere(Activation::relu, 10, 3, 0.5, random);
  for (const Index batch : {1, 20}) {
    FlowOptions options;
    options.step = 0.02, options.steps = 300, options.batch = batch, options.lambda = 0.05;
    Random first(10), second(10);
    const FlowResult plain = flow(start, problem.features, problem.targets, options, first);
    options.record_every = 70;
    const FlowResult recorded = flow(start, problem.features, problem.targets, options, second);
    EXPECT_TRUE(same_bits(plain.particles, recorded.particles));
    EXPECT_EQ(plain.trajectory.steps.size(), 0U);
    const Trajectory& t = recorded.trajectory;
    EXPECT_EQ(t.steps, (std::vector<Index>{0, 70, 140, 210, 280}));
    ASSERT_EQ(t.particles.rows(), 50);
    EXPECT_EQ(t.particles.block(0, 0, 10, 1), start.weights);
    EXPECT_EQ(t.particles.block(0, 1, 10, 3), start.positions);
    options.steps = 210, options.record_every = 0;
    Random third(10);
    const FlowResult shorter = flow(start, problem.features, problem.targets, options, third);
    EXPECT_EQ(t.particles.block(30, 0, 10, 1), shorter.particles.weights);
    EXPECT_EQ(t.particles.block(30, 1, 10, 3), shorter.particles.positions);
    EXPECT_TRUE(std::isnan(t.losses[0]));
    EXPECT_GT(t.losses[1], 0);
  }
}

TEST(Flow, TheRecordedLossIsThatOfTheSamplesBeforeTheirStep) {
  Random random(11);
  const Planted problem = planted(Activation::relu, 3, 2, 50, 1, random);
  const Particles start = start_on_sphere(Activation::relu, 10, 3, 0.5, random);
  FlowOptions options;
  options.steps = 2, options.record_every = 1;
  const FlowResult result = flow(start, problem.features, problem.targets, options, random);
  EXPECT_NEAR(result.trajectory.losses[1], objective(start, problem.features, problem.targets, 0), 1e-14);
  options.steps = 1;
  const Particles after = flow(start, problem.features, problem.targets, options, random).particles;
  EXPECT_NEAR(result.trajectory.losses[2], objective(after, problem.features, problem.targets, 0), 1e-14);
  // On single samples: the mean over those of the interval.
  options.steps = 6, options.record_every = 3, options.batch = 1;
  Index next = 0;
  const Draw draw = [&](Matrix& X, Vector& y) {
    for (Index i = 0; i < X.rows(); ++i, ++next)
      X.row(i) = problem.features.row(next % 50), y[i] = problem.targets[next % 50];
  };
  const FlowResult single = flow(start, draw, options);
  Particles at = start;
  for (const Index record : {0, 1}) {
    double loss = 0;
    for (Index i = 3 * record; i < 3 * record + 3; ++i) {
      const Matrix x = problem.features.row(i);
      const Vector y = problem.targets.segment(i, 1);
      loss += objective(at, x, y, 0) / 3;
      const Particles g = scaled_gradient(at, x, y, 0);
      at.weights -= options.step * g.weights, at.positions -= options.step * g.positions;
    }
    EXPECT_NEAR(single.trajectory.losses[record + 1], loss, 1e-14);
  }
}

// Without a penalty the flow of ReLU particles keeps wⱼ² − ‖vⱼ‖²; with one, the difference falls like e^(−2λt).
TEST(Flow, ReluParticlesBalance) {
  Random random(12);
  const Planted problem = planted(Activation::relu, 3, 2, 300, 1, random);
  const Particles start = start_on_sphere(Activation::relu, 12, 3, 1, random);
  const auto difference = [](const Particles& p) {
    return Vector(p.weights.cwiseAbs2() - p.positions.rowwise().squaredNorm());
  };
  for (const double lambda : {0.0, 0.5}) {
    FlowOptions options;
    options.step = 1e-3, options.steps = 1000, options.lambda = lambda;
    const FlowResult result = flow(start, problem.features, problem.targets, options, random);
    EXPECT_LT((difference(result.particles) - std::exp(-2 * lambda) * difference(start)).norm(), 1e-3);
    EXPECT_GT(distance(result.particles, start), 0.2);
  }
}

// Figure 1's setting: d = 2, 3 planted neurons of radius 2, 15 particles from a sphere of radius 0.05. As in the paper,
// not every start ends at 0.
TEST(Flow, FifteenParticlesFitPlantedNetworks) {
  int fitted = 0;
  for (const std::uint64_t seed : {0, 1, 2, 3, 4}) {
    Random random(seed);
    const Planted problem = planted(Activation::relu, 3, 2, 500, 2, random);
    const Particles start = start_on_sphere(Activation::relu, 15, 3, 0.05, random);
    FlowOptions options;
    options.step = 0.05, options.steps = 300000, options.batch = 1;
    const FlowResult result = flow(start, problem.features, problem.targets, options, random);
    const double first = objective(start, problem.features, problem.targets, 0);
    const double last = objective(result.particles, problem.features, problem.targets, 0);
    EXPECT_GT(first, 0.5);
    EXPECT_LT(last, 1e-3 * first) << seed;
    if (!(last < 1e-6 * first)) continue;
    ++fitted;
    const Matrix fresh = features_with_one(1000, 2, random);
    EXPECT_LT(objective(result.particles, fresh, outputs(problem.truth, fresh), 0), 1e-5 * first) << seed;
  }
  EXPECT_GE(fitted, 3);
}

TEST(Flow, SigmoidParticlesFitAPlantedNetwork) {
  Random random(0);
  const Planted problem = planted(Activation::sigmoid, 2, 2, 500, 4, random);
  const Particles start = start_without_weight(Activation::sigmoid, 15, 3, random);
  FlowOptions options;
  options.step = 0.2, options.steps = 300000, options.batch = 1;
  const FlowResult result = flow(start, problem.features, problem.targets, options, random);
  EXPECT_GT(objective(start, problem.features, problem.targets, 0), 0.5);
  EXPECT_LT(objective(result.particles, problem.features, problem.targets, 0), 1e-5);
}

// Section 3 of docs/math/particle.md: the objective that `nadir certify` bounds, of the network that it would be given.
TEST(Flow, WithAPenaltyTheObjectiveIsTheTwoLayerOne) {
  constexpr double lambda = 0.02;
  Random random(15);
  const Planted problem = planted(Activation::relu, 3, 2, 400, 2, random);
  const TrainingLoss loss(LossKind::squared, problem.targets);
  Particles at = start_on_sphere(Activation::relu, 15, 3, 1, random);
  FlowOptions options;
  options.step = 0.1, options.steps = 4000, options.lambda = lambda;
  for (const bool trained : {false, true}) {
    if (trained) at = flow(at, problem.features, problem.targets, options, random).particles;
    const double J = objective(at, problem.features, problem.targets, lambda);
    const ReluNetwork network = to_relu(at);
    EXPECT_LT((nadir::outputs(network, problem.features).col(0) - outputs(at, problem.features)).norm(), 1e-11);
    const double data = loss.value(nadir::outputs(network, problem.features));
    const double squares = network.units.squaredNorm() + network.unit_outputs.squaredNorm();
    const double norms = network.units.rowwise().norm().dot(network.unit_outputs.col(0).cwiseAbs());
    EXPECT_NEAR(data + lambda / 2 * squares, J, 1e-13 * J);
    EXPECT_LT(data + lambda * norms, (trained ? 1 + 1e-13 : 0.999) * J);
    EXPECT_GT(data + lambda * norms, (trained ? 1 - 1e-9 : 0) * J);
    const TwoLayerNetwork theirs{network.units, {}, network.unit_outputs.transpose(), {}, 0};
    EXPECT_LT((nadir::outputs(theirs, problem.features).col(0) - outputs(at, problem.features)).norm(), 1e-11);
  }
  at.activation = Activation::sigmoid;
  EXPECT_THROW(to_relu(at), UsageError);
}

TEST(Flow, DrawnSamplesAreUsedOnceAndInOrder) {
  Random random(16);
  const Planted problem = planted(Activation::relu, 2, 2, 20000, 1, random);
  const Particles start = start_on_sphere(Activation::relu, 8, 3, 0.5, random);
  for (const Index batch : {1, 3, 7000}) {
    Index next = 0;
    const Draw draw = [&](Matrix& X, Vector& y) {
      X = problem.features.middleRows(next, X.rows()), y = problem.targets.segment(next, X.rows()), next += X.rows();
    };
    FlowOptions options;
    options.step = 0.01, options.batch = batch, options.steps = batch == 7000 ? 2 : 5000;
    const FlowResult result = flow(start, draw, options);
    Particles expected = start;
    for (Index step = 0; step < options.steps; ++step) {
      const Particles g = scaled_gradient(expected, problem.features.middleRows(step * batch, batch),
                                          problem.targets.segment(step * batch, batch), 0);
      expected.weights -= options.step * g.weights, expected.positions -= options.step * g.positions;
    }
    EXPECT_LT(distance(result.particles, expected), 1e-10);
  }
}

TEST(Flow, ItSaysWhyItEnded) {
  Random random(17);
  const Planted problem = planted(Activation::relu, 3, 2, 100, 2, random);
  const Particles start = start_on_sphere(Activation::relu, 10, 3, 1, random);
  for (const Index batch : {0, 1, 10}) {
    FlowOptions options;
    options.step = 100, options.steps = 100000, options.batch = batch;
    const FlowResult blown = flow(start, problem.features, problem.targets, options, random);
    EXPECT_EQ(blown.stop, Stop::numerical_failure);
    EXPECT_LT(blown.steps, 100000);
    options.step = 0.01;
    int asked = 0;
    const FlowResult told =
        flow(start, problem.features, problem.targets, options, random, [&] { return ++asked < 3; });
    EXPECT_EQ(told.stop, Stop::told_to);
    EXPECT_EQ(asked, 3);
    EXPECT_LT(told.steps, 100000);
    options.steps = 0;
    const FlowResult none = flow(start, problem.features, problem.targets, options, random);
    EXPECT_TRUE(same_bits(none.particles, start));
    EXPECT_EQ(none.stop, Stop::iteration_limit);
  }
}

TEST(Flow, RefusesWhatDoesNotFit) {
  Random random(18);
  const Planted problem = planted(Activation::relu, 3, 2, 100, 2, random);
  const Particles start = start_on_sphere(Activation::relu, 10, 3, 1, random);
  const auto refused = [&](const Particles& particles, const Matrix& X, FlowOptions options) {
    EXPECT_THROW(flow(particles, X, problem.targets, options, random), UsageError);
  };
  refused(start, problem.features.leftCols(2), {});
  refused(start, problem.features.topRows(99), {});
  refused(Particles{}, problem.features, {});
  for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    FlowOptions options;
    options.step = bad;
    refused(start, problem.features, options);
    if (bad == 0) continue;
    options.step = 1, options.lambda = bad;
    refused(start, problem.features, options);
  }
  for (Index FlowOptions::*member : {&FlowOptions::steps, &FlowOptions::batch, &FlowOptions::record_every}) {
    FlowOptions options;
    options.*member = -1;
    refused(start, problem.features, options);
  }
  EXPECT_THROW(flow(start, [](Matrix&, Vector&) {}, {}), UsageError);
}

}  // namespace
}  // namespace nadir::particle
