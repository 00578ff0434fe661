#pragma once
// How far a chain is from a critical point. With A_i = (W_{H+1} ··· W_{i+1})ᵀ, B_i = (W_{i−1} ··· W_1)ᵀ and
// E = (R X − Y) Xᵀ (Yun, Sra and Jadbabaie 2018, equation 5):
//   ∂L/∂W_i = A_i E B_i.
// The size of a gradient says nothing by itself. It is measured in the reduced problem, which knows no scale or
// condition of X, with E = R S − T and the first layer W_1 S, against the largest it could be:
//   ratio_i = ‖A_i E B_i‖ / (‖A_i‖ (‖R S‖ + ‖T‖) ‖B_i‖),  what rounding explains taken off before.
// (‖E‖ itself would not do for the middle factor: it vanishes where the loss can be 0.)
#include "nadir/linear/partial_products.hpp"

namespace nadir::linear {

/// ∂L/∂W_i, i = 1, .., H+1, in the shapes of the weights.
std::vector<Matrix> gradients(const Problem& problem, const PartialProducts& at);

struct LayerCriticality {
  double gradient = 0;  ///< ‖∂L/∂W_i‖_F
  double rounding = 0;  ///< to expect in ‖A_i E B_i‖_F
  double ratio = 0;     ///< as above; 0 where rounding explains all
};

struct Criticality {
  std::vector<LayerCriticality> layers;
  double largest_ratio = 0;
};

Criticality criticality(const Problem& problem, const PartialProducts& at);

}  // namespace nadir::linear
