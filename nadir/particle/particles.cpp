#include "nadir/particle/particles.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include "nadir/base/error.hpp"
#include "nadir/particle/activation.hpp"
#include "nadir/particle/batch.hpp"

namespace nadir::particle {
namespace {

std::vector<Index> all_rows(const Matrix& features) {
  std::vector<Index> rows(static_cast<std::size_t>(features.rows()));
  std::iota(rows.begin(), rows.end(), Index{0});
  return rows;
}

}  // namespace

Particles start_on_sphere(Activation activation, Index count, Index inputs, double radius, Random& random) {
  Particles start{activation, Vector(count), Matrix(count, inputs)};
  Vector theta(inputs + 1);
  for (Index j = 0; j < count; ++j) {
    do
      for (double& entry : theta) entry = random.normal();
    while (theta.norm() == 0);
    theta *= radius / theta.norm();
    start.weights[j] = theta[0];
    start.positions.row(j) = theta.tail(inputs).transpose();
  }
  return start;
}

Particles start_without_weight(Activation activation, Index count, Index inputs, Random& random) {
  Particles start{activation, Vector::Zero(count), Matrix(count, inputs)};
  for (Index k = 0; k < start.positions.size(); ++k) start.positions.data()[k] = random.normal();
  return start;
}

Vector outputs(const Particles& particles, const Matrix& features) {
  constexpr Index most = 256;
  Vector f(features.rows());
  Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> z, h, s;
  for (Index first = 0; first < features.rows(); first += most) {
    const Index count = std::min(most, features.rows() - first);
    z = (features.middleRows(first, count) * particles.positions.transpose()).array();
    with_activation(particles.activation, [&](const auto sigma) { sigma.apply(z, h, s); });
    f.segment(first, count).noalias() = h.matrix() * particles.weights;
  }
  return f / static_cast<double>(particles.count());
}

double objective(const Particles& particles, const Matrix& features, const Vector& targets, double lambda) {
  const double n = static_cast<double>(features.rows()), m = static_cast<double>(particles.count());
  return (outputs(particles, features) - targets).squaredNorm() / (2 * n) +
         lambda / (2 * m) * (particles.weights.squaredNorm() + particles.positions.squaredNorm());
}

Particles scaled_gradient(const Particles& particles, const Matrix& features, const Vector& targets, double lambda) {
  Particles gradient;
  Batch().gradient(particles, features, targets, all_rows(features), gradient);
  gradient.weights += lambda * particles.weights;
  gradient.positions += lambda * particles.positions;
  return gradient;
}

ReluNetwork to_relu(const Particles& particles) {
  if (particles.activation != Activation::relu)
    throw UsageError("only particles with the activation relu are a ReLU network");
  const double root = std::sqrt(static_cast<double>(particles.count()));
  return {particles.positions / root, particles.weights / root};
}

}  // namespace nadir::particle
