#pragma once
// Value and gradient of the training objective, in one pass over the data.
#include <memory>
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/net/polynomial.hpp"
#include "nadir/spectral/problem.hpp"

namespace nadir::spectral {

/// F of problem.hpp on one dataset.
///
/// The rows are cut into chunks whose number depends on n alone; a chunk is worked on in blocks of rows that stay in
/// the cache between the forward product (U x) and the backward product (gradient of U); chunk sums are added in a
/// fixed tree. So the bits of the result do not depend on the number of threads, and each row is fetched from memory
/// once.
class Objective {
 public:
  /// Keeps references to `features` (n × inputs, non-negative) and `labels` (n, below classes).
  /// Throws UsageError on shapes that do not fit, InputError on a negative or non-finite feature.
  Objective(const Architecture& architecture, const Matrix& features, const std::vector<int>& labels, int threads);
  ~Objective();

  struct Value {
    double objective = 0;
    /// Mean absolute size of the parts that were added up; the rounding error of `objective` is at most
    /// rounding_factor() times this.
    double magnitude = 0;
  };

  /// F at the network, and in `gain` (packed) −∂F/∂weight for every existing weight, each at least ε.
  Value evaluate(const PolynomialNetwork& network, Vector& gain);

  /// Bound on the relative rounding error of sums and products here: dot products of length `inputs` and of the layers'
  /// widths, blocked sums over samples, amplified by the exponents; four times the count of roundings.
  double rounding_factor() const;

  const Architecture& architecture() const { return architecture_; }
  const Packing& packing() const { return packing_; }
  const Matrix& features() const { return features_; }
  const std::vector<int>& labels() const { return labels_; }
  double objective_at_zero() const;  ///< log(classes)

 private:
  struct Workspace;
  void evaluate_chunk(const PolynomialNetwork& network, int chunk, Workspace& space) const;

  Architecture architecture_;
  Packing packing_;
  const Matrix& features_;
  const std::vector<int>& labels_;
  int threads_;
  Index block_rows_ = 0;
  Index chunk_rows_ = 0;
  std::vector<std::unique_ptr<Workspace>> chunks_;
};

}  // namespace nadir::spectral
