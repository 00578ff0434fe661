#pragma once
// Output biases that are not penalized (docs/math/two-layer.md, section 8): every G with Σᵢ G_ik = 0 for each output k,
// exactly, and no other one, bounds the objective over all of them.
#include <vector>

#include "nadir/loss/training_loss.hpp"

namespace nadir::relu {

/// Such a G in the domain of the conjugate, near −∇L(f + 1cᵀ) at the c of least loss, which Newton steps from 0 find:
/// whole multiples of 2⁻⁴⁴ of its largest entry or so, of which every sum is exact. 0 where there is none nearby.
/// `labels`: the classes of softmax; else not read.
Matrix balanced_dual(const TrainingLoss& loss, const Matrix& f, const std::vector<int>& labels);

}  // namespace nadir::relu
