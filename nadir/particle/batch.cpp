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
  double loss = 0;
  for (Index first = 0; first < b; first += most) {
    const Index count = std::min(most, b - first);
    X_.resize(count, d), Z_.resize(count, m);
    Vector r(count);
    for (Index i = 0; i < count; ++i) X_.row(i) = features.row(rows[static_cast<std::size_t>(first + i)]);
    multiply_transposed({X_.data(), count, d}, {particles.positions.data(), m, d}, {Z_.data(), count, m});
    with_activation(particles.activation, [&](const auto sigma) { sigma.apply(Z_.array(), H_, S_); });
    r.noalias() = H_.matrix() * particles.weights;
    for (Index i = 0; i < count; ++i)
      r[i] = r[i] / static_cast<double>(m) - targets[rows[static_cast<std::size_t>(first + i)]];
    loss += r.squaredNorm() / 2;
    r /= static_cast<double>(b);
    gradient.weights.noalias() += H_.matrix().transpose() * r;
    C_ = S_.rowwise() * particles.weights.transpose().array();
    C_.array().colwise() *= r.array();
    transposed_multiply({C_.data(), count, m}, {X_.data(), count, d}, {product_.data(), m, d});
    gradient.positions += product_;
  }
  return loss;
}

}  // namespace nadir::particle
