#include "nadir/opt/cone_projection.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

namespace nadir {
namespace {

using Columns = Eigen::MatrixXd;

Columns columns_of(const SampleRows& rows, const Vector* signs, const std::vector<Index>& active) {
  Columns result(rows.cols(), static_cast<Index>(active.size()));
  Matrix room;
  for (std::size_t k = 0; k < active.size(); ++k)
    result.col(static_cast<Index>(k)) =
        (signs != nullptr ? (*signs)[active[k]] : 1) * rows.row(active[k], room).transpose();
  return result;
}

/// The method of Lawson and Hanson: rows enter one at a time, those whose multiplier would become negative leave.
class Projection {
 public:
  Projection(const SampleRows& rows, const Vector& signs, const Vector& z, ConePoint start)
      : rows_(rows), signs_(signs), z_(z), at_(std::move(start)) {
    at_.point = z;
    for (std::size_t k = 0; k < at_.active.size(); ++k) at_.point += multiplier(k) * row(at_.active[k]);
  }

  ConePoint run(double enough) {
    const double size = z_.norm();
    if (at_.point.norm() <= enough) return std::move(at_);
    if (!at_.active.empty()) settle();
    const Index most = 3 * (rows_.rows() + rows_.cols());
    for (Index step = 0; step < most && at_.point.norm() > std::max(enough, negligible * size); ++step) {
      Index entering = 0;
      const Vector sums = signs_.cwiseProduct(product(rows_, at_.point));
      if (rows_.rows() == 0 || !(sums.minCoeff(&entering) < -negligible * size)) break;
      if (std::find(at_.active.begin(), at_.active.end(), entering) != at_.active.end()) break;  // rounding
      if (static_cast<Index>(at_.active.size()) == rows_.cols()) break;
      const double before = at_.point.norm();
      at_.active.push_back(entering);
      at_.multipliers.conservativeResize(at_.multipliers.size() + 1);
      at_.multipliers[at_.multipliers.size() - 1] = 0;
      settle();
      if (!(at_.point.norm() < before)) break;
    }
    if (at_.point.norm() <= negligible * size) at_.point.setZero();
    return std::move(at_);
  }

 private:
  static constexpr double negligible = 1e-13;

  double multiplier(std::size_t k) const { return at_.multipliers[static_cast<Index>(k)]; }
  Vector row(Index i) const {
    Matrix room;
    return signs_[i] * rows_.row(i, room).transpose();
  }

  /// The best multipliers of the active rows, fewer of them until these are positive.
  void settle() {
    while (!at_.active.empty()) {
      const Columns columns = columns_of(rows_, &signs_, at_.active);
      const Eigen::HouseholderQR<Columns> qr(columns);
      const Vector wanted = qr.solve(-z_);
      const Index k = static_cast<Index>(at_.active.size());
      double share = 1;
      for (Index j = 0; j < k; ++j)
        if (!(wanted[j] > 0)) share = std::min(share, at_.multipliers[j] / (at_.multipliers[j] - wanted[j]));
      if (wanted.minCoeff() > 0) {
        at_.multipliers = wanted;
        Vector inside = qr.householderQ().transpose() * z_;  // a point without cancellation
        inside.head(k).setZero();
        at_.point = qr.householderQ() * inside;
        return;
      }
      if (!(share >= 0)) share = 0;
      at_.multipliers += share * (wanted - at_.multipliers);
      drop(wanted);
    }
    at_.point = z_;
  }

  /// Takes out what has become 0, of those that were to become negative; one at least.
  void drop(const Vector& wanted) {
    Index least = -1;
    for (Index j = 0; j < wanted.size(); ++j)
      if (!(wanted[j] > 0) && (least < 0 || at_.multipliers[j] < at_.multipliers[least])) least = j;
    Index kept = 0;
    for (Index j = 0; j < wanted.size(); ++j) {
      if (!(wanted[j] > 0) && (j == least || !(at_.multipliers[j] > 0))) continue;
      at_.multipliers[kept] = std::max(at_.multipliers[j], 0.0);
      at_.active[static_cast<std::size_t>(kept++)] = at_.active[static_cast<std::size_t>(j)];
    }
    at_.active.resize(static_cast<std::size_t>(kept));
    at_.multipliers.conservativeResize(kept);
  }

  const SampleRows& rows_;
  const Vector& signs_;
  const Vector& z_;
  ConePoint at_;
};

}  // namespace

ConePoint project_on_cone(const SampleRows& rows, const Vector& signs, const Vector& z, ConePoint start,
                          double enough) {
  return Projection(rows, signs, z, std::move(start)).run(enough);
}

// In the cone {(c, t) : rows c ≥ t h/size} the point nearest to (0, 1) is t (c, 1) with the shortest c, t = 1/(1 +
// ‖c‖²), or 0 where there is none. A second turn, with the size that the first one found, keeps t near ½.
std::optional<Vector> shortest_above(const Matrix& rows, const Vector& h) {
  const Index n = rows.rows(), d = rows.cols();
  double size = h.size() > 0 ? h.maxCoeff() : 0;
  if (!(size > 0)) return Vector::Zero(d);
  Vector shortest;
  for (int turn = 0; turn < 3; ++turn) {
    Matrix all(n, d + 1);
    all << rows, -h / size;
    for (Index i = 0; i < n; ++i)
      if (const double norm = all.row(i).norm(); norm > 0) all.row(i) /= norm;
    const ConePoint nearest = project_on_cone(all, Vector::Ones(n), Vector::Unit(d + 1, d));
    const double t = nearest.point[d];
    if (!(t > 1e-12)) return std::nullopt;
    shortest = size / t * nearest.point.head(d);
    if (t > 0.2 && t < 0.8) break;
    size = shortest.norm();
    if (!(size > 0)) break;
  }
  return shortest;
}

Eigen::MatrixXd face_basis(const Matrix& rows, const std::vector<Index>& active) {
  const Index d = rows.cols(), k = static_cast<Index>(active.size());
  if (k == 0) return Eigen::MatrixXd::Identity(d, d);
  const Eigen::HouseholderQR<Columns> qr(columns_of(rows, nullptr, active));
  const Eigen::MatrixXd Q = qr.householderQ();
  return Q.rightCols(d - k);
}

}  // namespace nadir
