#include "nadir/polar/exact_low_rank.hpp"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "nadir/base/error.hpp"

namespace nadir::polar {
namespace {

/// A sample's half circle begins (opens) or ends at this angle.
struct Event {
  double angle;
  Index sample;
  bool opens;
};

/// On the arc from events[k] to the next one, the open samples sum to p (d numbers).
struct Arc {
  double from, to;    ///< radians, from ≤ to
  Index first, last;  ///< the samples whose borders its ends are
  Vector p;
};

/// The circle {a e₁ + b e₂} cut by all samples that are not orthogonal to it; `flat` lists those that are.
class Circle {
 public:
  Circle(const ReluPolar& problem, const Matrix& basis) : problem_(problem), basis_(basis) {
    constexpr double parallel = 1e-12;
    plane_ = problem.features.whole() * basis.transpose();
    for (Index i = 0; i < problem.samples(); ++i) {
      const double size = plane_.row(i).norm();
      if (!(size > parallel * problem.features.whole().row(i).norm())) {
        flat.push_back(i);
        continue;
      }
      const double angle = std::atan2(plane_(i, 1), plane_(i, 0));
      add(angle - std::numbers::pi / 2, i, true);
      add(angle + std::numbers::pi / 2, i, false);
    }
    std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) { return a.angle < b.angle; });
  }

  Vector point(double angle) const { return basis_.transpose() * direction(angle); }
  static Eigen::Vector2d direction(double angle) { return {std::cos(angle), std::sin(angle)}; }

  /// Calls visit(arc) for every arc; without any border the circle is one arc.
  template <class Visit>
  void for_each_arc(const Visit& visit) const {
    if (events_.empty()) return visit(Arc{0, 2 * std::numbers::pi, -1, -1, Vector::Zero(problem_.dimension())});
    const std::size_t count = events_.size();
    const double start = events_.back().angle - 2 * std::numbers::pi;
    const Eigen::Vector2d middle = direction((start + events_.front().angle) / 2);
    Arc arc{start, events_.front().angle, events_.back().sample, events_.front().sample,
            Vector::Zero(problem_.dimension())};
    for (const Event& event : events_)  // each sample opens once
      if (event.opens && plane_.row(event.sample).dot(middle) > 0) arc.p += term(event.sample);
    for (std::size_t k = 0; k < count; ++k) {
      visit(arc);
      if (k + 1 == count) break;
      arc.p += (events_[k].opens ? 1 : -1) * term(events_[k].sample);
      arc.from = events_[k].angle, arc.to = events_[k + 1].angle;
      arc.first = events_[k].sample, arc.last = events_[k + 1].sample;
    }
  }

  std::vector<Index> flat;

 private:
  void add(double angle, Index sample, bool opens) {
    if (angle < -std::numbers::pi) angle += 2 * std::numbers::pi;
    if (angle >= std::numbers::pi) angle -= 2 * std::numbers::pi;
    events_.push_back({angle, sample, opens});
  }
  Vector term(Index i) const { return problem_.weights[i] * problem_.features.whole().row(i).transpose(); }

  const ReluPolar& problem_;
  const Matrix& basis_;
  Matrix plane_;
  std::vector<Event> events_;
};

class Maximum {
 public:
  explicit Maximum(const ReluPolar& problem) : problem_(problem), best_{Vector::Zero(problem.dimension()), 0} {}

  void try_at(const Vector& u) {
    const double norm = u.norm();
    if (!(norm > 0)) return;
    const Vector unit = u / norm;
    const double f = value(problem_, unit);
    if (f > best_.value) best_ = {unit, f};
  }

  /// The maxima of pᵀu along the arcs of a circle.
  void try_arcs(const Circle& circle, const Matrix& basis) {
    circle.for_each_arc([&](const Arc& arc) {
      const Eigen::Vector2d q = basis * arc.p;
      for (const double end : {arc.from, arc.to})
        if (q.dot(Circle::direction(end)) > best_.value) try_at(circle.point(end));
      if (q.norm() > best_.value && is_between(std::atan2(q[1], q[0]), arc)) try_at(basis.transpose() * q);
    });
  }

  /// The maxima inside the cells on both sides of the circle of sample i.
  void try_sides(const Circle& circle, Index i) {
    const Vector normal = problem_.features.whole().row(i).transpose();
    circle.for_each_arc([&](const Arc& arc) {
      const Vector inside = circle.point((arc.from + arc.to) / 2);
      for (const double side : {1.0, -1.0}) {
        Vector p = arc.p;
        for (const Index j : circle.flat)
          if (side * problem_.features.whole().row(j).dot(normal) > 0)
            p += problem_.weights[j] * problem_.features.whole().row(j).transpose();
        if (!(p.norm() > best_.value) || side * normal.dot(p) < 0) continue;
        if (is_beyond(arc.first, inside, p) || is_beyond(arc.last, inside, p)) continue;
        try_at(p);
      }
    });
  }

  const Witness& best() const { return best_; }

 private:
  static bool is_between(double angle, const Arc& arc) {
    const double turn = 2 * std::numbers::pi;
    const double ahead = angle - arc.from - turn * std::floor((angle - arc.from) / turn);
    return ahead <= arc.to - arc.from + 1e-12;
  }
  /// Whether a sample's plane separates p from a point inside the arc.
  bool is_beyond(Index sample, const Vector& inside, const Vector& p) const {
    if (sample < 0) return false;
    const auto x = problem_.features.whole().row(sample);
    return x.dot(inside) * x.dot(p) < 0;
  }

  const ReluPolar& problem_;
  Witness best_;
};

}  // namespace

Witness exact_polar(const ReluPolar& problem) {
  require_valid(problem);
  const Index d = problem.dimension();
  if (d > 3)
    throw UsageError("exact_polar: " + std::to_string(d) + " dimensions; it takes three at most, use branch and bound");
  Maximum maximum(problem);
  if (d == 1) {
    maximum.try_at(Vector::Constant(1, 1));
    maximum.try_at(Vector::Constant(1, -1));
  } else if (d == 2) {
    const Matrix basis = Matrix::Identity(2, 2);
    maximum.try_arcs(Circle(problem, basis), basis);
  } else {
    for (Index i = 0; i < problem.samples(); ++i) {
      if (!(problem.features.whole().row(i).norm() > 0)) continue;
      const Eigen::Vector3d normal = problem.features.whole().row(i).transpose().normalized();
      Matrix basis(2, 3);
      basis.row(0) = normal.unitOrthogonal().transpose();
      basis.row(1) = normal.cross(Eigen::Vector3d(basis.row(0).transpose())).transpose();
      const Circle circle(problem, basis);
      maximum.try_arcs(circle, basis);
      maximum.try_sides(circle, i);
    }
  }
  return maximum.best();
}

}  // namespace nadir::polar
