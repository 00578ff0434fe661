#pragma once
// Generalized polynomial networks of any depth as values (Gautier, Nguyen, Hein 2016, equations (1) and section 4.1):
//   a⁽⁰⁾ = x,   g⁽ʲ⁾ = U⁽ʲ⁾ a⁽ʲ⁻¹⁾,   a⁽ʲ⁾ₗ = (g⁽ʲ⁾ₗ)^αₗ,   f = W a⁽ᴸ⁾,   all weights and features non-negative.
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir {

/// Which weights exist, row-major like the weights; empty: all of them.
using Mask = Eigen::Matrix<bool, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct PolynomialLayer {
  Matrix weights;    ///< units × inputs; 0 where the weight does not exist
  Vector exponents;  ///< units, each ≥ 1
  Mask mask;         ///< units × inputs, or empty
};

struct PolynomialNetwork {
  std::vector<PolynomialLayer> hidden;  ///< at least one
  Matrix output;                        ///< classes × units of the last hidden layer

  Index inputs() const { return hidden.front().weights.cols(); }
  Index classes() const { return output.rows(); }
  Index units() const;  ///< hidden units of all layers
};

/// powers = base^exponent and slopes = exponent · base^(exponent − 1), entry by entry; base ≥ 0, exponent ≥ 1.
/// Whole and half exponents up to 8 use products and square roots; others exp and log. Relative error below
/// (8 + |(exponent − 1) log base|) units in the last place.
void power_and_slope(const double* base, Index count, double exponent, double* powers, double* slopes);

/// Outputs f, n × classes, of features n × inputs. Rows are worked on in blocks; the bits do not depend on `threads`.
Matrix outputs(const PolynomialNetwork& network, const Matrix& features, int threads = 1);

/// The class with the largest output for each row (the lowest of equals).
std::vector<int> classify(const Matrix& outputs);

/// softmax(f) for each row: the model's class probabilities.
Matrix probabilities(const Matrix& outputs);

/// SHA-256 of weights and masks, as docs/certificate-format.md section 6 defines it.
std::string weights_sha256(const PolynomialNetwork& network);

}  // namespace nadir
