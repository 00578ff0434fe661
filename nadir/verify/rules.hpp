#pragma once
// What must hold of a network (sections 4 to 6 of docs/certificate-format.md): each rule throws Refusal where it does
// not hold, or returns what it proves.
#include "nadir/verify/container.hpp"
#include "nadir/verify/evaluate.hpp"

namespace nadir::verify {

/// Weights under one norm: ||z||_p <= radius. `entries` are the places of the existing ones in the layer's matrix.
struct Block {
  std::size_t layer = 0;
  double p = 2, radius = 1;
  std::vector<std::size_t> entries;
};

struct Network {
  Weights weights;
  std::vector<std::vector<std::uint8_t>> exists;  // by layer; empty where every weight exists
  std::vector<Block> blocks;
};

/// Refuses what section 4 refuses.
Network read_network(const Container& container, const Document& document);

/// The largest sum of (z / radius)^p over a block, rounded up and proven to be at most 1.
double require_feasible(const Network& network);

/// As evaluate(), of the whole objective at its existing weights: with the gradient of minus F, epsilon included.
Evaluation evaluate(const Document& document, const Dataset& dataset, const Weights& lower, const Weights& upper,
                    bool with_gradient);

/// F at `weights`, enclosed, from the evaluation's mean loss.
Interval objective(Interval mean_loss, double epsilon, const std::vector<Block>& blocks, const Weights& weights);

/// Section 6.1: the degree, at most 1 exactly, with all existing weights positive.
double require_hidden_concavity(const Document& document, const Network& network);

/// The lower bounds of sections 6.1 and 6.2, rounded down; where require_hidden_concavity holds, or epsilon > 0.
double concavity_bound(const Document& document, const Dataset& dataset, const Network& network);
double box_bound(const Document& document, const Dataset& dataset, const Network& network);

/// log K between neighbouring doubles.
Interval log_of_count(std::size_t classes);

}  // namespace nadir::verify
