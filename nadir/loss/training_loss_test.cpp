#include "nadir/loss/training_loss.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"
#include "nadir/loss/loss.hpp"

namespace nadir {
namespace {

std::vector<TrainingLoss> every_loss(Index n, Random& random) {
  Vector targets(n);
  std::vector<int> two, four;
  for (Index i = 0; i < n; ++i) {
    targets[i] = random.uniform(-2, 2);
    two.push_back(random.integer(0, 1)), four.push_back(random.integer(0, 3));
  }
  return {TrainingLoss(LossKind::squared, targets), TrainingLoss(LossKind::huber, targets, 0.7),
          TrainingLoss(LossKind::logistic, two, 2), TrainingLoss(LossKind::squared_hinge, two, 2),
          TrainingLoss(LossKind::softmax, four, 4), TrainingLoss(LossKind::squared, two, 2),
          TrainingLoss(LossKind::squared, four, 4)};
}

Matrix random_outputs(const TrainingLoss& loss, Random& random) {
  Matrix f(loss.samples(), loss.outputs());
  for (Index i = 0; i < f.size(); ++i) f.data()[i] = random.uniform(-3, 3);
  return f;
}

TEST(TrainingLoss, FitsItsDerivatives) {
  Random random(11);
  for (const TrainingLoss& loss : every_loss(9, random)) {
    const Matrix f = random_outputs(loss, random), direction = random_outputs(loss, random);
    Matrix g, above, below, curved;
    loss.gradient(f, g);
    const double h = 1e-6;
    EXPECT_NEAR(g.cwiseProduct(direction).sum(),
                (loss.value(f + h * direction) - loss.value(f - h * direction)) / (2 * h), 1e-8)
        << to_string(loss.kind());
    loss.gradient(f + h * direction, above);
    loss.gradient(f - h * direction, below);
    loss.curvature(f).apply(direction, curved);
    EXPECT_LE((curved - (above - below) / (2 * h)).cwiseAbs().maxCoeff(), 1e-7) << to_string(loss.kind());
  }
}

/// Fenchel and Young: L(f) ≥ −⟨G, f⟩ − L*(−G), with equality at G = −∇L(f).
TEST(TrainingLoss, FitsItsConjugate) {
  Random random(12);
  for (const TrainingLoss& loss : every_loss(9, random)) {
    const Matrix f = random_outputs(loss, random), other = random_outputs(loss, random);
    Matrix G;
    loss.gradient(f, G);
    G = -G;
    EXPECT_NEAR(loss.value(f), loss.dual_value(G, 1) - G.cwiseProduct(f).sum(), 1e-12) << to_string(loss.kind());
    for (const double tau : {0.3, 0.9})
      EXPECT_GE(loss.value(other) + tau * G.cwiseProduct(other).sum(), loss.dual_value(G, tau) - 1e-13);
  }
}

TEST(TrainingLoss, RefusesDualPointsOutsideItsDomain) {
  const Vector y = Vector::Constant(1, 1.0);
  const Matrix far = Matrix::Constant(1, 1, 5.0), wrong = Matrix::Constant(1, 1, -0.5);
  EXPECT_EQ(TrainingLoss(LossKind::huber, y, 2).dual_value(far, 1), -infinity);
  EXPECT_EQ(TrainingLoss(LossKind::logistic, {1}, 2).dual_value(far, 1), -infinity);
  EXPECT_EQ(TrainingLoss(LossKind::logistic, {1}, 2).dual_value(wrong, 1), -infinity);
  EXPECT_EQ(TrainingLoss(LossKind::squared_hinge, {1}, 2).dual_value(wrong, 1), -infinity);
  EXPECT_GT(TrainingLoss(LossKind::squared_hinge, {0}, 2).dual_value(wrong, 1), 0);
  Matrix classes(1, 3);
  classes << 0, -0.7, -0.4;
  EXPECT_EQ(TrainingLoss(LossKind::softmax, {0}, 3).dual_value(classes, 1), -infinity);
  EXPECT_GT(TrainingLoss(LossKind::softmax, {0}, 3).dual_value(classes, 0.5), 0);
}

TEST(TrainingLoss, OfClassesIsTheDistanceFromTheirUnitVectors) {
  const TrainingLoss loss(LossKind::squared, {2, 0}, 3);
  EXPECT_EQ(loss.outputs(), 3);
  EXPECT_EQ(loss.value_at_zero(), 0.5);
  Matrix f(2, 3), g;
  f << 1, 2, 5, 1, 0, 0;
  EXPECT_EQ(loss.value(f), (1 + 4 + 16) / 4.0);
  loss.gradient(f, g);
  EXPECT_EQ(2 * g.row(0), (Matrix(1, 3) << 1, 2, 4).finished());
  EXPECT_TRUE(g.row(1).isZero(0));
  EXPECT_EQ(TrainingLoss(LossKind::squared, {0, 1}, 2).outputs(), 2);
}

TEST(TrainingLoss, RefusesTargetsOfAnotherKind) {
  EXPECT_THROW(TrainingLoss(LossKind::logistic, {0, 1, 2}, 3), UsageError);
  EXPECT_THROW(TrainingLoss(LossKind::huber, {0, 1}, 2), UsageError);
  EXPECT_THROW(TrainingLoss(LossKind::softmax, Vector::Zero(2)), UsageError);
  EXPECT_THROW(TrainingLoss(LossKind::huber, Vector::Zero(2), 0), UsageError);
}

}  // namespace
}  // namespace nadir
