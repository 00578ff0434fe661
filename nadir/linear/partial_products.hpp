#pragma once
// A chain as the reduced problem sees it, ½ ‖W_{H+1} ··· W_2 (W_1 S) − T‖_F², with all that gradients, the test and
// witnesses are made of.
#include <vector>

#include "nadir/linear/problem.hpp"
#include "nadir/net/linear_chain.hpp"

namespace nadir::linear {

/// Places i run from 0, with r numbers, to H+1, with K. Of the paper's letters, B_iᵀ S is below[i−1], A_iᵀ is above[i],
/// and E is residual times Sᵀ.
struct PartialProducts {
  std::vector<Dense> layers;  ///< W_1 S, W_2, .., W_{H+1}: layers[i−1] leads from place i−1 to place i
  std::vector<Dense> above;   ///< above[i] = W_{H+1} ··· W_{i+1}, K × d_i; above[H+1] = I
  std::vector<Dense> below;   ///< below[i] = W_i ··· W_1 S, d_i × r; below[0] = I
  Dense residual;             ///< R S − T

  std::vector<double> norms;  ///< of the layers, spectral
  std::vector<double> above_norms;  ///< ∏_{j>i} ‖W_j‖, which bounds ‖above[i]‖: what its rounding is in proportion to
  std::vector<double> below_norms;  ///< and so for below[i]
  double rounding = 0;              ///< to expect in a product of all layers, relative to the product of the norms

  Index places() const { return static_cast<Index>(above.size()); }
  /// R S.
  const Dense& product() const { return below.back(); }
  /// Rounding to expect in the residual, as a norm.
  double residual_rounding(const Problem& problem) const {
    return rounding * below_norms.back() + problem.target_rounding;
  }
};

/// Throws InputError where the chain does not fit to the problem.
PartialProducts partial_products(const Problem& problem, const LinearChain& chain);

}  // namespace nadir::linear
