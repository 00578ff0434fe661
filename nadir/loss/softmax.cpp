#include <cmath>

#include "nadir/loss/loss.hpp"

namespace nadir {
namespace {

Vector softmax(const Eigen::Ref<const Vector>& f) {
  const Vector terms = (f.array() - f.maxCoeff()).exp();
  return terms / terms.sum();
}

}  // namespace

double SoftmaxLoss::value(const Eigen::Ref<const Vector>& f, Index y) const {
  Index top = 0;
  f.maxCoeff(&top);
  double others = 0;
  for (Index r = 0; r < f.size(); ++r)
    if (r != top) others += std::exp(f[r] - f[top]);
  return std::log1p(others) + (f[top] - f[y]);
}

Vector SoftmaxLoss::gradient(const Eigen::Ref<const Vector>& f, Index y) const {
  Vector result = softmax(f);
  double others = 0;  // 1 − s_y from the other classes, so that nothing cancels where s_y is close to 1
  for (Index r = 0; r < f.size(); ++r)
    if (r != y) others += result[r];
  result[y] = -others;
  return result;
}

Vector SoftmaxLoss::curvature_times(const Eigen::Ref<const Vector>& f,
                                    const Eigen::Ref<const Vector>& direction) const {
  const Vector s = softmax(f);
  return s.array() * (direction.array() - s.dot(direction));
}

double SoftmaxLoss::conjugate(const Eigen::Ref<const Vector>& g, Index y) const {
  Vector t = g;
  t[y] += 1;
  if (!(t.minCoeff() >= 0) || !(std::fabs(t.sum() - 1) <= 1e-12)) return infinity;
  double sum = 0;
  for (const double value : t) sum += value > 0 ? value * std::log(value) : 0.0;
  return sum;
}

}  // namespace nadir
