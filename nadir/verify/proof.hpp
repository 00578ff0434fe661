#pragma once
// Numbers known to lie between two doubles; and what must hold of a network (sections 4 to 6 of
// docs/certificate-format.md): each rule throws Refusal where it does not hold, or returns what it proves.
#include <bit>
#include <limits>

#include "nadir/verify/format.hpp"

namespace nadir::verify {
// These operations expect round-to-nearest, where a result is off by at most half a unit in the last place, and widen
// it by one unit. What is not a number is refused, never carried on.
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kLargest = std::numeric_limits<double>::max();

inline double next_up(double x) {
  if (x == 0) return std::numeric_limits<double>::denorm_min();
  return x < kInfinity ? std::bit_cast<double>(std::bit_cast<std::int64_t>(x) + (x > 0 ? 1 : -1)) : x;
}
inline double next_down(double x) { return -next_up(-x); }

/// Of numbers that are not negative; an exact 0 stays 0.
inline double product_up(double a, double b) { return a == 0 || b == 0 ? 0 : next_up(a * b); }
inline double product_down(double a, double b) { return a * b > 0 ? next_down(a * b) : 0; }
inline double sum_up(double a, double b) { return a == 0 || b == 0 ? a + b : next_up(a + b); }
inline double sum_down(double a, double b) { return a == 0 || b == 0 ? a + b : next_down(a + b); }
inline double quotient_up(double a, double b) { return a == 0 ? 0 : next_up(a / b); }
inline double quotient_down(double a, double b) { return a / b > 0 ? next_down(a / b) : 0; }

struct Interval {
  double lo = 0, hi = 0;
};
inline Interval operator+(Interval a, Interval b) { return {next_down(a.lo + b.lo), next_up(a.hi + b.hi)}; }
inline Interval operator-(Interval a, Interval b) { return {next_down(a.lo - b.hi), next_up(a.hi - b.lo)}; }
Interval scaled(Interval a, Interval factor);  // factor > 0
Interval exp_of(double x);
Interval log_of(double x);  // x > 0
inline Interval exp_of(Interval x) { return {exp_of(x.lo).lo, exp_of(x.hi).hi}; }
inline Interval log_of(Interval x) { return {log_of(x.lo).lo, log_of(x.hi).hi}; }

/// g^alpha for g >= 0 and alpha >= 1, and its derivative alpha g^(alpha - 1). Both grow with g.
Interval power_of(double g, double alpha);
Interval slope_of(double g, double alpha, Interval power);
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
/// Every norm is proven to be at most its radius.
std::string require_feasible(const Network& network);
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
