#pragma once
// The two products of a gated network with its data, never building the n × (P·d) matrix:
//   forward  f_k = Σ_p D_p X v_pk,    adjoint  c_pk = Xᵀ D_p r_k.
// Each is one matrix product of 2 n d operations a group, with the bits of the patterns applied in between.
#include <vector>

#include "nadir/base/single.hpp"
#include "nadir/net/patterns.hpp"

namespace nadir {

/// A group of d weights: one gate and one output.
struct Group {
  Index gate = 0;
  Index output = 0;
  bool operator==(const Group&) const = default;
};

/// What a product is computed in. Single precision, for steps that need not be exact, errs by about 1e-7 of the terms.
enum class Precision { full, single };

class MaskedProducts {
 public:
  /// Both must outlive it. `lowest`: in single precision a matrix is kept once more; without it all is computed in
  /// full.
  MaskedProducts(const SampleRows& features, const Patterns& patterns, int threads, Precision lowest = Precision::full);

  const SampleRows& features() const { return features_; }
  const Patterns& patterns() const { return patterns_; }
  int threads() const { return threads_; }

  /// f (n × K) = Σ over the groups; weights: groups × d. The bits do not depend on the number of threads.
  void forward(const std::vector<Group>& groups, const Matrix& weights, Index outputs, Matrix& f,
               Precision precision = Precision::full) const;
  /// c (groups × d) of the residuals r (n × K).
  void adjoint(const std::vector<Group>& groups, const Matrix& r, Matrix& c,
               Precision precision = Precision::full) const;
  /// ‖c_pk‖₂ for every gate and output: P × K.
  Matrix adjoint_norms(const Matrix& r) const;
  /// Columns D_p X w_g, one a group, as groups × n; of some samples only, from a multiple of 64 on.
  Matrix columns(const std::vector<Group>& groups, const Matrix& weights) const {
    return columns(groups, weights, 0, features_.rows());
  }
  Matrix columns(const std::vector<Group>& groups, const Matrix& weights, Index begin, Index count) const;

 private:
  SampleRows features_;
  Precision lowest_;
  SingleMatrix single_;  // the features once more where they are a matrix and single precision is wanted, else empty
  const Patterns& patterns_;
  int threads_;
};

}  // namespace nadir
