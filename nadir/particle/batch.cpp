#include "nadir/particle/batch.hpp"

#include <algorithm>

#include "nadir/particle/activation.hpp"

namespace nadir::particle {

// X a piece of the features, b rows in all, r = (f − y)/b:
//   Z = X Vᵀ,  H = σ(Z),  f = H w/m,  m ∂/∂w = Hᵀ r,  C = (r wᵀ) ∘ σ'(Z),  m ∂/∂V = Cᵀ X.
double Batch::gradient(const Particles& particles, const Matrix& features, const Vector& targets,
                       std::span<const Index> rows, Particles& gradient) {
  constexpr Index most = 256;
  const Index m = particles.count(), d = particles.inputs(), b = static_cast<Index>(rows.size());
  gradient.activation = particles.activation;
  gradient.weights = Vector::Zero(m);
  gradient.positions = Matrix::Zero(m, d);
  product_.resize(m, d);
  const double share = 1 / static_cast<double>(b);
  double loss = 0;
  for (Index first = 0; first < b; first += most) {
    const Index count = std::min(most, b - first);
    X_.resize(count, d), Z_.resize(count, m), H_.resize(count, m), C_.resize(count, m);
    Vector r(count);
    for (Index i = 0; i < count; ++i) X_.row(i) = features.row(rows[static_cast<std::size_t>(first + i)]);
    multiply_transposed({X_.data(), count, d}, {particles.positions.data(), m, d}, {Z_.data(), count, m});
    with_activation(particles.activation, [&](const auto sigma) { sigma.apply(Z_.array(), H_.array(), C_.array()); });
    for (Index i = 0; i < count; ++i) {
      const double f = H_.row(i).dot(particles.weights) / static_cast<double>(m);
      r[i] = f - targets[rows[static_cast<std::size_t>(first + i)]];
      C_.row(i).array() *= r[i] * share * particles.weights.transpose().array();
    }
    loss += r.squaredNorm() / 2;
    gradient.weights.noalias() += H_.transpose() * (share * r);
    transposed_multiply({C_.data(), count, m}, {X_.data(), count, d}, {product_.data(), m, d});
    gradient.positions += product_;
  }
  return loss;
}

}  // namespace nadir::particle
