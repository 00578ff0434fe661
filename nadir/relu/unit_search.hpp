#pragma once
// The local search of the polar for units that would lower F, over all outputs and signs; and units that have become
// one, made one.
#include "nadir/relu/effort.hpp"

namespace nadir::relu {

/// A unit that may be added: `witness.value` = s g_kᵀ(Xu)₊, by which F falls to first order, less the penalty.
struct Candidate {
  polar::Witness witness;
  Index output;  ///< k
  int sign;      ///< s, that of its weight
};

/// Local maxima of s g_kᵀ(Xu)₊^α over ‖u‖ ≤ 1, by output, sign 1 before −1; G is n × K. `units` are further starts.
std::vector<Candidate> search_units(const Problem& problem, const Matrix& G, const Units& units, const Effort& effort,
                                    std::uint64_t seed);

/// The largest value found; 0 of none.
double largest_value(const std::vector<Candidate>& candidates);

/// Whether one of the units is the candidate: same output and sign, and a cosine above `distinct`.
bool is_among(const Units& units, const Candidate& candidate, double distinct);

/// sⱼ = ±1, that of each weight.
std::vector<int> signs_of(const Units& units);

/// Units of one output and sign whose directions hardly differ become their sum, where that does not raise F. The norm
/// Σ |aⱼ| does not grow.
void merge(const Problem& problem, Iterate& at);

}  // namespace nadir::relu
