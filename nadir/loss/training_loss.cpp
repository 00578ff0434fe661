#include "nadir/loss/training_loss.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/loss/loss.hpp"

namespace nadir {
namespace {

/// t log t, continued to 0.
double entropy_term(double t) { return t > 0 ? t * std::log(t) : 0.0; }

/// 1 / (1 + e^{−z}), without overflow.
double sigmoid(double z) { return z >= 0 ? 1 / (1 + std::exp(-z)) : std::exp(z) / (1 + std::exp(z)); }

/// out = softmax(f), K entries.
void softmax(const double* f, Index K, double* out) {
  const double top = *std::max_element(f, f + K);
  double sum = 0;
  for (Index k = 0; k < K; ++k) sum += out[k] = std::exp(f[k] - top);
  for (Index k = 0; k < K; ++k) out[k] /= sum;
}

/// −ℓ*(−h, y) for one output (docs/certificate-format.md, section 5.2).
double dual_term(LossKind kind, double delta, double h, double y) {
  const double t = y * h;
  switch (kind) {
    case LossKind::squared:
      return h * y - h * h / 2;
    case LossKind::huber:
      return std::fabs(h) <= delta ? h * y - h * h / 2 : -infinity;
    case LossKind::logistic:
      return t >= 0 && t <= 1 ? -entropy_term(t) - entropy_term(1 - t) : -infinity;
    case LossKind::squared_hinge:
      return t >= 0 ? t - t * t / 2 : -infinity;
    case LossKind::softmax:
      break;
  }
  return -infinity;
}

/// −ℓ*(−τ n g, y) for softmax: Σ t log t with t_r = −τ n g_r but for the row's own class.
double softmax_dual_term(const double* g, Index K, int y, double factor) {
  double own = 1, sum = 0;
  for (Index k = 0; k < K; ++k) {
    if (k == y) continue;
    const double t = -factor * g[k];
    if (!(t >= 0)) return -infinity;
    own -= t;
    sum -= entropy_term(t);
  }
  return own >= 0 ? sum - entropy_term(own) : -infinity;
}

}  // namespace

std::string_view to_string(LossKind kind) {
  switch (kind) {
    case LossKind::squared:
      return "squared";
    case LossKind::huber:
      return "huber";
    case LossKind::logistic:
      return "logistic";
    case LossKind::squared_hinge:
      return "squared_hinge";
    case LossKind::softmax:
      return "softmax";
  }
  return "?";
}

bool classifies(LossKind kind) { return kind != LossKind::squared && kind != LossKind::huber; }

void Curvature::apply(const Matrix& direction, Matrix& out) const {
  out = diagonal.cwiseProduct(direction);
  if (!softmax) return;
  for (Index i = 0; i < out.rows(); ++i) out.row(i) -= (out.row(i).sum() / shares[i]) * diagonal.row(i);
}

double Curvature::mean_weight(Index output) const {
  if (!softmax) return diagonal.col(output).sum();
  double sum = 0;
  for (Index i = 0; i < diagonal.rows(); ++i) sum += diagonal(i, output) * (1 - diagonal(i, output) / shares[i]);
  return sum;
}

TrainingLoss::TrainingLoss(LossKind kind, std::vector<int> labels, int classes)
    : kind_(kind),
      samples_(static_cast<Index>(labels.size())),
      outputs_(kind == LossKind::softmax ? classes : 1),
      labels_(std::move(labels)) {
  if (!classifies(kind)) throw UsageError("the loss " + std::string(to_string(kind)) + " is for quantities");
  if (kind == LossKind::softmax) return;
  if (classes != 2)
    throw UsageError("the loss " + std::string(to_string(kind)) + " is for two classes, not " +
                     std::to_string(classes) + "; use softmax");
  targets_.resize(samples_);
  for (Index i = 0; i < samples_; ++i) targets_[i] = labels_[static_cast<std::size_t>(i)] == 1 ? 1 : -1;
}

TrainingLoss::TrainingLoss(LossKind kind, Vector targets, double delta)
    : kind_(kind), samples_(targets.size()), outputs_(1), targets_(std::move(targets)), delta_(delta) {
  if (classifies(kind)) throw UsageError("the loss " + std::string(to_string(kind)) + " is for classes");
  if (!(delta > 0)) throw UsageError("Huber's delta must be above 0");
}

double TrainingLoss::row_value(const double* f, Index i) const {
  const double y = kind_ == LossKind::softmax ? 0 : targets_[i];
  switch (kind_) {
    case LossKind::squared:
      return SquaredLoss{}.value(*f, y);
    case LossKind::huber: {
      const double r = std::fabs(*f - y);
      return r <= delta_ ? r * r / 2 : delta_ * (r - delta_ / 2);
    }
    case LossKind::logistic:
      return LogisticLoss{}.value(*f, y);
    case LossKind::squared_hinge: {
      const double slack = std::max(0.0, 1 - y * *f);
      return slack * slack / 2;
    }
    case LossKind::softmax: {
      const double top = *std::max_element(f, f + outputs_);
      double sum = 0;
      for (Index k = 0; k < outputs_; ++k) sum += std::exp(f[k] - top);
      return std::log(sum) + (top - f[labels_[static_cast<std::size_t>(i)]]);
    }
  }
  return 0;
}

double TrainingLoss::value(const Matrix& f) const {
  double sum = 0, lost = 0;  // compensated: a gap of 1e-9 is a difference of two such sums
  for (Index i = 0; i < samples_; ++i) {
    const double term = row_value(f.data() + i * outputs_, i) - lost, next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  return sum / static_cast<double>(samples_);
}

void TrainingLoss::gradient(const Matrix& f, Matrix& out) const {
  out.resize(samples_, outputs_);
  const double share = 1 / static_cast<double>(samples_);
  for (Index i = 0; i < samples_; ++i) {
    double* const g = out.data() + i * outputs_;
    const double* const at = f.data() + i * outputs_;
    if (kind_ == LossKind::softmax) {
      softmax(at, outputs_, g);
      const int y = labels_[static_cast<std::size_t>(i)];
      double others = 0;
      for (Index k = 0; k < outputs_; ++k) {
        g[k] *= share;
        if (k != y) others += g[k];
      }
      g[y] = -others;
      continue;
    }
    const double y = targets_[i];
    if (kind_ == LossKind::squared) *g = share * (*at - y);
    if (kind_ == LossKind::huber) *g = share * std::clamp(*at - y, -delta_, delta_);
    if (kind_ == LossKind::logistic) *g = -share * y * sigmoid(-y * *at);
    if (kind_ == LossKind::squared_hinge) *g = -share * y * std::max(0.0, 1 - y * *at);
  }
}

Curvature TrainingLoss::curvature(const Matrix& f) const {
  const double share = 1 / static_cast<double>(samples_);
  Curvature result{Matrix(samples_, outputs_), kind_ == LossKind::softmax, Vector()};
  if (result.softmax) result.shares = Vector::Constant(samples_, share);
  for (Index i = 0; i < samples_; ++i) {
    double* const w = result.diagonal.data() + i * outputs_;
    const double* const at = f.data() + i * outputs_;
    if (kind_ == LossKind::softmax) {
      softmax(at, outputs_, w);
      for (Index k = 0; k < outputs_; ++k) w[k] *= share;
      continue;
    }
    const double y = targets_[i];
    if (kind_ == LossKind::squared) *w = share;
    if (kind_ == LossKind::huber) *w = std::fabs(*at - y) <= delta_ ? share : 0;
    if (kind_ == LossKind::logistic) *w = share * LogisticLoss{}.curvature(*at, y);
    if (kind_ == LossKind::squared_hinge) *w = y * *at < 1 ? share : 0;
  }
  return result;
}

double TrainingLoss::dual_value(const Matrix& G, double tau) const {
  const double factor = tau * static_cast<double>(samples_);
  double sum = 0, lost = 0;
  for (Index i = 0; i < samples_; ++i) {
    const double* const g = G.data() + i * outputs_;
    const double value = kind_ == LossKind::softmax
                             ? softmax_dual_term(g, outputs_, labels_[static_cast<std::size_t>(i)], factor)
                             : dual_term(kind_, delta_, factor * *g, targets_[i]);
    if (value == -infinity) return value;
    const double term = value - lost, next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  return sum / static_cast<double>(samples_);
}

TrainingLoss TrainingLoss::part(const std::vector<Index>& rows) const {
  if (!classifies(kind_)) {
    Vector targets(static_cast<Index>(rows.size()));
    for (Index i = 0; i < targets.size(); ++i) targets[i] = targets_[rows[static_cast<std::size_t>(i)]];
    return {kind_, std::move(targets), delta_};
  }
  std::vector<int> labels;
  for (const Index row : rows) labels.push_back(labels_[static_cast<std::size_t>(row)]);
  return {kind_, std::move(labels), kind_ == LossKind::softmax ? static_cast<int>(outputs_) : 2};
}

}  // namespace nadir
