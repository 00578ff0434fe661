#include "nadir/spectral/objective.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "nadir/base/error.hpp"
#include "nadir/base/threads.hpp"

namespace nadir::spectral {
namespace {

constexpr Index most_chunks = 16;          // enough for 16 threads; more would only cost memory for partial gradients
constexpr Index fewest_chunk_rows = 1024;  // below this a thread costs more than it brings
constexpr Index block_bytes = 1 << 20;     // a block of rows stays in the second-level cache

MatrixView view(Matrix& matrix) { return {matrix.data(), matrix.rows(), matrix.cols()}; }
ConstMatrixView view(const Matrix& matrix) { return {matrix.data(), matrix.rows(), matrix.cols()}; }

}  // namespace

/// The buffers of one chunk: per layer, units are rows and the samples of a block are columns.
struct Objective::Workspace {
  std::vector<Matrix> activations, slopes, errors;  // a, α g^(α−1), and ∂Φ/∂g of each hidden layer
  Matrix scores, pulls, shifted;                    // f, c = ∂Φ/∂f, and exp(f − max f), classes × samples
  std::vector<Matrix> gains;                        // partial gradients of the hidden layers
  Matrix output_gain;
  double sum = 0, magnitude = 0;
};

Objective::Objective(const Architecture& architecture, const Matrix& features, const std::vector<int>& labels,
                     int threads)
    : architecture_(architecture),
      packing_(architecture),
      features_(features),
      labels_(labels),
      threads_(resolve_threads(threads)) {
  architecture.validate();
  if (features.cols() != architecture.inputs || features.rows() != static_cast<Index>(labels.size()))
    throw UsageError("features are " + std::to_string(features.rows()) + " x " + std::to_string(features.cols()) +
                     ", but the network takes " + std::to_string(architecture.inputs) + " inputs and there are " +
                     std::to_string(labels.size()) + " labels");
  if (features.rows() == 0) throw UsageError("there are no samples to train on");
  if (!features.allFinite() || !(features.minCoeff() >= 0))
    throw InputError("the spectral method needs finite non-negative features; use --scale minmax");
  for (const int label : labels)
    if (label < 0 || label >= architecture.classes) throw UsageError("a label is outside the classes");

  const Index n = features.rows();
  const Index fitting = block_bytes / (static_cast<Index>(sizeof(double)) * std::max<Index>(1, features.cols()));
  block_rows_ = std::clamp<Index>(fitting / 8 * 8, 64, 512);
  const Index even = (n + most_chunks - 1) / most_chunks;
  chunk_rows_ = std::max(fewest_chunk_rows, (even + block_rows_ - 1) / block_rows_ * block_rows_);
  for (Index first = 0; first < n; first += chunk_rows_) chunks_.push_back(std::make_unique<Workspace>());
}

Objective::~Objective() = default;

double Objective::objective_at_zero() const { return std::log(static_cast<double>(architecture_.classes)); }

double Objective::rounding_factor() const {
  double degree = 1;
  Index length = architecture_.inputs + architecture_.classes;
  for (const auto& layer : architecture_.hidden) {
    degree *= layer.exponents.maxCoeff();
    length += layer.units();
  }
  const Index blocks_of_chunk = chunk_rows_ / block_rows_;
  const double roundings =
      static_cast<double>(length + std::min(block_rows_, features_.rows()) + blocks_of_chunk + most_chunks + 200);
  return degree * roundings * 0x1p-51;
}

namespace {

/// For each sample (column): the loss part log Σ e^f − f_y − Σ f, and c_r = 1 + δ_{ry} − s_r > 0.
/// With the largest output k: log Σ e^f = f_k + log1p(Σ_{r≠k} e^{f_r − f_k}); 1 − s_r is formed from the other classes'
/// sum, never by subtracting a number close to 1.
void score_samples(const Matrix& scores, const int* labels, Matrix& shifted, Matrix& pulls, double& sum,
                   double& magnitude) {
  const Index classes = scores.rows(), count = scores.cols();
  const Eigen::RowVectorXd top = scores.colwise().maxCoeff();
  const Eigen::RowVectorXd total = scores.colwise().sum();
  shifted = (scores.rowwise() - top).array().exp();
  Eigen::RowVectorXd others = Eigen::RowVectorXd::Zero(count);  // Σ over all classes but one of the largest
  std::vector<Index> largest(static_cast<std::size_t>(count), -1);
  for (Index r = 0; r < classes; ++r)
    for (Index i = 0; i < count; ++i) {
      Index& first = largest[static_cast<std::size_t>(i)];
      if (first < 0 && scores(r, i) == top[i])
        first = r;
      else
        others[i] += shifted(r, i);
    }
  double block_sum = 0, block_magnitude = 0;
  for (Index i = 0; i < count; ++i) {
    const Index label = labels[i];
    const double log_sum = std::log1p(others[i]) + top[i];
    block_sum += log_sum - scores(label, i) - total[i];
    block_magnitude += log_sum + scores(label, i) + total[i];
  }
  sum += block_sum;
  magnitude += block_magnitude;
  for (Index r = 0; r < classes; ++r)
    for (Index i = 0; i < count; ++i) {
      const bool is_largest = largest[static_cast<std::size_t>(i)] == r;
      const double rest = is_largest ? others[i] : (others[i] - shifted(r, i)) + 1.0;
      pulls(r, i) = rest / (1.0 + others[i]);
    }
  for (Index i = 0; i < count; ++i) pulls(labels[i], i) += 1.0;
}

}  // namespace

void Objective::evaluate_chunk(const PolynomialNetwork& network, int chunk, Workspace& space) const {
  const std::size_t layers = network.hidden.size();
  const Index begin = chunk * chunk_rows_, end = std::min(begin + chunk_rows_, features_.rows());
  space.activations.resize(layers), space.slopes.resize(layers), space.errors.resize(layers);
  space.gains.resize(layers);
  for (std::size_t j = 0; j < layers; ++j)
    space.gains[j].setZero(network.hidden[j].weights.rows(), network.hidden[j].weights.cols());
  space.output_gain.setZero(network.output.rows(), network.output.cols());
  space.sum = space.magnitude = 0;

  for (Index first = begin; first < end; first += block_rows_) {
    const Index count = std::min(block_rows_, end - first);
    const ConstMatrixView x = rows_of(features_, first, count);
    for (std::size_t j = 0; j < layers; ++j) {
      const auto& layer = network.hidden[j];
      Matrix& sums = space.errors[j];  // holds g here, ∂Φ/∂g below
      sums.resize(layer.weights.rows(), count);
      if (j == 0)
        multiply_transposed(view(layer.weights), x, view(sums));
      else
        multiply(view(layer.weights), view(std::as_const(space.activations[j - 1])), view(sums));
      space.activations[j].resize(sums.rows(), count), space.slopes[j].resize(sums.rows(), count);
      for (Index unit = 0; unit < sums.rows(); ++unit)
        power_and_slope(sums.row(unit).data(), count, layer.exponents[unit], space.activations[j].row(unit).data(),
                        space.slopes[j].row(unit).data());
    }
    space.scores.resize(network.output.rows(), count), space.pulls.resize(network.output.rows(), count);
    multiply(view(network.output), view(std::as_const(space.activations.back())), view(space.scores));
    score_samples(space.scores, labels_.data() + first, space.shifted, space.pulls, space.sum, space.magnitude);

    for (std::size_t j = layers; j-- > 0;) {
      const bool last = j + 1 == layers;
      const ConstMatrixView above = view(std::as_const(last ? space.pulls : space.errors[j + 1]));
      const ConstMatrixView weights = view(last ? network.output : network.hidden[j + 1].weights);
      add_multiply_transposed(above, view(std::as_const(space.activations[j])),
                              view(last ? space.output_gain : space.gains[j + 1]));
      transposed_multiply(weights, above, view(space.errors[j]));
      space.errors[j].array() *= space.slopes[j].array();
    }
    add_multiply(view(std::as_const(space.errors[0])), x, view(space.gains[0]));
  }
}

Objective::Value Objective::evaluate(const PolynomialNetwork& network, Vector& gain) {
  const int count = static_cast<int>(chunks_.size());
  for_each_task(count, threads_,
                [&](int chunk) { evaluate_chunk(network, chunk, *chunks_[static_cast<std::size_t>(chunk)]); });
  for (std::size_t step = 1; step < chunks_.size(); step *= 2)  // a fixed tree
    for (std::size_t i = 0; i + step < chunks_.size(); i += 2 * step) {
      Workspace &into = *chunks_[i], &from = *chunks_[i + step];
      for (std::size_t j = 0; j < into.gains.size(); ++j) into.gains[j] += from.gains[j];
      into.output_gain += from.output_gain;
      into.sum += from.sum, into.magnitude += from.magnitude;
    }
  const Workspace& total = *chunks_[0];
  const double n = static_cast<double>(features_.rows()), epsilon = architecture_.epsilon;
  PolynomialNetwork summed;
  for (const Matrix& part : total.gains) summed.hidden.push_back({part, {}, {}});
  summed.output = total.output_gain;
  gain = packing_.pack(summed).array() / n + epsilon;
  const double weights = packing_.pack(network).sum();
  return {total.sum / n - epsilon * weights, total.magnitude / n + epsilon * weights};
}

}  // namespace nadir::spectral
