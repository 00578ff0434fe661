#pragma once
// The squared loss of deep linear networks (Yun, Sra and Jadbabaie 2018, problem 1):
//   L(W) = ½ ‖R(W) X − Y‖_F²,  R(W) = W_{H+1} ··· W_1,
// in the paper's letters, where samples are the columns of X (d × n) and Y (K × n). At the door, as everywhere in this
// house, they are rows: `features` is Xᵀ, n × d, and `targets` Yᵀ, n × K. L is a sum, not a mean.
//
// One pass over the data reduces them, whatever their rank r is, to two small matrices of orthogonal coordinates with
//   L(W) = ½ ‖R S − T‖_F² + ½ ‖Y − Ŷ‖_F²,   S d × r of full column rank,  T K × r,
// where Ŷ is Y projected on the row space of X and T has its singular values. The triangular factor of [Xᵀ Yᵀ] gives
// them, not X Xᵀ: no condition number is squared, and no small loss is a difference of large numbers
// (docs/math/linear.md, section 2).
#include <cmath>

#include "nadir/base/sample_rows.hpp"
#include "nadir/linear/svd.hpp"

namespace nadir::linear {

struct Problem {
  Index samples = 0, inputs = 0, outputs = 0;  ///< n, d, K
  Dense S;                                     ///< d × r, SᵀS = diag(σ(X)²)
  Dense T;                                     ///< K × r
  double unexplained = 0;                      ///< ½ ‖Y − Ŷ‖²: no linear network falls below it
  double loss_at_zero = 0;                     ///< ½ ‖Y‖²
  Vector feature_sizes;                        ///< σ(X), falling
  double feature_threshold = 0;                ///< up to this a σ(X) counts as 0
  bool rank_hangs = false;                     ///< a σ(X) is so near to the threshold that r is a guess
  double target_rounding = 0;                  ///< rounding to expect in T

  Index rank() const { return S.cols(); }
  /// What a size of T less than this is measured against: where features explain less than 1e-10 of ‖Y‖², relative
  /// accuracy drowns in the rounding of the data themselves.
  double least_size() const { return 1e-5 * std::sqrt(2 * loss_at_zero); }
};

/// Features, n × d, and targets, n × K, where they lie, less what is taken off their columns.
struct Samples {
  SampleRows features;
  const Matrix& targets;
  Vector feature_means, target_means;  ///< taken off where rows are looked at: d and K, of zeros if nothing is

  Samples(const SampleRows& X, const Matrix& Y)
      : features(X), targets(Y), feature_means(Vector::Zero(X.cols())), target_means(Vector::Zero(Y.cols())) {}
  /// Less the means of all rows, of which there must be some.
  static Samples centred(const SampleRows& X, const Matrix& Y);

  Index count() const { return features.rows(); }
  Dense feature_rows(Index first, Index count) const;
  Dense target_rows(Index first, Index count) const;
};

/// Throws InputError on shapes that do not fit, on no rows, or on numbers that are not finite. The result is the same
/// for any number of threads.
Problem reduce(const Samples& samples, int threads = 1);
inline Problem reduce(const Matrix& features, const Matrix& targets, int threads = 1) {
  return reduce(Samples(features, targets), threads);
}

/// The triangular factor F of [Xᵀ Yᵀ], d + K square: FᵀF holds all inner products of features and targets.
Dense triangle_of(const Samples& samples, int threads = 1);

/// As if singular values of X up to this share of the largest were 0.
Problem without_small_directions(Problem problem, double share);

/// L at a product R = R(W), K × d.
double loss(const Problem& problem, const Matrix& R);

}  // namespace nadir::linear
