#pragma once
// Which coefficients are a dual point: those for which −λA is in the closure of the loss's gradients.
#include "nadir/loss/training_loss.hpp"

namespace nadir::kernel {

class Domain {
 public:
  explicit Domain(const TrainingLoss& loss);
  /// The coefficients, where outside moved to the border. For softmax a row's own class has minus the sum of the
  /// others.
  Matrix nearest(Matrix coefficients, double lambda) const;

 private:
  bool softmax_;
  Matrix least_, most_;        ///< gradients of every loss but softmax, n × K
  std::vector<Index> labels_;  ///< for softmax, as are the shares
  Vector shares_;
};

}  // namespace nadir::kernel
