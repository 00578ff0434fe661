#include "nadir/path/path.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nadir::path {
namespace {

TEST(LambdaChoice, TakesTheLargestWithinAStandardErrorOfTheBest) {
  const std::vector<double> losses = {1.0, 0.52, 0.45, 0.40, 0.41}, errors = {0.01, 0.01, 0.06, 0, 0.01};
  EXPECT_EQ(choose_lambda(losses, errors, "best"), 3U);
  EXPECT_EQ(choose_lambda(losses, errors, "one-se"), 2U);
  EXPECT_EQ(choose_lambda(losses, {0, 0, 0, 0, 0}, "one-se"), 3U);
}

TEST(LambdaPath, IsEvenOnALogarithmicScale) {
  const std::vector<double> path = lambda_path(8, 1e-3, 4);
  ASSERT_EQ(path.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(path[i], 8 * std::pow(0.1, i), 1e-12);
  EXPECT_EQ(lambda_path(8, 0.5, 1), std::vector<double>{8});
}

/// Answers what it was told, whatever lambda is.
class Fixed : public FoldTrainer {
 public:
  explicit Fixed(Matrix answer) : answer_(std::move(answer)) {}
  Matrix train(double, const Watch&) override { return answer_; }
  State state() const override { return State(); }
  void restore(const State& /*state*/) override {}

 private:
  Matrix answer_;
};

/// Squares of 1 in a row of weight 3 and of 3 in a row of weight 1; and of 2 in a row of weight 4.
TEST(CrossValidation, ScoresByWeights) {
  std::vector<Fold> folds(2);
  folds[0].validation.features = Matrix::Zero(2, 1), folds[1].validation.features = Matrix::Zero(1, 1);
  folds[0].validation.targets = (Vector(2) << 1, 3).finished();
  folds[1].validation.targets = Vector::Constant(1, -2);
  folds[0].places = {0, 2}, folds[1].places = {1};
  const MakeTrainer make = [](const Fold& fold) {
    return std::make_unique<Fixed>(Matrix::Zero(fold.validation.samples(), 1));
  };
  const auto score = [&] { return cross_validate({}, folds, make, 3, {1.0}, "best", 1, {}); };
  EXPECT_DOUBLE_EQ(score().errors[0], (1 + 9 + 4) / 3.0);
  folds[0].validation.weights = (Vector(2) << 3, 1).finished();
  folds[1].validation.weights = Vector::Constant(1, 4);
  EXPECT_DOUBLE_EQ(score().errors[0], (3 + 9 + 16) / 8.0);
  EXPECT_DOUBLE_EQ(score().losses[0], (3 + 9 + 16) / 16.0);
}

/// The targets are 0, so that the outputs' squares are the losses: one answer after the other.
class InTurn : public FoldTrainer {
 public:
  explicit InTurn(const std::vector<double>& answers) : answers_(answers) {}
  Matrix train(double, const Watch&) override { return Matrix::Constant(1, 1, answers_[next_++]); }
  State state() const override { return State(); }
  void restore(const State& /*state*/) override {}

 private:
  const std::vector<double>& answers_;
  std::size_t next_ = 0;
};

std::vector<Fold> two_folds_of_a_row() {
  std::vector<Fold> folds(2);
  for (int k = 0; k < 2; ++k) {
    Fold& fold = folds[static_cast<std::size_t>(k)];
    fold.validation.features = Matrix::Zero(1, 1), fold.validation.targets = Vector::Zero(1), fold.places = {k};
  }
  return folds;
}

TEST(CrossValidation, EndsOnceTheLossHasRisenThreeTimesSinceItsLeast) {
  const std::vector<Fold> folds = two_folds_of_a_row();
  const auto trained = [&](const std::vector<double>& answers, double other_folds = 1) {
    std::vector<double> others = answers;
    for (double& one : others) one *= other_folds;
    const MakeTrainer make = [&](const Fold& fold) {
      return std::make_unique<InTurn>(&fold == folds.data() ? answers : others);
    };
    const std::vector<double> lambdas = lambda_path(1, 0.1, static_cast<int>(answers.size()));
    return cross_validate({}, folds, make, 2, lambdas, "best", 1, {}).losses.size();
  };
  EXPECT_EQ(trained({5, 4, 3, 4, 5, 6, 1, 1}), 6U);
  EXPECT_EQ(trained({5, 4, 3, 4, 5, 4.5, 6, 7, 1}), 9U);  // not in a row before the end
  EXPECT_EQ(trained({3, 4, 5, 2, 3, 4, 5, 6}), 7U);
  EXPECT_EQ(trained({3, 3, 3, 3, 3, 1}), 6U);  // flat is not risen
  EXPECT_EQ(trained({3, 3.1, 3.2, 3.3, 3.4, 1}), 4U);
  EXPECT_EQ(trained({3, 3.1, 3.2, 3.3, 3.4, 1}, 2), 6U);  // within what the folds differ by
}

/// Means 5, 2.25, 2; the folds differ by much, what they lose beside the last by 0.25 ± 0.05 or by 0.25 ± 0.45.
TEST(CrossValidation, ComparesLambdasFoldByFold) {
  const std::vector<Fold> folds = two_folds_of_a_row();
  const auto chosen = [&](const std::vector<double>& first, const std::vector<double>& second) {
    std::vector<double> answers[2];
    for (const double loss : first) answers[0].push_back(std::sqrt(2 * loss));
    for (const double loss : second) answers[1].push_back(std::sqrt(2 * loss));
    const MakeTrainer make = [&](const Fold& fold) {
      return std::make_unique<InTurn>(&fold == folds.data() ? answers[0] : answers[1]);
    };
    return cross_validate({}, folds, make, 2, lambda_path(1, 0.1, 3), "one-se", 1, {});
  };
  const PathChoice certain = chosen({4, 1.3, 1}, {6, 3.2, 3}), uncertain = chosen({4, 1.7, 1}, {6, 2.8, 3});
  EXPECT_NEAR(certain.standard_errors[2], 1, 1e-12);
  EXPECT_NEAR(certain.excess_errors[1], 0.05, 1e-12);
  EXPECT_EQ(certain.excess_errors[2], 0);
  EXPECT_EQ(certain.chosen, 2U);
  EXPECT_NEAR(uncertain.excess_errors[1], 0.45, 1e-12);
  EXPECT_EQ(uncertain.chosen, 1U);
}

}  // namespace
}  // namespace nadir::path
