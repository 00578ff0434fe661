// The bounds that certificates state: by norms of layers, with their best dual point, and by units.
#include <gtest/gtest.h>

#include <Eigen/SVD>
#include <cmath>

#include "nadir/base/test_util.hpp"
#include "nadir/homogeneous/meta_algorithm.hpp"
#include "nadir/homogeneous/proof.hpp"
#include "nadir/homogeneous/relaxed_dual.hpp"
#include "nadir/homogeneous/unit_bounds.hpp"

namespace nadir::homogeneous {
namespace {

Subnetwork chain(Index inputs, Index outputs, Map map) {
  return Subnetwork({{inputs, 3, map, 0.25}, {3, 2, map, 0.25}, {2, outputs}});
}

/// One output behind a ReLU, the squared loss: the gradient at zero, Y/n, its positive and its negative part scaled to
/// λ/‖X‖ where they are longer. Behind a leaky one the whole.
TEST(RelaxedDual, OfTheSquaredLossInClosedForm) {
  Random random(1);
  const Matrix X = normal_matrix(12, 4, random);
  const Vector y = normal_matrix(12, 1, random).col(0);
  const TrainingLoss loss(LossKind::squared, y);
  const Vector above = y.cwiseMax(0) / 12, below = y.cwiseMin(0) / 12;
  const auto cut = [](const Vector& g, double most) -> Vector { return g * std::min(1.0, most / g.norm()); };
  const double most = std::sqrt(above.norm() * below.norm());  // cuts one of the two
  const Problem relu{X, loss, chain(4, 1, Map::relu), {}, most * 2.0};
  EXPECT_LT((relaxed_dual(relu, 2) - (cut(above, most) + cut(below, most))).norm(), 1e-12);
  const Problem leaky{X, loss, chain(4, 1, Map::leaky_relu), {}, most * 2.0};
  EXPECT_LT((cut(relaxed_dual(leaky, 2), most) - cut(above + below, most)).norm(), 1e-12);  // its size is of no matter
}

TEST(RelaxedDual, NoOtherDualPointIsBetter) {
  Random random(2);
  const Matrix X = normal_matrix(15, 3, random);
  std::vector<int> labels(15);
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i] = X(static_cast<Index>(i), 0) > 0 ? (i % 4 == 0 ? 2 : 1) : 0;
  std::vector<int> two = labels;
  for (int& label : two) label = label > 0 ? 1 : 0;
  const std::vector<TrainingLoss> losses{
      TrainingLoss(LossKind::softmax, labels, 3), TrainingLoss(LossKind::squared, labels, 3),
      TrainingLoss(LossKind::logistic, two, 2), TrainingLoss(LossKind::squared_hinge, two, 2),
      TrainingLoss(LossKind::huber, X.col(1), 0.25)};
  for (const TrainingLoss& loss : losses)
    for (const Map map : {Map::relu, Map::leaky_relu}) {
      SCOPED_TRACE(std::string(to_string(loss.kind())));
      const double norm = X.norm();
      const Problem problem{X, loss, chain(3, loss.outputs(), map), {}, 0.02 * norm};
      const Matrix best = relaxed_dual(problem, norm);
      const double bound = loss.dual_bound(best, 0.02, layer_norm(problem, best));
      EXPECT_GT(bound, 0.05 * loss.value_at_zero());
      EXPECT_LT(bound, loss.value_at_zero());
      Matrix other;
      for (int k = 0; k < 200; ++k) {
        loss.gradient(0.3 * (k % 10) * normal_matrix(15, loss.outputs(), random), other);
        for (const double share : {1e-3, 0.1, 1.0}) {
          const Matrix G = (1 - share) * best - share * other;  // the domain of the conjugate is convex
          EXPECT_LE(loss.dual_bound(G, 0.02, layer_norm(problem, G)), bound + 1e-11);
        }
      }
    }
}

TEST(Norms, AreStatedFromAbove) {
  Random random(3);
  for (const auto& [rows, columns] : {std::pair<Index, Index>{30, 5}, {5, 30}, {1, 1}, {200, 40}}) {
    const Matrix M = normal_matrix(rows, columns, random);
    const double value = Eigen::BDCSVD<Eigen::MatrixXd>(M).singularValues()[0], stated = stated_norm(M);
    EXPECT_GT(stated, value);
    EXPECT_LT(stated, value * (1 + 1e-9));
  }
  EXPECT_GT(stated_norm(Matrix::Zero(3, 3)), 0);
  EXPECT_LT(stated_norm(Matrix::Zero(3, 3)), 1e-100);
}

/// Above what a search finds, for every number of outputs; tighter than norms, and the same for the same arguments.
TEST(Units, BoundThePolarOfDeepSubnetworks) {
  Random random(8);
  const Matrix X = normal_matrix(20, 3, random);
  for (const Index K : {1, 2, 3, 5})
    for (const bool deep : {false, true})
      for (const bool centred : {false, true}) {
        SCOPED_TRACE(std::to_string(K) + (deep ? " deep" : "") + (centred ? " centred" : ""));
        Matrix G = normal_matrix(20, K, random);
        if (centred && K > 1) G.colwise() -= Eigen::VectorXd(G.rowwise().mean());
        const TrainingLoss loss = TrainingLoss::of_quantities(G);
        std::vector<Layer> layers{{3, 4, Map::relu}, {4, 3, Map::relu}, {3, K}};
        if (!deep) layers = {{3, 4, Map::relu}, {4, K}};
        const Problem problem{X, loss, Subnetwork(layers), {}, 0.1};
        ASSERT_TRUE(has_unit_bound(problem.subnetwork));
        const UnitBound bound = bound_by_units(problem, G, {.nodes = 300});
        const double found = search_polar(problem, G, {}, {}).value;
        EXPECT_GE(bound.polar, found * (1 - 1e-9));
        EXPECT_LE(bound.polar, found * (deep ? 3.5 : K == 1 ? 1.001 : K < 5 ? 1.1 : 1.8));
        EXPECT_LE(bound.polar, stated_norm(X) * stated_norm(G));
        EXPECT_EQ(bound.evidence.scalings.size() > 0, deep);
        EXPECT_EQ(bound.evidence.output_cones.size() > 0, K > 1 && K < 5);
        const UnitBound again = bound_by_units(problem, G, {.nodes = 300});
        EXPECT_EQ(again.polar, bound.polar);
        EXPECT_EQ(again.evidence.relaxed, bound.evidence.relaxed);
        EXPECT_GE(bound_by_units(problem, G, {.nodes = 1}).polar, bound.polar * (1 - 1e-9));
      }
  EXPECT_FALSE(has_unit_bound(chain(3, 1, Map::leaky_relu)));
}

/// What is proven is below what is reached, from many starts, at many λ.
TEST(Norms, TheBoundIsBelowWhatIsReached) {
  Random random(4);
  const Matrix X = normal_matrix(20, 3, random);
  const TrainingLoss loss(LossKind::squared, Vector((X.col(0) - X.col(1).cwiseAbs()).array() + 0.2));
  for (const double lambda : {0.3, 0.03, 0.003})
    for (const Map map : {Map::relu, Map::leaky_relu}) {
      const Problem problem{X, loss, chain(3, 1, map), {}, lambda};
      MetaOptions options;
      options.max_rounds = 5, options.search.starts = 8;
      Vector start(problem.subnetwork.size());
      for (double& w : start) w = random.normal();
      const MetaResult reached = train(problem, {start}, options);
      const double norm = stated_norm(X);
      const Matrix G = relaxed_dual(problem, norm);
      const double bound = proven_bound(problem, G, norm, 0).value, objective = proven_objective(problem, reached.at);
      EXPECT_GE(objective, reached.at.objective);
      EXPECT_LE(objective, reached.at.objective * (1 + 1e-9));
      EXPECT_LT(bound, reached.at.objective);
      EXPECT_GT(bound, 0);
    }
}

}  // namespace
}  // namespace nadir::homogeneous
