#pragma once
// The data term of the objective (section 5 of docs/certificate-format.md) and its gradient over a box of weights:
//   loss_i = log sum_r exp f_r(x_i) - f_{y_i}(x_i) - sum_r f_r(x_i).
#include "nadir/verify/data.hpp"
#include "nadir/verify/interval.hpp"

namespace nadir::verify {

/// Entrywise bounds, none negative; where the matrix is known exactly, the two are equal.
struct Bounds {
  Matrix lo, hi;
};

/// Of the hidden layers in order, then of the output: units x inputs.
using Weights = std::vector<Matrix>;

struct Evaluation {
  Interval mean_loss;            // only where `lower` and `upper` are one object; else unbounded
  std::vector<Bounds> gradient;  // of minus the mean loss, anywhere in the box; in the shapes of the weights
};

/// `exponents` by hidden layer and unit.
Evaluation evaluate(const Dataset& dataset, const std::vector<std::vector<double>>& exponents, const Weights& lower,
                    const Weights& upper, bool with_gradient);

}  // namespace nadir::verify
