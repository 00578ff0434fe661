#pragma once
// The penalties of gated networks and their polars (sections 5.2 and 6.3 of docs/certificate-format.md).
#include "nadir/verify/proof.hpp"

namespace nadir::verify {
/// Omega at the weights, row p K + k being v_pk, enclosed.
Interval norm_of_weights(Penalty penalty, const Matrix& weights, std::size_t outputs);

/// At least q, from the adjoints of one gate after the other.
class Polar {
 public:
  /// Adjoints K x d, row k off by at most errors[k], in the 2-norm.
  Polar(Penalty penalty, std::size_t gates, std::size_t d, const std::vector<double>& errors);
  /// Row k: X^T D_p g_k.
  void take(const Matrix& adjoint);
  double largest() const { return largest_; }

 private:
  Penalty penalty_;
  std::vector<double> errors_;
  double error_, largest_ = 0;   // error_: of a whole adjoint
  double taken_ = 0;             // adjoints
  std::vector<double> squares_;  // by feature, of all of them
};

struct SingularValues {
  double largest = 0;  // rounded up
  Interval sum;
};
SingularValues singular_values(const Matrix& matrix);
}  // namespace nadir::verify
