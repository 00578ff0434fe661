#include <gtest/gtest.h>

#include <Eigen/SVD>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/test_util.hpp"
#include "nadir/homogeneous/meta_algorithm.hpp"
#include "nadir/polar/exact_low_rank.hpp"
#include "nadir/polar/singular_value.hpp"

namespace nadir::homogeneous {
namespace {

struct Pair {
  Subnetwork subnetwork;
  Regularizer regularizer;
};

/// Of every kind of map, pooling and cost, of inputs 6 (an image of 3 × 2 where there is a kernel) and outputs 2.
std::vector<Pair> pairs() {
  const Layer last{3, 2};
  std::vector<Pair> all;
  for (const Combination combination : {Combination::product, Combination::mean_of_powers, Combination::path})
    for (const Norm norm : {Norm::l1, Norm::l2, Norm::l_inf}) {
      const Regularizer three{combination, {norm, norm, norm}}, two{combination, {norm, norm}};
      all.push_back({Subnetwork({{6, 4, Map::relu}, {4, 3, Map::leaky_relu, 0.2}, last}), three});
      all.push_back({Subnetwork({{6, 6, Map::relu, 0, 2}, last}), two});
      all.push_back({Subnetwork({{4, 3, Map::relu}, last}, {3, 2, 1, 2}), Regularizer{combination, {norm, norm}}});
    }
  for (const Combination combination : {Combination::product, Combination::mean_of_powers})
    all.push_back({Subnetwork({{6, 3, Map::power, 2}, {3, 3, Map::power, 1.5}, last}), Regularizer{combination, {}}});
  all.push_back({Subnetwork({{6, 3, Map::relu}, {3, 3, Map::relu}, last}), Regularizer{Combination::product, {}}});
  all.push_back({Subnetwork({{6, 3}, {3, 2}}), Regularizer{Combination::path, {}}});
  all.push_back({Subnetwork({{6, 2, Map::power, 2}}), Regularizer{Combination::squares, {}}});
  all.push_back({Subnetwork({{4, 3, Map::relu}, {3, 3, Map::power, 2}, last}, {3, 2, 1, 2}),
                 Regularizer{Combination::product, {Norm::l1, Norm::l_inf, Norm::l2}}});
  all.push_back({Subnetwork({{6, 3, Map::linear}, last}), Regularizer{Combination::squares, {}}});
  return all;
}

TEST(Subnetwork, TwoLayersByHand) {
  const Subnetwork network({{2, 2, Map::relu, 0, 2}, {1, 1}});  // 3 max((x₁)₊, (x₂ − x₁)₊)
  Vector weights(5);
  weights << 1, 0, -1, 1, 3;
  Matrix x(3, 2);
  x << 1, 4, 2, 1, -1, -2;
  const Matrix f = network.apply(x, weights);
  EXPECT_EQ(f(0, 0), 9);
  EXPECT_EQ(f(1, 0), 6);
  EXPECT_EQ(f(2, 0), 0);
}

TEST(Subnetwork, AConvolutionTakesTheLargestPatch) {
  const Subnetwork network({{4, 1, Map::linear}, {1, 1}}, {3, 2, 1, 2});  // 3 × 2 image, 2 × 2 kernel: two patches
  Vector weights(5);
  weights << 1, 10, 100, 1000, 1;
  Matrix x(1, 6);
  x << 1, 2, 3, 4, 5, 6;
  EXPECT_EQ(network.apply(x, weights)(0, 0), 3 + 40 + 500 + 6000);
}

TEST(Subnetwork, DegreeIsTheExponentOfASmallerScale) {
  Random random(1);
  const Matrix X = normal_matrix(5, 6, random);
  for (const Pair& pair : pairs()) {
    const Vector z = normal_vector(pair.subnetwork.size(), random);
    const double t = 1.7, phi = std::pow(t, pair.subnetwork.degree()),
                 theta = std::pow(t, pair.regularizer.degree(pair.subnetwork));
    const Matrix f = pair.subnetwork.apply(X, z);
    EXPECT_LT((pair.subnetwork.apply(X, t * z) - phi * f).norm(), 1e-12 * phi * f.norm());
    const double cost = pair.regularizer.value(pair.subnetwork, z);
    EXPECT_NEAR(pair.regularizer.value(pair.subnetwork, t * z), theta * cost, 1e-12 * theta * cost);
  }
}

TEST(Subnetwork, GradientsAreThoseOfDifferences) {
  Random random(2);
  const Matrix X = normal_matrix(5, 6, random), B = normal_matrix(5, 2, random);
  for (const Pair& pair : pairs()) {
    Vector z = normal_vector(pair.subnetwork.size(), random), by_outputs = Vector::Zero(z.size()), by_cost = by_outputs;
    pair.subnetwork.pull_back(X, z, B, by_outputs);
    pair.regularizer.add_gradient(pair.subnetwork, z, 2, by_cost);
    for (Index i = 0; i < z.size(); ++i) {
      const double old = z[i], h = 1e-6;
      const auto values = [&](double at) {
        z[i] = at;
        const std::pair both(B.cwiseProduct(pair.subnetwork.apply(X, z)).sum(),
                             2 * pair.regularizer.value(pair.subnetwork, z));
        z[i] = old;
        return both;
      };
      const auto up = values(old + h), down = values(old - h);
      EXPECT_NEAR(by_outputs[i], (up.first - down.first) / (2 * h), 1e-5 * (1 + std::fabs(by_outputs[i])));
      EXPECT_NEAR(by_cost[i], (up.second - down.second) / (2 * h), 1e-5 * (1 + std::fabs(by_cost[i])))
          << pair.regularizer.name();
    }
  }
}

TEST(Regularizer, AnUnbalancedPairIsRefusedWithBothDegrees) {
  const Subnetwork three({{2, 3, Map::relu}, {3, 3, Map::relu}, {3, 1}});
  try {
    require_balanced(three, {Combination::squares, {}});
    FAIL() << "weight decay on three layers was taken";
  } catch (const UsageError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("degree 3"), std::string::npos) << message;
    EXPECT_NE(message.find("degree 2"), std::string::npos) << message;
  }
  EXPECT_NO_THROW(require_balanced(three, {Combination::product, {}}));
  EXPECT_NO_THROW(require_balanced(Subnetwork({{2, 1, Map::relu}, {1, 1}}), {Combination::squares, {}}));
  EXPECT_THROW(require_balanced(three, {Combination::product, {Norm::l1}}), UsageError);
}

TEST(SingularValue, IsProvenAboveAndClose) {
  Random random(3);
  for (const auto& [rows, columns] : {std::pair<Index, Index>{1, 1}, {5, 3}, {3, 5}, {60, 60}, {200, 7}})
    for (const double scale : {1e-200, 1.0, 1e150}) {
      const Matrix M = scale * normal_matrix(rows, columns, random);
      const double sigma = Eigen::JacobiSVD<Eigen::MatrixXd>(M).singularValues()[0];
      EXPECT_GE(polar::proven_singular_value(M), sigma);
      EXPECT_LE(polar::proven_singular_value(M), sigma * (1 + 1e-10));
    }
  EXPECT_EQ(polar::proven_singular_value(Matrix::Zero(4, 4)), 0);
  EXPECT_EQ(polar::proven_singular_value(Matrix::Constant(2, 2, std::nan(""))), INFINITY);
}

/// The optimum of ½‖Y − UVᵀ‖² + λΣ‖uᵢ‖‖vᵢ‖, by its definition: the singular values less λ.
double soft_thresholded(const Matrix& Y, double lambda) {
  const Eigen::VectorXd s = Eigen::BDCSVD<Eigen::MatrixXd>(Y).singularValues();
  double value = 0;
  for (const double sigma : s) value += sigma > lambda ? lambda * sigma - lambda * lambda / 2 : sigma * sigma / 2;
  return value;
}

void expect_factorized(Index rows, Index columns, Index rank, double share, Combination combination, Index width,
                       Random& random) {
  Matrix Y = normal_matrix(rows, rank, random) * normal_matrix(rank, columns, random);
  Y += 0.1 * normal_matrix(rows, columns, random);
  const double lambda = share * polar::proven_singular_value(Y);
  const auto n = static_cast<double>(rows);
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  const Matrix identity = Matrix::Identity(rows, rows);
  const Problem problem{identity, loss, Subnetwork({{rows, 1}, {1, columns}}), {combination, {}}, lambda / n};
  std::vector<Vector> start;
  for (Index i = 0; i < width; ++i) start.push_back(normal_vector(rows + columns, random));
  MetaOptions options;
  options.gap = 1e-9;
  const MetaResult result = train(problem, start, options);
  const double expected = soft_thresholded(Y, lambda);
  EXPECT_NEAR(n * result.at.objective, expected, 1e-9 * expected) << rows << " x " << columns << ", rank " << rank;
  // Proven to the same accuracy; the relative gap is of what λ leaves of the objective at zero, perhaps very little.
  EXPECT_LE(n * (result.at.objective - result.lower_bound), 1e-9 * expected);
  EXPECT_EQ(result.claim, result.relative_gap <= options.gap ? Claim::certified : Claim::bounded);
  EXPECT_LE(result.relative_gap, 1e-6);
  EXPECT_LE(n * result.lower_bound, expected * (1 + 1e-12));
  EXPECT_EQ(result.upper.by, "singular value");
}

TEST(MatrixFactorization, EndsAtTheSoftThresholdedSingularValuesFromAnyStart) {
  Random random(5);
  for (const Combination combination : {Combination::squares, Combination::mean_of_powers, Combination::product})
    for (const Index width : {0, 1, 8}) expect_factorized(12, 9, 3, 0.1, combination, width, random);
}

TEST(MatrixFactorizationLong, TwoHundredProblemsOverThreeDecadesOfLambda) {
  Random random(6);
  for (int trial = 0; trial < 200; ++trial) {
    const Index rows = random.integer(2, trial % 40 == 0 ? 200 : 60),
                columns = random.integer(2, trial % 40 == 0 ? 200 : 60);
    const Index rank = random.integer(1, 20);
    const double share = std::pow(10, -3 * random.uniform());
    expect_factorized(rows, columns, rank, share, Combination::squares, random.integer(0, 5), random);
  }
}

TEST(PolarBounds, AreAboveWhatTheSearchFinds) {
  Random random(7);
  for (int trial = 0; trial < 5; ++trial) {
    const Matrix X = normal_matrix(20, 3, random), G = normal_matrix(20, 1, random),
                 wide = normal_matrix(20, 2, random);
    const TrainingLoss one = TrainingLoss::of_quantities(G), two = TrainingLoss::of_quantities(wide);
    const auto compare = [&](const TrainingLoss& loss, const Matrix& dual, const std::vector<Layer>& layers,
                             const char* by) {
      const Problem problem{X, loss, Subnetwork(layers), {Combination::product, {}}, 0.1};
      const PolarWitness found = search_polar(problem, dual, {}, {});
      const PolarUpper upper = bound_polar(problem, dual, 0, 300);
      EXPECT_EQ(upper.by, by);
      EXPECT_GT(found.value, 0);
      EXPECT_LE(found.value, upper.value);
      EXPECT_NEAR(problem.regularizer.value(problem.subnetwork, found.weights), 1, 1e-9);
      EXPECT_NEAR(dual.cwiseProduct(problem.subnetwork.apply(X, found.weights)).sum(), found.value, 1e-9);
      return upper.value / found.value;
    };
    EXPECT_LT(compare(one, G, {{3, 4}, {4, 3}, {3, 1}}, "singular value"), 1 + 1e-6);
    EXPECT_LT(compare(two, wide, {{3, 2}}, "layer norms"), 10);  // one factor: a Frobenius norm, no singular value
    EXPECT_LT(compare(two, wide, {{3, 4}, {4, 2, Map::relu}}, "layer norms"), 10);
    EXPECT_LT(compare(one, G, {{3, 1, Map::relu}, {1, 1}}, "branch and bound"), 1 + 1e-2);
    EXPECT_LT(compare(one, G, {{3, 4, Map::relu}, {4, 1}}, "units"), 1 + 1e-2);
    EXPECT_LT(compare(one, G, {{3, 4, Map::relu}, {4, 3, Map::relu}, {3, 1}}, "units"), 2.5);
    EXPECT_LT(compare(one, G.cwiseAbs(), {{3, 4, Map::relu}, {4, 3, Map::relu}, {3, 1}}, "units"), 1 + 1e-2);
    EXPECT_LT(compare(two, wide, {{3, 4, Map::relu}, {4, 3, Map::relu}, {3, 2}}, "units"), 4);
    EXPECT_LT(compare(two, wide, {{3, 4, Map::leaky_relu, 0.1}, {4, 2}}, "layer norms"), 10);
  }
}

TEST(PolarBounds, HoldForEveryKindOfLayersAndCost) {
  Random random(13);
  const Matrix X = normal_matrix(12, 6, random);
  PolarSearch search;
  search.starts = 4;
  for (const Pair& pair : pairs()) {
    const Matrix G = normal_matrix(12, pair.subnetwork.outputs(), random);
    const TrainingLoss loss = TrainingLoss::of_quantities(G);
    const Problem problem{X, loss, pair.subnetwork, pair.regularizer, 0.1};
    const PolarUpper upper = bound_polar(problem, G, 0, 20);
    const PolarWitness found = search_polar(problem, G, {}, search);
    EXPECT_TRUE(std::isfinite(upper.value));
    EXPECT_GT(found.value, 0);
    EXPECT_LE(found.value, upper.value) << upper.by << ", " << pair.regularizer.name();
    EXPECT_EQ(upper.by == "paths", pair.regularizer.combination == Combination::path);
  }
}

TEST(PolarBounds, ADeeperSubnetworkCanDoMoreThanOneUnit) {
  // G is 1 in direction 0°, −1 at ±60°: one unit that sees the first sees the others, too, but the second layer of
  // (x₁)₊ − b(x₂)₊ − b(−x₂)₊ does not. What it reaches, 1 / (1 + 2/√3), is between.
  Matrix X(3, 2);
  X << 1, 0, 0.5, std::sqrt(0.75), 0.5, -std::sqrt(0.75);
  Matrix G(3, 1);
  G << 1, -1, -1;
  const TrainingLoss loss = TrainingLoss::of_quantities(G);
  const Problem problem{
      X, loss, Subnetwork({{2, 3, Map::relu}, {3, 1, Map::relu}, {1, 1}}), {Combination::product, {}}, 0.1};
  Vector weights(10);  // each layer's norms as the paths through it
  const double b = 1 / std::sqrt(3.0), root = std::sqrt(b);
  weights << 1, 0, 0, root, 0, -root, 1, -root, -root, 1;
  const double reached = G.cwiseProduct(problem.subnetwork.apply(X, weights)).sum() /
                         problem.regularizer.value(problem.subnetwork, weights);
  EXPECT_NEAR(reached, 1 / (1 + 2 * b), 1e-12);
  EXPECT_LT(polar::exact_polar({X, G.col(0)}).value, 0.1);
  Matrix plus = G.cwiseAbs();  // the bound of −G is no more than ρ of its positive samples, those at ±60°
  plus(0, 0) = 0;
  const double upper = bound_polar(problem, G, 0, 300).value;
  EXPECT_GE(upper, std::max(reached, polar::exact_polar({X, -G.col(0)}).value));
  EXPECT_LE(upper, polar::exact_polar({X, plus.col(0)}).value * (1 + 1e-6));
}

TEST(PolarBounds, ByPathsIsExactForLinearMapsAndForGradientsOfOneSign) {
  Random random(14);
  const Matrix X = normal_matrix(9, 4, random);
  for (const bool relu : {false, true}) {
    const Matrix G = relu ? Matrix(normal_matrix(9, 2, random).cwiseAbs()) : normal_matrix(9, 2, random);
    const TrainingLoss loss = TrainingLoss::of_quantities(G);
    const Map map = relu ? Map::relu : Map::linear;
    const Problem problem{X, loss, Subnetwork({{4, 3, map}, {3, 3, map}, {3, 2}}), {Combination::path, {}}, 0.1};
    // One path from an input of one sign to an output.
    double best = 0;
    for (const double sign : {1.0, -1.0})
      best = std::max(best, ((relu ? Matrix((sign * X).cwiseMax(0)) : X).transpose() * G).cwiseAbs().maxCoeff());
    EXPECT_NEAR(bound_polar(problem, G, 0, 10).value, best, 1e-12 * best);
  }
}

TEST(PolarBounds, APowerOfOneUnitIsThatOfAFineGrid) {
  // (x u)₊² with ½u²: one feature, so u is ±√2, and with rows alike and one sign of G the bound by rows is reached.
  const Matrix X = Matrix::Ones(4, 1), G = Matrix::Constant(4, 1, 0.5);
  const TrainingLoss loss = TrainingLoss::of_quantities(G);
  const Problem problem{X, loss, Subnetwork({{1, 1, Map::power, 2}}), {Combination::squares, {}}, 0.1};
  EXPECT_NEAR(bound_polar(problem, G, 0, 10).value, 4, 1e-12);
  EXPECT_NEAR(search_polar(problem, G, {}, {}).value, 4, 1e-9);
}

TEST(MetaAlgorithm, CertifiesDeepNetworksWhoseUnitsAreOnes) {
  // Targets that one ReLU unit gives: deeper networks have nothing better, and the bound by units says so.
  Random random(15);
  const Matrix X = normal_matrix(40, 3, random), Y = (X * normal_matrix(3, 1, random)).cwiseMax(0);
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  for (const int depth : {3, 4}) {
    std::vector<Layer> layers{{3, 3, Map::relu}};
    for (int k = 2; k < depth; ++k) layers.push_back({3, 3, Map::relu});
    layers.push_back({3, 1});
    const Problem problem{X, loss, Subnetwork(layers), {Combination::mean_of_powers, {}}, 0.1};
    MetaOptions options;
    options.gap = 1e-4, options.search.starts = 8;
    const MetaResult result = train(problem, {}, options);
    EXPECT_EQ(result.upper.by, "units");
    EXPECT_EQ(result.claim, Claim::certified) << result.relative_gap;
  }
}

TEST(MetaAlgorithm, AgreesWithTheExactPolarOfOneReluUnit) {
  Random random(8);
  for (int trial = 0; trial < 3; ++trial) {
    const Matrix X = normal_matrix(25, 2, random), Y = normal_matrix(25, 1, random);
    const TrainingLoss loss = TrainingLoss::of_quantities(Y);
    const Problem problem{X, loss, Subnetwork({{2, 1, Map::relu}, {1, 1}}), {Combination::squares, {}}, 0.05};
    MetaOptions options;
    options.gap = 1e-2;
    const MetaResult result = train(problem, {normal_vector(3, random)}, options);
    double exact = 0;
    for (const int sign : {1, -1}) exact = std::max(exact, polar::exact_polar({X, sign * result.at.dual.col(0)}).value);
    EXPECT_GE(result.upper.value, exact);
    EXPECT_LE(result.lower_bound, result.at.objective);
    EXPECT_EQ(result.claim, result.relative_gap <= options.gap ? Claim::certified : Claim::bounded);
  }
}

TEST(MetaAlgorithm, DoesNotStayAtKinksOfReluUnits) {
  Random random(11);
  for (int trial = 0; trial < 10; ++trial) {
    const Matrix X = normal_matrix(25, 3, random), Y = normal_matrix(25, 1, random);
    const TrainingLoss loss = TrainingLoss::of_quantities(Y);
    const Problem problem{X, loss, Subnetwork({{3, 1, Map::relu}, {1, 1}}), {Combination::squares, {}}, 0.05};
    MetaOptions options;
    options.gap = 1e-3;
    const MetaResult result = train(problem, {normal_vector(4, random), normal_vector(4, random)}, options);
    EXPECT_EQ(result.claim, Claim::certified) << result.relative_gap;
    EXPECT_LE(result.lower_bound, result.at.objective);
  }
}

TEST(MetaAlgorithm, EndsWithinARoundWhereToldTo) {
  Random random(12);
  const Matrix X = normal_matrix(30, 4, random), Y = normal_matrix(30, 1, random);
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  const Problem problem{X, loss, Subnetwork({{4, 3, Map::relu}, {3, 3, Map::relu}, {3, 1}}), {}, 1e-4};
  MetaOptions options;
  options.gap = 1e-9;
  for (const int last : {0, 1, 20, 1000}) {
    int asked = 0;
    options.go_on = [&] { return asked++ < last; };
    const MetaResult result = train(problem, {normal_vector(24, random)}, options);
    EXPECT_EQ(result.stop, Stop::told_to);
    EXPECT_EQ(asked, last + 1);  // not once more
    EXPECT_FALSE(result.no_descent_found);
    EXPECT_EQ(result.claim, Claim::bounded);
  }
}

TEST(MetaAlgorithm, DeepSubnetworksAreNeverClaimedBeyondTheirBound) {
  Random random(9);
  const Matrix X = normal_matrix(30, 4, random), Y = normal_matrix(30, 1, random);
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  for (const int depth : {3, 4}) {
    std::vector<Layer> layers{{4, 3, Map::relu}};
    for (int k = 2; k < depth; ++k) layers.push_back({3, 3, Map::relu});
    layers.push_back({3, 1});
    const Problem problem{X, loss, Subnetwork(layers), {Combination::mean_of_powers, {}}, 0.02};
    MetaOptions options;
    options.max_rounds = 5, options.search.starts = 8;
    const MetaResult result = train(problem, {}, options);
    EXPECT_LT(result.at.objective, loss.value_at_zero());
    EXPECT_EQ(result.upper.by, "units");
    EXPECT_EQ(result.claim, Claim::bounded);
    EXPECT_LT(result.lower_bound, result.at.objective);
    EXPECT_GE(result.log.size(), 3U);
    for (std::size_t k = 1; k < result.log.size(); ++k)
      EXPECT_LE(result.log[k].objective, result.log[k - 1].objective * (1 + 1e-12));
  }
}

TEST(MetaAlgorithm, RefusesWhatDoesNotFit) {
  Random random(10);
  const Matrix X = normal_matrix(5, 3, random), Y = normal_matrix(5, 1, random);
  const TrainingLoss loss = TrainingLoss::of_quantities(Y);
  const Subnetwork deep({{3, 2, Map::relu}, {2, 2, Map::relu}, {2, 1}});
  EXPECT_THROW(train({X, loss, deep, {Combination::squares, {}}, 0.1}, {}, {}), UsageError);
  EXPECT_THROW(train({X, loss, deep, {Combination::product, {}}, 0}, {}, {}), UsageError);
  EXPECT_THROW(train({X, loss, deep, {Combination::product, {}}, 0.1}, {Vector::Ones(3)}, {}), UsageError);
  EXPECT_THROW(train({X, loss, Subnetwork({{2, 1}, {1, 1}}), {Combination::product, {}}, 0.1}, {}, {}), UsageError);
  EXPECT_THROW(Subnetwork({{3, 2}, {3, 1}}), UsageError);
  EXPECT_THROW(Subnetwork({{3, 3, Map::relu, 0, 2}, {1, 1}}), UsageError);
}

}  // namespace
}  // namespace nadir::homogeneous
