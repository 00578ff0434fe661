#include "nadir/net/gated.hpp"

#include <gtest/gtest.h>

#include "nadir/base/random.hpp"
#include "nadir/base/test_util.hpp"
#include "nadir/net/masked_products.hpp"

namespace nadir {
namespace {

Matrix random_matrix(Index rows, Index columns, Random& random) {
  Matrix result(rows, columns);
  for (Index i = 0; i < result.size(); ++i) result.data()[i] = random.uniform(-1, 1);
  return result;
}

TEST(ExactSign, SeesWhatRoundingHides) {
  const double a[] = {1, 0x1p60, -0x1p60}, b[] = {0x1p-60, 1, 1};
  EXPECT_EQ(exact_sign_of_dot(a, b, 3), 1);
  const double c[] = {-1, 0x1p60, -0x1p60};
  EXPECT_EQ(exact_sign_of_dot(c, b, 3), -1);
  // (1 + u)(1 − u) − 1 = −u²: lost by every rounding of a product.
  const double u = 0x1p-30, d[] = {1 + u, -1}, e[] = {1 - u, 1};
  EXPECT_EQ(exact_sign_of_dot(d, e, 2), -1);
  const double f[] = {0.1, -0.1}, g[] = {0.3, 0.3};
  EXPECT_EQ(exact_sign_of_dot(f, g, 2), 0);
  EXPECT_EQ(exact_sign_of_dot(f, g, 0), 0);
}

TEST(Patterns, AreTheSignsWithZeroOpen) {
  Random random(3);
  Matrix X = random_matrix(131, 5, random), gates = random_matrix(70, 5, random);
  X.row(7).setZero();
  gates.row(3).setZero();
  const Patterns patterns(X, gates), threaded(X, gates, 3);
  Index open = 0;
  for (Index p = 0; p < 70; ++p)
    for (Index i = 0; i < 131; ++i) {
      EXPECT_EQ(patterns.open(p, i), gates.row(p).dot(X.row(i)) >= 0) << p << ' ' << i;
      EXPECT_EQ(patterns.open(p, i), threaded.open(p, i));
      open += patterns.open(3, i) && p == 3 ? 1 : 0;
    }
  EXPECT_EQ(open, 131);
  Index both = 0;
  for (Index i = 0; i < 131; ++i) both += patterns.open(1, i) && patterns.open(2, i) ? 1 : 0;
  EXPECT_EQ(patterns.overlap(1, 2), both);
  EXPECT_TRUE(patterns.selected({5}).open(0, 7));
}

/// Products written out, as the definition has them.
TEST(MaskedProducts, AgreeWithTheirDefinition) {
  Random random(5);
  for (const Index n : {1, 64, 300, 1000}) {
    const Index d = 7, P = 90, K = 3;
    const Matrix X = random_matrix(n, d, random), gates = random_matrix(P, d, random);
    const Patterns patterns(X, gates);
    std::vector<Group> groups;
    for (Index p = 0; p < P; p += 2)
      for (Index k = 0; k < K; k += 1 + p % 3) groups.push_back({p, k});
    const auto G = static_cast<Index>(groups.size());
    const Matrix V = random_matrix(G, d, random), R = random_matrix(n, K, random);
    Matrix f = Matrix::Zero(n, K), c = Matrix::Zero(G, d);
    for (Index g = 0; g < G; ++g)
      for (Index i = 0; i < n; ++i) {
        const Group& group = groups[static_cast<std::size_t>(g)];
        if (!patterns.open(group.gate, i)) continue;
        f(i, group.output) += X.row(i).dot(V.row(g));
        c.row(g) += R(i, group.output) * X.row(i);
      }
    Matrix forward, adjoint, forward2, adjoint2;
    const MaskedProducts one(X, patterns, 1), two(X, patterns, 2);
    one.forward(groups, V, K, forward);
    one.adjoint(groups, R, adjoint);
    EXPECT_LE((forward - f).cwiseAbs().maxCoeff(), 1e-12);
    EXPECT_LE((adjoint - c).cwiseAbs().maxCoeff(), 1e-12);
    two.forward(groups, V, K, forward2);
    two.adjoint(groups, R, adjoint2);
    EXPECT_EQ(forward, forward2);
    EXPECT_EQ(adjoint, adjoint2);
    EXPECT_EQ(one.adjoint_norms(R), two.adjoint_norms(R));
    for (Index g = 0; g < G; ++g) {
      const Group& group = groups[static_cast<std::size_t>(g)];
      EXPECT_NEAR(one.adjoint_norms(R)(group.gate, group.output), c.row(g).norm(), 1e-12);
    }
    const Matrix columns = one.columns(groups, V);
    EXPECT_NEAR(columns(0, 0), patterns.open(groups[0].gate, 0) ? X.row(0).dot(V.row(0)) : 0, 1e-14);
  }
}

/// Also where a word is cut (n = 70) and where sums are taken over in full (n = 5000).
TEST(MaskedProducts, InSinglePrecisionAreNearThoseInFull) {
  Random random(6);
  for (const Index n : {70, 5000}) {
    const Index d = 9, K = 2;
    const Matrix X = random_matrix(n, d, random), gates = random_matrix(80, d, random);
    const Patterns patterns(X, gates);
    std::vector<Group> groups;
    for (Index p = 0; p < 80; ++p) groups.push_back({p, p % K});
    const Matrix V = random_matrix(80, d, random), R = random_matrix(n, K, random);
    const MaskedProducts with(X, patterns, 1, Precision::single), without(X, patterns, 1);
    Matrix f, c, f1, c1, f0, c0;
    with.forward(groups, V, K, f), with.adjoint(groups, R, c);
    with.forward(groups, V, K, f1, Precision::single), with.adjoint(groups, R, c1, Precision::single);
    without.forward(groups, V, K, f0, Precision::single), without.adjoint(groups, R, c0, Precision::single);
    EXPECT_LE((f - f1).cwiseAbs().maxCoeff(), 1e-5 * f.cwiseAbs().maxCoeff());
    EXPECT_LE((c - c1).cwiseAbs().maxCoeff(), 1e-5 * c.cwiseAbs().maxCoeff());
    EXPECT_NE(f, f1);
    EXPECT_NE(c, c1);
    EXPECT_EQ(f, f0);
    EXPECT_EQ(c, c0);
  }
}

/// Where no row is kept, not even in single precision.
TEST(MaskedProducts, AreTheSameOfRowsThatAreMade) {
  Random random(7);
  const Index n = 1000, d = 9, K = 2;
  const Matrix X = random_matrix(n, d, random), gates = random_matrix(80, d, random), V = random_matrix(80, d, random);
  const Matrix R = random_matrix(n, K, random);
  const MadeRows made(X);
  const Patterns patterns(X, gates), of_made(SampleRows(made), gates, 2);
  std::vector<Group> groups;
  for (Index p = 0; p < 80; ++p) {
    groups.push_back({p, p % K});
    for (Index i = 0; i < n; ++i) ASSERT_EQ(patterns.open(p, i), of_made.open(p, i));
  }
  const MaskedProducts kept(X, patterns, 1, Precision::single);
  const MaskedProducts without(SampleRows(made), patterns, 2, Precision::single);
  for (const Precision precision : {Precision::full, Precision::single}) {
    Matrix f, c, f2, c2;
    kept.forward(groups, V, K, f, precision), kept.adjoint(groups, R, c, precision);
    without.forward(groups, V, K, f2, precision), without.adjoint(groups, R, c2, precision);
    EXPECT_EQ(f, f2);
    EXPECT_EQ(c, c2);
  }
  EXPECT_EQ(kept.adjoint_norms(R), without.adjoint_norms(R));
  EXPECT_EQ(kept.columns(groups, V), without.columns(groups, V));
  const Matrix some = kept.columns(groups, V).middleCols(128, 300) - without.columns(groups, V, 128, 300);
  EXPECT_LE(some.cwiseAbs().maxCoeff(), 1e-13);
}

TEST(GatedNetwork, SumsItsOpenGates) {
  GatedNetwork network;
  network.outputs = 2;
  network.gates.resize(3, 2);
  network.gates << 1, 0, 0, 1, -1, -1;
  network.weights.resize(4, 2);  // two active gates, two outputs
  network.weights << 1, 2, 3, 4, 5, 6, 7, 8;
  Matrix X(3, 2);
  X << 1, 1, 1, -1, -1, -1;
  Matrix expected(3, 2);
  expected << 3 + 11, 7 + 15, -1, -1, 0, 0;
  EXPECT_EQ(outputs(network, X), expected);
  EXPECT_EQ(network.active(), 2);
  const std::string hash = weights_sha256(network);
  network.gates(2, 0) = -2;
  EXPECT_NE(weights_sha256(network), hash);
}

}  // namespace
}  // namespace nadir
