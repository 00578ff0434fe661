#include "nadir/convex/sample_system.hpp"

#include <Eigen/Cholesky>
#include <cmath>

namespace nadir::convex {
namespace {

/// The Cholesky factor of I + W^½ M W^½ in the place of M's lower half; its diagonal is raised by a few roundings of
/// the largest entry, so that it is one.
Eigen::LLT<Eigen::Ref<Eigen::MatrixXf>, Eigen::Lower> factorize(Eigen::MatrixXf& M, const Vector& root) {
  const Index n = root.size();
  const Eigen::VectorXf scale = root.cast<float>();
  for (Index j = 0; j < n; ++j)
    M.col(j).tail(n - j) = (scale[j] * scale.tail(n - j)).cwiseProduct(M.col(j).tail(n - j));
  const float rounding = 0x1p-24F * std::sqrt(static_cast<float>(n));
  M.diagonal().array() += 1 + 4 * rounding * M.diagonal().maxCoeff();
  return Eigen::LLT<Eigen::Ref<Eigen::MatrixXf>, Eigen::Lower>(M);
}

}  // namespace

Vector solve_in_samples(Eigen::MatrixXf& matrix, const SampleProduct& M, const Vector& w, const Vector& r) {
  constexpr int most = 200;
  constexpr double tolerance = 1e-7;    // of ‖W^½ r‖: by so much a Newton step may shorten the residual
  constexpr double negligible = 1e-12;  // of the largest weight
  const Vector root = w.cwiseSqrt();
  const auto factor = factorize(matrix, root);
  const auto precondition = [&](const Vector& b) {
    const double size = b.norm();
    Eigen::VectorXf z = (b / (size > 0 ? size : 1)).cast<float>();
    if (factor.info() == Eigen::Success) factor.solveInPlace(z);
    return Vector(size * z.cast<double>());
  };
  Vector residual = root.cwiseProduct(r), z = precondition(residual), p = z, x = Vector::Zero(r.size());
  const double wanted = tolerance * residual.norm();
  double rho = residual.dot(z);
  for (int k = 0; k < most && residual.norm() > wanted; ++k) {
    const Vector Hp = p + root.cwiseProduct(M(root.cwiseProduct(p)));
    const double step = rho / p.dot(Hp);
    x += step * p;
    residual -= step * Hp;
    z = precondition(residual);
    const double next = residual.dot(z);
    p = z + (next / rho) * p;
    rho = next;
  }
  Vector e = M(root.cwiseProduct(x)) - r;
  for (Index i = 0; i < e.size(); ++i)
    if (w[i] > negligible * w.maxCoeff()) e[i] = -x[i] / root[i];
  return e;
}

}  // namespace nadir::convex
