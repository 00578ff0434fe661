#pragma once
// The data term of an objective: the mean loss over the samples, as a function of all outputs at once.
//   L(f) = Σᵢ sᵢ ℓ(fᵢ, yᵢ), shares sᵢ > 0 with sum 1, f an n × K matrix.
// Formulas and conjugates: docs/math/losses.md. Names as in docs/certificate-format.md, section 5.2.
#include <string>
#include <string_view>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir {

enum class LossKind { squared, huber, logistic, squared_hinge, softmax };

std::string_view to_string(LossKind kind);
/// Whether the target may be a quantity; and whether it may be a class. The squared loss is for both.
bool is_for_quantities(LossKind kind);
bool is_for_classes(LossKind kind);

/// The curvature of L at some outputs: for one output, and for every loss but softmax, a diagonal matrix.
struct Curvature {
  Matrix diagonal;  ///< n × K; for softmax the probabilities times the share
  bool softmax = false;
  Vector shares;  ///< n, for softmax

  /// out = L″ direction, n × K.
  void apply(const Matrix& direction, Matrix& out) const;
  /// Mean over the samples of the diagonal's column k, times n: what a preconditioner needs to know.
  double mean_weight(Index output) const;
};

class TrainingLoss {
 public:
  /// Classes in [0, classes). For losses of one output there are two, and the second is y = 1; softmax and the squared
  /// loss have an output for each class, and the squared one's target is the unit vector of the class.
  /// The shares are in proportion to the weights, n numbers above 0; none: all shares are 1/n.
  TrainingLoss(LossKind kind, std::vector<int> labels, int classes, Vector weights = {});
  /// Quantities; `delta` > 0 is Huber's.
  TrainingLoss(LossKind kind, Vector targets, double delta = 1, Vector weights = {});
  /// Several quantities, n × K: the squared loss, Σ_k (f_k − y_k)²/2 of each sample.
  static TrainingLoss of_quantities(Matrix targets);

  LossKind kind() const { return kind_; }
  double delta() const { return delta_; }
  Index samples() const { return samples_; }
  Index outputs() const { return outputs_; }

  double value(const Matrix& f) const;
  double value_at_zero() const { return value(Matrix::Zero(samples_, outputs_)); }
  /// n × K; rows carry their share.
  void gradient(const Matrix& f, Matrix& out) const;
  /// The same of rows that begin at `first`: f and out hold these alone.
  void gradient(const ConstMatrixView& f, Index first, MatrixView out) const;
  Curvature curvature(const Matrix& f) const;

  /// −L*(−τG) = −Σᵢ sᵢ ℓ*(−τGᵢ/sᵢ, yᵢ): minus infinity where G is outside the conjugate's domain by more than the
  /// shares' rounding. For softmax the entry of a row's own class stands for minus the sum of the others, whatever it
  /// holds.
  double dual_value(const Matrix& G, double tau) const;
  /// What G proves under a penalty of weight λ, whose dual norm of G is at most q: dual_value at τ = min(1, λ/q).
  double dual_bound(const Matrix& G, double lambda, double q) const {
    return dual_value(G, q > lambda ? lambda / q : 1.0);
  }

 private:
  /// n sᵢ.
  double weight(Index i) const { return weights_.size() > 0 ? weights_[i] : 1; }
  double row_value(const double* f, Index i) const;
  /// −ℓ*(−factor g, yᵢ).
  double row_dual(const double* g, Index i, double factor) const;
  const double* target(Index i) const { return targets_.size() > 0 ? targets_.data() + i * outputs_ : nullptr; }

  LossKind kind_;
  Index samples_, outputs_;
  std::vector<int> labels_;
  Matrix targets_;  // n × K: y; ±1 for two classes; unit vectors for classes under the squared loss; none for softmax
  double delta_ = 1;
  Vector weights_;  // with mean 1; none where all are
};

}  // namespace nadir
