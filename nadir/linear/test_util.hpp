#pragma once
// Problems and critical points with known answers, for the tests. Nothing here calls what it is to test.
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <vector>

#include "nadir/base/test_util.hpp"
#include "nadir/linear/svd.hpp"
#include "nadir/net/linear_chain.hpp"

namespace nadir::linear::test {

/// Orthonormal columns.
inline Dense random_basis(Index rows, Index columns, Random& random) {
  const Dense M = normal_matrix(rows, columns, random);
  const Eigen::HouseholderQR<Dense> done(M);
  return done.householderQ() * Dense::Identity(rows, columns);
}

/// Data whose answer is known: X = Q diag(sizes) Vᵀ and Y = Q (U diag(sigma) Wᵀ)ᵀ + `unexplained` off the columns of Q,
/// samples in rows. sigma falls and has min(K, r) entries.
struct Planted {
  Matrix features, targets;
  Vector sizes, sigma;
  Dense V, U, W;           ///< d × r, K × K, r × r
  double unexplained = 0;  ///< ½ ‖Y − Ŷ‖²

  /// L* of networks whose smallest width is k.
  double optimum(Index k) const {
    double rest = 0;
    for (Index i = k; i < sigma.size(); ++i) rest += sigma[i] * sigma[i];
    return unexplained + rest / 2;
  }
};

/// n ≥ r; where n > r, targets have a part that no feature explains.
inline Planted plant(Index n, Index d, Index K, const Vector& sizes, const Vector& sigma, Random& random) {
  Planted data;
  const Index r = sizes.size(), off = n > r ? 1 : 0;
  const Dense Q = random_basis(n, r + off, random);
  data.sizes = sizes, data.sigma = sigma;
  data.V = random_basis(d, r, random), data.U = random_basis(K, K, random), data.W = random_basis(r, r, random);
  data.features = Q.leftCols(r) * sizes.asDiagonal() * data.V.transpose();
  const Index q = sigma.size();
  data.targets = Q.leftCols(r) * data.W.leftCols(q) * sigma.asDiagonal() * data.U.leftCols(q).transpose();
  if (off > 0) {
    const Matrix rest = normal_matrix(1, K, random);
    data.targets += Q.col(r) * rest;
    data.unexplained = rest.squaredNorm() / 2;
  }
  return data;
}

/// An interval of a chain's normal form: one number that comes in at place `first`, is handed on, and ends at `last`.
/// `singular`: the pair of T's singular vectors that it starts from, if first = 0, or ends in, if last = H+1.
struct Strand {
  Index first, last, singular = -1;
};

/// A chain with H hidden layers that is made of these strands, in random bases of the hidden places. A strand from 0 to
/// H+1 carries its singular triple; all others are of size 1. Widths are what the strands make them.
inline LinearChain weave(const Planted& data, Index H, const std::vector<Strand>& strands, Random& random) {
  std::vector<std::vector<Index>> crossing(static_cast<std::size_t>(H + 2));
  for (std::size_t s = 0; s < strands.size(); ++s)
    for (Index i = strands[s].first; i <= strands[s].last; ++i)
      crossing[static_cast<std::size_t>(i)].push_back(static_cast<Index>(s));
  const auto place_of = [&](Index i, Index strand) {
    const auto& here = crossing[static_cast<std::size_t>(i)];
    return static_cast<Index>(std::find(here.begin(), here.end(), strand) - here.begin());
  };
  LinearChain chain;
  Dense before;  // the inverse basis of the place before
  for (Index i = 1; i <= H + 1; ++i) {
    const Index rows = i == H + 1 ? data.U.rows() : static_cast<Index>(crossing[static_cast<std::size_t>(i)].size());
    const Index columns = i == 1 ? data.V.rows() : static_cast<Index>(crossing[static_cast<std::size_t>(i - 1)].size());
    Dense W = Dense::Zero(rows, columns);
    for (Index s = 0; s < static_cast<Index>(strands.size()); ++s) {
      const Strand& strand = strands[static_cast<std::size_t>(s)];
      if (strand.first >= i || strand.last < i) continue;
      const bool whole = strand.first == 0 && strand.last == H + 1;
      const double size = whole ? std::pow(data.sigma[strand.singular], 1 / static_cast<double>(H + 1)) : 1;
      const Vector to = i == H + 1 ? Vector(data.U.col(strand.singular)) : Vector(Vector::Unit(rows, place_of(i, s)));
      const Vector from = i == 1 ? Vector(data.V * data.sizes.cwiseInverse().asDiagonal() * data.W.col(strand.singular))
                                 : Vector(Vector::Unit(columns, place_of(i - 1, s)));
      W += size * to * from.transpose();
    }
    if (i > 1) W = W * before;
    if (i <= H) {
      // Singular values between 1/2 and 2: no basis is nearly degenerate.
      const Dense left = random_basis(rows, rows, random), right = random_basis(rows, rows, random);
      Vector scales(rows);
      for (Index j = 0; j < rows; ++j) scales[j] = random.uniform(0.5, 2);
      W = left * scales.asDiagonal() * right.transpose() * W;
      before = right * scales.cwiseInverse().asDiagonal() * left.transpose();
    }
    chain.weights.emplace_back(W);
  }
  return chain;
}

/// L as the paper defines it, sample by sample, in extended precision.
inline double plain_loss(const LinearChain& chain, const Matrix& features, const Matrix& targets) {
  using Long = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
  Long at = features.cast<long double>().transpose();
  for (const Matrix& W : chain.weights) at = (W.cast<long double>() * at).eval();
  return static_cast<double>((at - targets.cast<long double>().transpose()).squaredNorm() / 2);
}

}  // namespace nadir::linear::test
