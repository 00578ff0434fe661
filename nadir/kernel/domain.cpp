#include "nadir/kernel/domain.hpp"

namespace nadir::kernel {

// The gradient of one output grows with the output, so that its ends tell its range; of softmax at f = 0 it is
// s (1/K − e_y).
Domain::Domain(const TrainingLoss& loss) : softmax_(loss.kind() == LossKind::softmax) {
  const Index n = loss.samples(), outputs = loss.outputs();
  if (!softmax_) {
    constexpr double far = 1e300;
    loss.gradient(Matrix::Constant(n, outputs, -far), least_);
    loss.gradient(Matrix::Constant(n, outputs, far), most_);
    return;
  }
  Matrix gradient;
  loss.gradient(Matrix::Zero(n, outputs), gradient);
  shares_.resize(n);
  for (Index i = 0; i < n; ++i) {
    Index own = 0, other = 0;
    gradient.row(i).minCoeff(&own);
    gradient.row(i).maxCoeff(&other);
    labels_.push_back(own);
    shares_[i] = static_cast<double>(outputs) * gradient(i, other);
  }
}

Matrix Domain::nearest(Matrix coefficients, double lambda) const {
  if (!softmax_) return coefficients.cwiseMin(-least_ / lambda).cwiseMax(-most_ / lambda);
  for (Index i = 0; i < coefficients.rows(); ++i) {
    auto row = coefficients.row(i);
    double& own = row[labels_[static_cast<std::size_t>(i)]];
    own = 0;
    row = row.cwiseMin(0.0);
    const double most = shares_[i] / lambda;
    if (-row.sum() > most) row *= most / -row.sum();
    own = -row.sum();
  }
  return coefficients;
}

}  // namespace nadir::kernel
