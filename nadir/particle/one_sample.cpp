#include "nadir/particle/one_sample.hpp"

#include "nadir/particle/activation.hpp"

namespace nadir::particle {

OneSample::OneSample(const Particles& particles, double step, double lambda)
    : activation_(particles.activation),
      m_(particles.count()),
      d_(particles.inputs()),
      step_(step),
      keep_(1 - step * lambda),
      last_(Vector::Zero(d_)) {
  const Index lanes = (m_ + width - 1) / width;
  v_ = Lanes::Zero(width, lanes * d_);
  w_ = z_ = c_ = Lanes::Zero(width, lanes);
  for (Index j = 0; j < m_; ++j) {
    w_(j % width, j / width) = particles.weights[j];
    for (Index l = 0; l < d_; ++l) v_(j % width, j / width * d_ + l) = particles.positions(j, l);
  }
}

template <bool decays>
void OneSample::pass(const double* x) {
  const double* last = last_.data();
  for (Index k = 0; k < w_.cols(); ++k) {
    double* v = v_.data() + k * d_ * width;
    const Lane c = c_.col(k);
    const auto move = [&](Index l) -> Lane {
      Eigen::Map<Lane> there(v + l * width);
      Lane moved = there;
      if constexpr (decays) moved *= keep_;
      moved -= last[l] * c;
      there = moved;
      return x[l] * moved;
    };
    Lane even = Lane::Zero(), odd = Lane::Zero();  // two sums, as an addition takes some cycles
    Index l = 0;
    for (; l + 1 < d_; l += 2) even += move(l), odd += move(l + 1);
    if (l < d_) even += move(l);
    z_.col(k) = even + odd;
  }
}

template <class Sigma, bool decays>
double OneSample::take(const Matrix& features, const Vector& targets, std::span<const Index> rows) {
  const double m = static_cast<double>(m_);
  const Index past = w_.cols() * width - m_;  // entries of the last lane that are no particles
  Lanes h(width, w_.cols()), s(width, w_.cols());
  double loss = 0;
  for (const Index row : rows) {
    const double* x = features.data() + row * d_;
    if (decays && due_)
      pass<true>(x);
    else
      pass<false>(x);  // c = 0 where nothing is due
    Lane sum = Lane::Zero();
    for (Index k = 0; k < w_.cols(); ++k) {
      Lane hk, sk;
      Sigma::apply(Lane(z_.col(k)), hk, sk);
      h.col(k) = hk, s.col(k) = sk;
      sum += w_.col(k) * hk;
    }
    const double g = sum.sum() / m - targets[row];
    const double scaled = step_ * g;
    loss += g * g / 2;
    h.rightCols(1).bottomRows(past).setZero();
    for (Index k = 0; k < w_.cols(); ++k) {
      const Lane w = w_.col(k);
      c_.col(k) = scaled * w * s.col(k);
      w_.col(k) = (decays ? Lane(keep_ * w) : w) - scaled * h.col(k);
    }
    Eigen::Map<Vector>(last_.data(), d_) = Eigen::Map<const Vector>(x, d_);
    due_ = true;
  }
  return loss;
}

double OneSample::take(const Matrix& features, const Vector& targets, std::span<const Index> rows) {
  return with_activation(activation_, [&](const auto sigma) {
    using Sigma = std::decay_t<decltype(sigma)>;
    return keep_ != 1 ? take<Sigma, true>(features, targets, rows) : take<Sigma, false>(features, targets, rows);
  });
}

void OneSample::finish() {
  if (!due_) return;
  const Vector zero = Vector::Zero(d_);
  pass<true>(zero.data());  // keep = 1 changes no bit
  c_.setZero();
  due_ = false;
}

Particles OneSample::particles() {
  finish();
  Particles now{activation_, Vector(m_), Matrix(m_, d_)};
  for (Index j = 0; j < m_; ++j) {
    now.weights[j] = w_(j % width, j / width);
    for (Index l = 0; l < d_; ++l) now.positions(j, l) = v_(j % width, j / width * d_ + l);
  }
  return now;
}

}  // namespace nadir::particle
