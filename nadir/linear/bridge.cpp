#include "nadir/linear/bridge.hpp"

#include <algorithm>

namespace nadir::linear {
namespace {

std::size_t at_place(Index i) { return static_cast<std::size_t>(i); }

/// A step of the path: it enters at place `first` along f, is carried by the chain to place `last`, and is read there
/// by g, with gᵀ W_last ··· W_{first+1} f = 1.
struct Segment {
  Index first = 0, last = 0;
  Vector f, g;
  bool entered = false;  ///< gᵀ below[last] ≠ 0: the input reaches it without the steps before
  bool left = false;     ///< above[first] f ≠ 0: it reaches the output without the steps after
};

/// W_to ··· W_{from+1} and what its rounding is in proportion to.
struct Passage {
  Dense product;
  double norm = 1;
};
Passage passage(const PartialProducts& at, Index from, Index to) {
  Passage result{Dense::Identity(at.above[at_place(from)].cols(), at.above[at_place(from)].cols())};
  for (Index i = from; i < to; ++i) {
    result.product = at.layers[at_place(i)] * result.product;
    result.norm *= at.norms[at_place(i)];
  }
  return result;
}

/// f in the span of `sources` and g in that of `sinks`, each with orthonormal columns, with the largest gᵀ D f, scaled
/// to 1. Nothing where that is 0.
bool connect(const Dense& sources, const Passage& D, const Dense& sinks, double zero, Segment& segment) {
  const Svd best = svd(sinks.transpose() * D.product * sources);
  if (best.s.size() == 0 || !(best.s[0] > zero * D.norm)) return false;
  segment.f = sources * best.V.col(0);
  segment.g = sinks * best.U.col(0) / best.s[0];
  return true;
}

/// The longest segment from place `first` on that ends before place `a`, kept apart from the output, from the input, or
/// best from both.
bool find_segment(const PartialProducts& at, Index first, Index a, double zero, Segment& segment) {
  segment.first = first;
  const Dense sources = kernel_of(at.above[at_place(first)], zero * at.above_norms[at_place(first)]);
  const auto sinks_at = [&](Index place) {
    return kernel_of(at.below[at_place(place)].transpose(), zero * at.below_norms[at_place(place)]);
  };
  const auto all = [](Index count) { return Dense(Dense::Identity(count, count)); };
  for (segment.last = a - 1; segment.last >= first; --segment.last) {
    const Passage D = passage(at, first, segment.last);
    const Dense sinks = sinks_at(segment.last);
    segment.entered = segment.left = false;
    if (connect(sources, D, sinks, zero, segment)) return true;
    segment.entered = true;
    if (connect(sources, D, all(D.product.rows()), zero, segment)) return true;
    segment.entered = false, segment.left = true;
    if (segment.last == a - 1 && connect(all(D.product.cols()), D, sinks, zero, segment)) return true;
  }
  return false;
}

}  // namespace

std::vector<BridgeEnds> bridge_ends(const PartialProducts& at, double zero) {
  std::vector<BridgeEnds> all;
  const double size = at.residual.norm();
  for (Index gap = 2; gap < at.places(); ++gap) {
    std::vector<std::pair<double, BridgeEnds>> found;
    for (Index b = 0; b + gap < at.places(); ++b) {
      const Dense &above = at.above[at_place(b + gap)], &below = at.below[at_place(b)];
      const double M = (above.transpose() * at.residual * below.transpose()).norm();
      if (M > zero * size * at.above_norms[at_place(b + gap)] * at.below_norms[at_place(b)])
        found.emplace_back(-M, BridgeEnds{b, b + gap});
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
    for (const auto& [minus_size, ends] : found) all.push_back(ends);
  }
  return all;
}

std::optional<Curve> bridge(const PartialProducts& at, BridgeEnds ends, double zero) {
  const auto [b, a] = ends;
  const Dense &above = at.above[at_place(a)], &below = at.below[at_place(b)];
  const Svd M = svd(-above.transpose() * at.residual * below.transpose());
  const Vector top = M.U.col(0), bottom = M.V.col(0);

  std::vector<Segment> segments;
  for (Index place = b + 1; place < a; place = segments.back().last + 1) {
    Segment next;
    if (!find_segment(at, place, a, zero, next)) return {};
    segments.push_back(std::move(next));
  }
  Curve curve;
  for (const Dense& W : at.layers) curve.deltas.emplace_back(Dense::Zero(W.rows(), W.cols()));
  curve.exponents.assign(at.layers.size(), 1);
  Vector read = bottom;  // the step into a segment is in the layer that leads to its first place
  for (const Segment& segment : segments) {
    curve.deltas[at_place(segment.first - 1)] = segment.f * read.transpose();
    read = segment.g;
  }
  curve.deltas[at_place(a - 1)] = top * read.transpose();

  // −c σ ε^A from the whole path against ½ c² κ² ε^{2(A − x)} from the part that only short cuts use.
  const Segment &front = segments.front(), &back = segments.back();
  const int steps = static_cast<int>(segments.size()) + 1, x = (front.entered ? 1 : 0) + (back.left ? 1 : 0);
  curve.order = steps;
  const Index common = steps == 2 && front.entered ? a : segments[steps == 2 ? 0 : 1].first;  // a layer of both
  if (2 * x > steps) curve.exponents[at_place(common - 1)] = 2, ++curve.order;
  if (2 * x >= curve.order) {
    const double out = back.left ? (at.above[at_place(back.first)] * back.f).norm() : (above * top).norm();
    const double in = front.entered ? (at.below[at_place(front.last)].transpose() * front.g).norm()
                                    : (below.transpose() * bottom).norm();
    curve.deltas[at_place(common - 1)] *= std::min(1.0, M.s[0] / (in * out * in * out));
  }
  return curve;
}

}  // namespace nadir::linear
