#include "nadir/loss/training_loss.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/loss/logistic_terms.hpp"
#include "nadir/loss/loss.hpp"

namespace nadir {
namespace {

/// How far rounding of the shares may move a dual point out of its domain, relatively. A certificate has more room.
constexpr double room = 0x1p-45;

/// A sum of numbers, compensated: a gap of 1e-9 is a difference of two such sums.
class Sum {
 public:
  void add(double value) {
    const double term = value - lost_, next = sum_ + term;
    lost_ = (next - sum_) - term;
    sum_ = next;
  }
  double value() const { return sum_; }

 private:
  double sum_ = 0, lost_ = 0;
};

/// Weights of n samples, scaled to mean 1.
Vector with_mean_one(Vector weights, Index n) {
  if (weights.size() == 0) return weights;
  if (weights.size() != n) throw UsageError("every sample needs a weight, or none has one");
  Sum sum;
  for (const double weight : weights) {
    if (!(weight > 0 && weight < infinity)) throw UsageError("a weight of a sample must be a number above 0");
    sum.add(weight);
  }
  weights /= sum.value() / static_cast<double>(n);
  return weights;
}

/// out = softmax(f), K entries.
void softmax(const double* f, Index K, double* out) {
  const double top = *std::max_element(f, f + K);
  double sum = 0;
  for (Index k = 0; k < K; ++k) sum += out[k] = std::exp(f[k] - top);
  for (Index k = 0; k < K; ++k) out[k] /= sum;
}

// Every loss but softmax is a sum over the outputs of a loss of one output f, with a target y.

double value_of(LossKind kind, double delta, double f, double y) {
  switch (kind) {
    case LossKind::squared:
      return SquaredLoss{}.value(f, y);
    case LossKind::huber: {
      const double r = std::fabs(f - y);
      return r <= delta ? r * r / 2 : delta * (r - delta / 2);
    }
    case LossKind::logistic:
      return LogisticLoss{}.value(f, y);
    case LossKind::squared_hinge: {
      const double slack = std::max(0.0, 1 - y * f);
      return slack * slack / 2;
    }
    case LossKind::softmax:
      break;
  }
  return infinity;
}

double gradient_of(LossKind kind, double delta, double f, double y) {
  if (kind == LossKind::squared) return f - y;
  if (kind == LossKind::huber) return std::clamp(f - y, -delta, delta);
  if (kind == LossKind::logistic) return -y * sigmoid(-y * f);
  return -y * std::max(0.0, 1 - y * f);
}

double curvature_of(LossKind kind, double delta, double f, double y) {
  if (kind == LossKind::squared) return 1;
  if (kind == LossKind::huber) return std::fabs(f - y) <= delta ? 1 : 0;
  if (kind == LossKind::logistic) return LogisticLoss{}.curvature(f, y);
  return y * f < 1 ? 1 : 0;
}

/// −ℓ*(−h, y) (docs/certificate-format.md, section 5.2).
double dual_of(LossKind kind, double delta, double h, double y) {
  const double t = y * h;
  switch (kind) {
    case LossKind::squared:
      return h * y - h * h / 2;
    case LossKind::huber:
      return std::fabs(h) <= delta * (1 + room) ? h * y - h * h / 2 : -infinity;
    case LossKind::logistic:
      return t >= 0 && t <= 1 + room ? -entropy_term(t) - entropy_term(1 - t) : -infinity;
    case LossKind::squared_hinge:
      return t >= 0 ? t - t * t / 2 : -infinity;
    case LossKind::softmax:
      break;
  }
  return -infinity;
}

double softmax_value(const double* f, Index K, int y) {
  const double top = *std::max_element(f, f + K);
  double sum = 0;
  for (Index k = 0; k < K; ++k) sum += std::exp(f[k] - top);
  return std::log(sum) + (top - f[y]);
}

/// −ℓ*(−factor g, y) for softmax: −Σ t log t with t_r = −factor g_r but for the row's own class.
double softmax_dual_term(const double* g, Index K, int y, double factor) {
  double own = 1, sum = 0;
  for (Index k = 0; k < K; ++k) {
    if (k == y) continue;
    const double t = -factor * g[k];
    if (!(t >= 0)) return -infinity;
    own -= t;
    sum -= entropy_term(t);
  }
  return own >= -room ? sum - entropy_term(own) : -infinity;
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

bool is_for_quantities(LossKind kind) { return kind == LossKind::squared || kind == LossKind::huber; }
bool is_for_classes(LossKind kind) { return kind != LossKind::huber; }

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

TrainingLoss::TrainingLoss(LossKind kind, std::vector<int> labels, int classes, Vector weights)
    : kind_(kind),
      samples_(static_cast<Index>(labels.size())),
      outputs_(kind == LossKind::softmax || kind == LossKind::squared ? classes : 1),
      labels_(std::move(labels)),
      weights_(with_mean_one(std::move(weights), samples_)) {
  if (!is_for_classes(kind)) throw UsageError("the loss " + std::string(to_string(kind)) + " is for quantities");
  if (kind == LossKind::softmax) return;
  if (outputs_ == 1 && classes != 2)
    throw UsageError("the loss " + std::string(to_string(kind)) + " is for two classes, not " +
                     std::to_string(classes) + "; use softmax");
  targets_ = Matrix::Zero(samples_, outputs_);
  for (Index i = 0; i < samples_; ++i) {
    const int label = labels_[static_cast<std::size_t>(i)];
    if (outputs_ > 1)
      targets_(i, label) = 1;
    else
      targets_(i, 0) = label == 1 ? 1 : -1;
  }
}

TrainingLoss::TrainingLoss(LossKind kind, Vector targets, double delta, Vector weights)
    : kind_(kind),
      samples_(targets.size()),
      outputs_(1),
      targets_(std::move(targets)),
      delta_(delta),
      weights_(with_mean_one(std::move(weights), samples_)) {
  if (!is_for_quantities(kind)) throw UsageError("the loss " + std::string(to_string(kind)) + " is for classes");
  if (!(delta > 0)) throw UsageError("Huber's delta must be above 0");
}

TrainingLoss TrainingLoss::of_quantities(Matrix targets) {
  TrainingLoss loss(LossKind::squared, Vector(Vector::Zero(targets.rows())));
  loss.outputs_ = targets.cols();
  loss.targets_ = std::move(targets);
  return loss;
}

double TrainingLoss::row_value(const double* f, Index i) const {
  if (kind_ == LossKind::softmax) return softmax_value(f, outputs_, labels_[static_cast<std::size_t>(i)]);
  const double* const y = target(i);
  double sum = 0;
  for (Index k = 0; k < outputs_; ++k) sum += value_of(kind_, delta_, f[k], y[k]);
  return sum;
}

double TrainingLoss::value(const Matrix& f) const {
  Sum sum;
  for (Index i = 0; i < samples_; ++i) sum.add(weight(i) * row_value(f.data() + i * outputs_, i));
  return sum.value() / static_cast<double>(samples_);
}

void TrainingLoss::gradient(const Matrix& f, Matrix& out) const {
  out.resize(samples_, outputs_);
  gradient(rows_of(f, 0, samples_), 0, MatrixView(out.data(), samples_, outputs_));
}

void TrainingLoss::gradient(const ConstMatrixView& f, Index first, MatrixView out) const {
  for (Index i = first; i < first + f.rows(); ++i) {
    const double share = weight(i) / static_cast<double>(samples_);
    double* const g = out.data() + (i - first) * outputs_;
    const double* const at = f.data() + (i - first) * outputs_;
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
    const double* const y = target(i);
    for (Index k = 0; k < outputs_; ++k) g[k] = share * gradient_of(kind_, delta_, at[k], y[k]);
  }
}

Curvature TrainingLoss::curvature(const Matrix& f) const {
  Curvature result{Matrix(samples_, outputs_), kind_ == LossKind::softmax, Vector()};
  if (result.softmax) result.shares.resize(samples_);
  for (Index i = 0; i < samples_; ++i) {
    const double share = weight(i) / static_cast<double>(samples_);
    double* const w = result.diagonal.data() + i * outputs_;
    const double* const at = f.data() + i * outputs_;
    if (kind_ == LossKind::softmax) {
      softmax(at, outputs_, w);
      for (Index k = 0; k < outputs_; ++k) w[k] *= share;
      result.shares[i] = share;
      continue;
    }
    const double* const y = target(i);
    for (Index k = 0; k < outputs_; ++k) w[k] = share * curvature_of(kind_, delta_, at[k], y[k]);
  }
  return result;
}

double TrainingLoss::row_dual(const double* g, Index i, double factor) const {
  if (kind_ == LossKind::softmax) return softmax_dual_term(g, outputs_, labels_[static_cast<std::size_t>(i)], factor);
  const double* const y = target(i);
  double sum = 0;
  for (Index k = 0; k < outputs_; ++k) sum += dual_of(kind_, delta_, factor * g[k], y[k]);
  return sum;
}

double TrainingLoss::dual_value(const Matrix& G, double tau) const {
  const double factor = tau * static_cast<double>(samples_);
  Sum sum;
  for (Index i = 0; i < samples_; ++i) {
    const double value = row_dual(G.data() + i * outputs_, i, factor / weight(i));
    if (value == -infinity) return value;
    sum.add(weight(i) * value);
  }
  return sum.value() / static_cast<double>(samples_);
}

}  // namespace nadir
