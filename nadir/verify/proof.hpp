#pragma once
// What must hold of a network (sections 4 to 6 of docs/certificate-format.md): each rule throws Refusal where it does
// not hold, or returns what it proves.
#include "nadir/verify/data.hpp"
#include "nadir/verify/interval.hpp"

namespace nadir::verify {
/// Entrywise bounds, none negative; where the matrix is known exactly, the two are equal.
struct Bounds {
  Matrix lo, hi;
};

/// By layer, the output last: units x inputs.
using Weights = std::vector<Matrix>;

struct Evaluation {
  Interval mean_loss;            // only where `lower` and `upper` are one object; else unbounded
  std::vector<Bounds> gradient;  // of -F by the existing weights, anywhere in the box; in the shapes of the weights
};

/// The data term of F, and the gradient of the whole F with its sign changed, over a box of weights:
///   loss_i = log sum_r exp f_r(x_i) - f_{y_i}(x_i) - sum_r f_r(x_i).
Evaluation evaluate(const Document& document, const Dataset& dataset, const Weights& lower, const Weights& upper);

/// Weights under one norm: ||z||_p <= radius. `entries` are the places of the existing ones in the layer's matrix.
struct Block {
  std::size_t layer = 0;
  double p = 2, radius = 1;
  std::vector<std::size_t> entries;
};

struct Network {
  Weights weights;
  std::vector<Block> blocks;
};

/// Refuses what section 4 refuses.
Network read_network(const Container& container, const Document& document);

/// The largest sum of (z / radius)^p over a block, rounded up and proven to be at most 1.
double require_feasible(const Network& network);

/// Section 6.1: the degree, at most 1 exactly, with all existing weights positive.
double require_hidden_concavity(const Document& document, const Network& network);

/// F at `weights`, enclosed, from an evaluation there.
Interval objective(double epsilon, const Network& network, const Weights& weights, const Evaluation& at);

/// The lower bound of section 6.1, rounded down, from an evaluation at the network. Needs require_hidden_concavity.
double concavity_bound(const Document& document, const Network& network, const Evaluation& at);

/// The lower bound of section 6.2, rounded down. Needs epsilon > 0.
double box_bound(const Document& document, const Dataset& dataset, const Network& network);

/// log K between neighbouring doubles.
Interval log_of_count(std::size_t classes);
}  // namespace nadir::verify
