// The test and its witnesses, on critical points whose answer is known by construction.
#include "nadir/linear/verdict.hpp"

#include <gtest/gtest.h>

#include <map>

#include "nadir/linear/descent.hpp"
#include "nadir/linear/test_util.hpp"
#include "nadir/linear/witness.hpp"

namespace nadir::linear {
namespace {

using test::plain_loss;
using test::plant;
using test::Planted;
using test::Strand;
using test::weave;

LinearChain zero_chain(const std::vector<Index>& widths) {
  LinearChain chain;
  for (std::size_t i = 1; i < widths.size(); ++i) chain.weights.emplace_back(Matrix::Zero(widths[i], widths[i - 1]));
  return chain;
}

/// All that is to hold of a saddle: verdict, gap, and losses that are smaller, seen by another's eyes.
void expect_saddle(const Planted& data, const LinearChain& chain, double gap) {
  const Problem problem = reduce(data.features, data.targets);
  const Judgement judgement = judge(problem, chain);
  EXPECT_EQ(judgement.verdict, Verdict::saddle) << judgement.reason;
  EXPECT_NEAR(judgement.gap, gap, 1e-10 * data.optimum(0));
  const auto witness = find_witness(problem, chain);
  ASSERT_TRUE(witness);
  ASSERT_EQ(witness->steps.size(), 4u);
  const double before = plain_loss(chain, data.features, data.targets);
  for (const WitnessStep& step : witness->steps) {
    EXPECT_GT(step.decrease, 2 * step.rounding);
    const double seen = before - plain_loss(moved(chain, *witness, step.radius), data.features, data.targets);
    EXPECT_NEAR(seen, step.decrease, 1e-13 * before + 1e-6 * step.decrease);
  }
  const double fall = witness->steps[2].decrease / witness->steps[3].decrease;
  EXPECT_LT(fall, 4 * std::pow(2, witness->order));
}

Planted usual(Random& random) { return plant(30, 5, 4, Vector{{5, 4, 3, 2, 1}}, Vector{{4, 3, 2, 1}}, random); }

TEST(LinearVerdict, RandomWeightsAreNotCritical) {
  Random random(1);
  const Planted data = usual(random);
  LinearChain chain;
  chain.weights = {normal_matrix(3, 5, random), normal_matrix(4, 3, random)};
  const Judgement judgement = judge(reduce(data.features, data.targets), chain);
  EXPECT_EQ(judgement.verdict, Verdict::not_critical);
  const double expected = plain_loss(chain, data.features, data.targets) - data.optimum(3);
  EXPECT_NEAR(judgement.gap, expected, 1e-12 * expected);
}

TEST(LinearVerdict, GlobalMinimumInAnyFactors) {
  Random random(2);
  const Planted data = usual(random);
  const LinearChain chain = weave(data, 2, {{0, 3, 0}, {0, 3, 1}, {1, 1}, {2, 2}, {2, 3, 3}, {0, 0}}, random);
  const Problem problem = reduce(data.features, data.targets);
  // widths 5, 3, 4, 4; the strand from 2 to the end leads nowhere from the input.
  const Judgement judgement = judge(problem, weave(data, 2, {{0, 3, 0}, {0, 3, 1}}, random));
  EXPECT_EQ(judgement.verdict, Verdict::global_minimum) << judgement.reason;
  EXPECT_TRUE(judgement.assumptions.all());
  EXPECT_EQ(judgement.k, 2);
  EXPECT_EQ(judgement.rank.rank, 2);
  EXPECT_LT(judgement.principal_angle, 1e-12);
  EXPECT_LT(std::fabs(judgement.shortfall), 1e-12);
  EXPECT_LT(std::fabs(judgement.gap), 1e-12);
  EXPECT_FALSE(find_witness(problem, weave(data, 2, {{0, 3, 0}, {0, 3, 1}}, random)));
  expect_saddle(data, chain, data.optimum(2) - data.optimum(3));
}

TEST(LinearVerdict, FullRankInTheWrongColumnSpaceIsASaddle) {
  Random random(3);
  const Planted data = usual(random);
  const LinearChain chain = weave(data, 2, {{0, 3, 0}, {0, 3, 2}}, random);
  expect_saddle(data, chain, (9.0 - 4) / 2);
  const Judgement judgement = judge(reduce(data.features, data.targets), chain);
  EXPECT_EQ(judgement.rank.rank, 2);
  EXPECT_NEAR(judgement.principal_angle, std::acos(0.0), 1e-9);
  EXPECT_NEAR(judgement.shortfall, (9.0 - 4) / (16 + 9), 1e-12);
  EXPECT_EQ(find_witness(reduce(data.features, data.targets), chain)->kind, WitnessKind::rotation);
}

TEST(LinearVerdict, RankDeficientCriticalPointsAreSaddles) {
  Random random(4);
  const Planted data = usual(random);
  const LinearChain chain = weave(data, 2, {{0, 3, 0}, {0, 3, 1}, {1, 2}}, random);
  expect_saddle(data, chain, 2);
  const auto witness = find_witness(reduce(data.features, data.targets), chain);
  EXPECT_EQ(witness->kind, WitnessKind::bridge);
}

TEST(LinearVerdict, ZeroWeights) {
  Random random(5);
  const Planted data = usual(random);
  for (int H = 1; H <= 5; ++H) {
    std::vector<Index> widths{5};
    for (int i = 0; i < H; ++i) widths.push_back(i + 2);
    widths.push_back(4);
    expect_saddle(data, zero_chain(widths), data.optimum(0) - data.optimum(2));
    EXPECT_EQ(find_witness(reduce(data.features, data.targets), zero_chain(widths))->order, H + 1);
  }
}

TEST(LinearVerdict, OneLayerHasNoSaddles) {
  Random random(6);
  const Planted data = usual(random);
  const Problem problem = reduce(data.features, data.targets);
  EXPECT_EQ(judge(problem, zero_chain({5, 4})).verdict, Verdict::not_critical);
  const Judgement judgement = judge(problem, balanced_minimizer(problem, {}));
  EXPECT_EQ(judgement.verdict, Verdict::global_minimum) << judgement.reason;
  EXPECT_EQ(judgement.narrowest, 1);
}

TEST(LinearVerdict, IdentityData) {
  const Matrix I = Matrix::Identity(4, 4);
  const Problem problem = reduce(I, I);
  LinearChain chain;  // all singular values are tied: any plane is as good
  Random random(7);
  const Dense B = test::random_basis(4, 2, random);
  chain.weights = {B.transpose(), B};
  const Judgement judgement = judge(problem, chain);
  EXPECT_EQ(judgement.verdict, Verdict::global_minimum) << judgement.reason;
  EXPECT_TRUE(judgement.tie);
  EXPECT_FALSE(judgement.assumptions.distinct_singular_values);
  EXPECT_NEAR(judgement.optimum, 1, 1e-14);
}

TEST(LinearVerdict, TiesAreDecidedByTheProjector) {
  Random random(8);
  const Planted data = plant(30, 5, 4, Vector{{5, 4, 3, 2, 1}}, Vector{{4, 2, 2, 1}}, random);
  for (const Index chosen : {1, 2}) {  // either is a global minimum, though Û is only one of them
    const Judgement judgement =
        judge(reduce(data.features, data.targets), weave(data, 1, {{0, 2, 0}, {0, 2, chosen}}, random));
    EXPECT_EQ(judgement.verdict, Verdict::global_minimum) << judgement.reason;
    EXPECT_TRUE(judgement.tie);
  }
  expect_saddle(data, weave(data, 1, {{0, 2, 0}, {0, 2, 3}}, random), 1.5);
}

TEST(LinearVerdict, FewSamplesAndFeaturesThatAreZero) {
  Random random(9);
  const Planted few = plant(3, 6, 4, Vector{{5, 4, 2}}, Vector{{3, 2, 1}}, random);
  Judgement judgement = judge(reduce(few.features, few.targets), weave(few, 1, {{0, 2, 0}, {0, 2, 1}}, random));
  EXPECT_EQ(judgement.verdict, Verdict::global_minimum) << judgement.reason;
  EXPECT_FALSE(judgement.assumptions.widths);
  EXPECT_FALSE(judgement.assumptions.full_rank_features);
  expect_saddle(few, weave(few, 1, {{0, 2, 0}, {0, 2, 2}}, random), 1.5);

  Planted zero = usual(random);
  zero.features.col(2).setZero();
  const Problem problem = reduce(zero.features, zero.targets);
  EXPECT_EQ(problem.rank(), 4);
  LinearChain chain = balanced_minimizer(problem, {3});
  chain.weights[0].col(2).setConstant(7);  // touches no sample
  judgement = judge(problem, chain);
  EXPECT_EQ(judgement.verdict, Verdict::global_minimum) << judgement.reason;
}

TEST(LinearVerdict, TargetsOfLowRankNeedNoFullRank) {
  Random random(10);
  const Planted data = plant(30, 5, 4, Vector{{5, 4, 3, 2, 1}}, Vector{{4, 0, 0, 0}}, random);
  const LinearChain chain = weave(data, 1, {{0, 2, 0}, {1, 1}}, random);
  const Judgement judgement = judge(reduce(data.features, data.targets), chain);
  EXPECT_EQ(judgement.verdict, Verdict::global_minimum) << judgement.reason;  // rank 1 with width 2
  EXPECT_FALSE(judgement.assumptions.full_rank_correlation);
  const Judgement none = judge(reduce(data.features, Matrix::Zero(30, 4)), zero_chain({5, 3, 4}));
  EXPECT_EQ(none.verdict, Verdict::global_minimum) << none.reason;
}

TEST(LinearVerdict, WidthsOfOne) {
  Random random(11);
  const Planted data = plant(12, 1, 1, Vector{{2.0}}, Vector{{3.0}}, random);
  expect_saddle(data, zero_chain({1, 1, 1, 1}), 4.5);
  const Problem problem = reduce(data.features, data.targets);
  EXPECT_EQ(judge(problem, balanced_minimizer(problem, {1, 1})).verdict, Verdict::global_minimum);
}

TEST(LinearVerdict, ASaddleThatNoStraightLineLeaves) {
  // Near it the loss is ½ w² − w p q t + .. in the middle layer's w and turns p, q of the others: along a line w of
  // first order costs more than the product of three first orders gives, and along w = ε², p = q = ε it falls as ε⁴.
  Random random(12);
  const Planted data = plant(12, 2, 2, Vector{{2, 1}}, Vector{{3, 0}}, random);
  const LinearChain chain = weave(data, 4, {{0, 2, 1}, {3, 5, 1}}, random);
  ASSERT_EQ(widths_of(chain), (std::vector<Index>{2, 1, 1, 1, 1, 2}));
  expect_saddle(data, chain, 4.5);
  const auto witness = find_witness(reduce(data.features, data.targets), chain);
  EXPECT_EQ(witness->order, 4);
  EXPECT_EQ(witness->exponents, (std::vector<int>{1, 1, 2, 1, 1}));
}

TEST(LinearVerdict, WhatHangsIsUndecided) {
  Random random(13);
  const Planted data = plant(30, 4, 3, Vector{{4, 3, 2, 1}}, Vector{{4, 2, 2e-8}}, random);
  const Judgement rank = judge(reduce(data.features, data.targets), weave(data, 1, {{0, 2, 0}, {0, 2, 2}}, random));
  EXPECT_EQ(rank.verdict, Verdict::undecided);
  EXPECT_TRUE(rank.rank.hangs);
  EXPECT_NE(rank.reason.find("rank of the product"), std::string::npos) << rank.reason;
  const Planted near = plant(30, 4, 3, Vector{{4, 3, 2, 1e-13}}, Vector{{4, 2, 1}}, random);
  const Problem problem = reduce(near.features, near.targets);
  EXPECT_TRUE(problem.rank_hangs);
  const Judgement features = judge(problem, balanced_minimizer(problem, {2}));
  EXPECT_EQ(features.verdict, Verdict::undecided);
  EXPECT_NE(features.reason.find("rank of the features"), std::string::npos) << features.reason;
  const Planted tie = plant(30, 4, 3, Vector{{4, 3, 2, 1}}, Vector{{4, 2 + 1e-8, 2}}, random);
  const Judgement value = judge(reduce(tie.features, tie.targets), weave(tie, 1, {{0, 2, 0}, {0, 2, 2}}, random));
  EXPECT_EQ(value.verdict, Verdict::undecided);
  EXPECT_EQ(value.by_value, Answer::hangs);
}

TEST(LinearVerdict, TheoremAndValueMustAgree) {
  // The best column space with half of the best weights: not critical, so that the theorem says nothing; were it taken
  // for critical all the same, the value would object.
  Random random(15);
  const Planted data = usual(random);
  const Problem problem = reduce(data.features, data.targets);
  LinearChain chain = balanced_minimizer(problem, {2});
  chain.weights[0] *= 0.5;
  EXPECT_EQ(judge(problem, chain).verdict, Verdict::not_critical);
  VerdictOptions lenient;
  lenient.gradient = 1;
  const Judgement judgement = judge(problem, chain, lenient);
  EXPECT_EQ(judgement.by_theorem, Answer::yes);
  EXPECT_EQ(judgement.by_value, Answer::no);
  EXPECT_EQ(judgement.verdict, Verdict::undecided);
}

TEST(LinearVerdict, SmallChangesOfTheLossAreResolved) {
  Random random(14);
  const Planted data = usual(random);
  const Problem problem = reduce(data.features, data.targets);
  LinearChain chain;
  chain.weights = {normal_matrix(3, 5, random), normal_matrix(4, 3, random)};
  const PartialProducts at = partial_products(problem, chain);
  const std::vector<Matrix> deltas = {1e-7 * normal_matrix(3, 5, random), 1e-7 * normal_matrix(4, 3, random)};
  LinearChain other = chain;
  for (std::size_t i = 0; i < 2; ++i) other.weights[i] += deltas[i];
  const LossChange found = loss_change(problem, at, deltas);
  const double seen = plain_loss(other, data.features, data.targets) - plain_loss(chain, data.features, data.targets);
  EXPECT_NEAR(found.change, seen, 1e-12 * plain_loss(chain, data.features, data.targets));
  EXPECT_GT(std::fabs(found.change), 1e3 * found.rounding);
}

/// A critical point of a random kind, as strands. Unless `best`, its full strands carry any singular triples. `lean`:
/// hidden places have one more number than the rank, or none, so that ways from the input to the output are few.
std::vector<Strand> random_strands(Index H, Index q, const Vector& sigma, bool best, bool lean, Random& random) {
  std::vector<int> order;
  for (int i = 0; i < sigma.size(); ++i) order.push_back(i);
  if (!best) random.shuffle(order);
  std::vector<Strand> strands;
  Index full = 0;
  for (std::size_t j = 0; j < order.size(); ++j) {
    if (static_cast<Index>(j) < q && sigma[order[j]] > 0) {
      strands.push_back({0, H + 1, order[j]});
      ++full;
      continue;
    }
    if (H < 1) continue;
    // Its right vector reaches place b, its left one begins at place a ≥ b + 2: no layer sees both.
    const int b = random.integer(0, static_cast<int>(H) - 1), a = random.integer(b + 2, static_cast<int>(H) + 1);
    if (b > 0 && random.uniform() < (lean ? 0.2 : 0.5)) strands.push_back({0, b, order[j]});
    if (a <= H && random.uniform() < (lean ? 0.2 : 0.5)) strands.push_back({a, H + 1, order[j]});
  }
  for (Index i = 1; i <= H; ++i) {
    Index crossing = 0;
    for (const Strand& s : strands) crossing += s.first <= i && i <= s.last ? 1 : 0;
    const bool bare = crossing <= (lean ? full : 0);
    for (int more = random.integer(bare ? 1 : 0, lean ? (bare ? 1 : 0) : 2); more > 0; --more)
      strands.push_back({i, random.integer(static_cast<int>(i), static_cast<int>(H))});
  }
  return strands;
}

/// Data of any size up to 20, some with X of low rank, few samples, ties, or targets of low rank.
Planted random_data(Random& random) {
  const Index d = random.integer(1, 20), K = random.integer(1, 20);
  const Index r = random.uniform() < 0.3 ? random.integer(1, static_cast<int>(d)) : d;
  const Index n = random.uniform() < 0.2 ? r : r + random.integer(1, 30);
  Vector sizes(r), sigma(std::min(K, r));
  for (double& x : sizes) x = std::pow(10, random.uniform(-2, 2));
  for (double& x : sigma) x = random.uniform(0.2, 5);
  const double kind = random.uniform();
  if (kind < 0.3)
    for (double& x : sigma) x = std::ceil(x);
  else if (kind < 0.5)
    for (Index i = random.integer(n > r ? 0 : 1, static_cast<int>(sigma.size())); i < sigma.size(); ++i) sigma[i] = 0;
  std::sort(sigma.begin(), sigma.end(), std::greater<>());
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  return plant(n, d, K, sizes, sigma, random);
}

/// Where descent comes to from random weights.
LinearChain descended(const Problem& problem, Index H, Random& random) {
  std::vector<Index> widths{problem.inputs};
  for (Index i = 0; i < H; ++i) widths.push_back(random.integer(1, 20));
  widths.push_back(problem.outputs);
  LinearChain chain;
  for (std::size_t i = 1; i < widths.size(); ++i)
    chain.weights.emplace_back(normal_matrix(widths[i], widths[i - 1], random) /
                               std::sqrt(static_cast<double>(widths[i - 1])));
  DescentOptions options;
  options.max_iterations = 300;
  return lbfgs_descent(problem, std::move(chain), options).chain;
}

TEST(LinearVerdict, LongThousandProblems) {
  std::map<Verdict, int> count;
  std::map<int, int> orders;
  std::string undecided;
  for (int trial = 0; trial < 1000; ++trial) {
    Random random(1000 + static_cast<std::uint64_t>(trial));
    const Planted data = random_data(random);
    const Problem problem = reduce(data.features, data.targets);
    ASSERT_EQ(problem.rank(), data.sizes.size()) << trial;
    const Index H = random.integer(0, 5), q = random.integer(0, static_cast<int>(data.sigma.size()));
    const bool planted = trial % 5 < 4;
    const LinearChain chain = planted ? weave(data, H,
                                              random_strands(H, H == 0 ? data.sigma.size() : q, data.sigma,
                                                             trial % 2 == 0, trial % 5 < 2, random),
                                              random)
                                      : descended(problem, H, random);
    const Judgement judgement = judge(problem, chain);
    ++count[judgement.verdict];
    const std::string here = std::to_string(trial) + ": " + judgement.reason;
    const double truth = plain_loss(chain, data.features, data.targets);
    Index k = data.sizes.size();
    for (const Index width : widths_of(chain)) k = std::min(k, width);
    const bool global = truth - data.optimum(k) <= 1e-9 * data.optimum(0);
    EXPECT_NEAR(judgement.gap, truth - data.optimum(k), 1e-10 * (truth + data.optimum(0))) << here;
    if (judgement.verdict == Verdict::undecided) undecided += here + "\n";
    EXPECT_FALSE(planted && judgement.verdict == Verdict::not_critical) << here;
    EXPECT_FALSE(!global && judgement.verdict == Verdict::global_minimum) << here;
    if (judgement.verdict != Verdict::saddle) continue;
    EXPECT_FALSE(global) << here;
    const auto witness = find_witness(problem, chain);
    ASSERT_TRUE(witness) << here;
    ++orders[witness->order];
    const double fallen = plain_loss(moved(chain, *witness, witness->steps[0].radius), data.features, data.targets);
    EXPECT_LT(fallen, truth) << here;
    EXPECT_NEAR(truth - fallen, witness->steps[0].decrease, 1e-12 * truth + 1e-5 * witness->steps[0].decrease) << here;
  }
  EXPECT_LE(count[Verdict::undecided], 10) << undecided;
  EXPECT_GE(count[Verdict::saddle], 400);
  EXPECT_GE(count[Verdict::global_minimum], 300);
  EXPECT_GE(count[Verdict::not_critical], 50);
  EXPECT_GE(orders[3] + orders[4] + orders[5], 50);
}

}  // namespace
}  // namespace nadir::linear
