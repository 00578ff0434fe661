#include "nadir/loss/training_loss.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"
#include "nadir/loss/loss.hpp"

namespace nadir {
namespace {

/// Each with equal weights and with others.
std::vector<TrainingLoss> every_loss(Index n, Random& random) {
  Vector targets(n), weights(n);
  std::vector<int> two, four;
  for (Index i = 0; i < n; ++i) {
    targets[i] = random.uniform(-2, 2);
    two.push_back(random.integer(0, 1)), four.push_back(random.integer(0, 3));
    weights[i] = std::exp2(random.uniform(-5, 5));
  }
  std::vector<TrainingLoss> all;
  for (const Vector& w : {Vector(), weights}) {
    all.emplace_back(LossKind::squared, targets, 1, w), all.emplace_back(LossKind::huber, targets, 0.7, w);
    for (const LossKind kind : {LossKind::logistic, LossKind::squared_hinge, LossKind::squared})
      all.emplace_back(kind, two, 2, w);
    for (const LossKind kind : {LossKind::softmax, LossKind::squared}) all.emplace_back(kind, four, 4, w);
  }
  return all;
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

/// A sample of weight 2 is two samples of weight 1, and only the weights' ratios matter.
TEST(TrainingLoss, WeightsCountSamples) {
  const Vector weights = (Vector(3) << 2, 1, 3).finished();
  const std::vector<Index> rows = {0, 0, 1, 2, 2, 2};
  for (const LossKind kind :
       {LossKind::squared, LossKind::huber, LossKind::logistic, LossKind::squared_hinge, LossKind::softmax}) {
    const Vector y = (Vector(3) << -1, 0.4, 2).finished();
    const std::vector<int> labels = {1, 0, 1};
    Vector all_y(6);
    std::vector<int> all_labels;
    for (Index i = 0; i < 6; ++i)
      all_y[i] = y[rows[static_cast<std::size_t>(i)]],
      all_labels.push_back(labels[static_cast<std::size_t>(rows[static_cast<std::size_t>(i)])]);
    const bool quantity = kind == LossKind::squared || kind == LossKind::huber;
    const TrainingLoss few = quantity ? TrainingLoss(kind, y, 0.5, 0.125 * weights)
                                      : TrainingLoss(kind, labels, 2, 0.125 * weights),
                       many = quantity ? TrainingLoss(kind, all_y, 0.5) : TrainingLoss(kind, all_labels, 2);
    Random random(4);
    const Matrix f = random_outputs(few, random);
    Matrix all_f(6, few.outputs()), g, all_g;
    for (Index i = 0; i < 6; ++i) all_f.row(i) = f.row(rows[static_cast<std::size_t>(i)]);
    EXPECT_NEAR(few.value(f), many.value(all_f), 1e-15) << to_string(kind);
    few.gradient(f, g);
    many.gradient(all_f, all_g);
    EXPECT_NEAR(few.dual_value(-g, 0.8), many.dual_value(-all_g, 0.8), 1e-15) << to_string(kind);
    EXPECT_LE((g.row(2) - 3 * all_g.row(5)).norm(), 1e-15) << to_string(kind);
    EXPECT_LE((g.row(1) - all_g.row(2)).norm(), 1e-15) << to_string(kind);
  }
}

/// Where every residual is beyond delta, or every sample far on the wrong side, minus the gradient lies on the border.
TEST(TrainingLoss, TakesDualPointsOnItsBorderUpToRounding) {
  Random random(8);
  for (Index n = 2; n < 60; ++n) {
    Vector weights(n);
    for (double& weight : weights) weight = random.uniform(0.1, 5);
    const TrainingLoss huber(LossKind::huber, Vector::Constant(n, 9.0), 0.7, weights);
    const TrainingLoss softmax(LossKind::softmax, std::vector<int>(static_cast<std::size_t>(n), 1), 3, weights);
    Matrix g;
    huber.gradient(Matrix::Zero(n, 1), g);
    EXPECT_GT(huber.dual_value(-g, 1), 0) << n;
    softmax.gradient(Vector::Ones(n) * (Matrix(1, 3) << 300, 0, 300).finished(), g);
    EXPECT_GT(softmax.dual_value(-g, 1), 0) << n;
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
  for (const double weight : {0.0, -1.0, std::nan(""), infinity})
    EXPECT_THROW(TrainingLoss(LossKind::squared, Vector::Zero(1), 1, Vector::Constant(1, weight)), UsageError);
  EXPECT_THROW(TrainingLoss(LossKind::logistic, {0, 1}, 2, Vector::Ones(3)), UsageError);
}

}  // namespace
}  // namespace nadir
