#include "nadir/net/polynomial.hpp"

#include <cmath>
#include <span>

#include "nadir/base/sha256.hpp"
#include "nadir/base/threads.hpp"

namespace nadir {
namespace {

using Array = Eigen::ArrayXd;

constexpr Index block_rows = 256;

}  // namespace

Index PolynomialNetwork::units() const {
  Index total = 0;
  for (const auto& layer : hidden) total += layer.weights.rows();
  return total;
}

void power_and_slope(const double* base, Index count, double exponent, double* powers, double* slopes) {
  const Eigen::Map<const Array> g(base, count);
  Eigen::Map<Array> power(powers, count), slope(slopes, count);
  const double doubled = 2 * exponent;
  if (exponent == 1) {
    power = g;
    slope.setOnes();
  } else if (doubled == std::floor(doubled) && exponent <= 8) {
    const int whole = static_cast<int>(exponent - 1);
    if (exponent - 1 == whole)
      slope.setOnes();
    else
      slope = g.sqrt();
    for (int i = 0; i < whole; ++i) slope *= g;
    power = slope * g;
    slope *= exponent;
  } else {
    slope = (g > 0).select(((exponent - 1) * g.log()).exp(), 0.0);
    power = slope * g;
    slope *= exponent;
  }
}

Matrix outputs(const PolynomialNetwork& network, const Matrix& features, int threads) {
  eigen_assert(features.cols() == network.inputs());
  const Index rows = features.rows();
  Matrix result(rows, network.classes());
  const int blocks = static_cast<int>((rows + block_rows - 1) / block_rows);
  for_each_task(blocks, threads, [&](int block) {
    const Index first = block * block_rows, count = std::min(block_rows, rows - first);
    // Units are rows and samples are columns here, so that one exponent serves contiguous numbers.
    Matrix activation, sums, slopes;
    for (std::size_t j = 0; j < network.hidden.size(); ++j) {
      const auto& layer = network.hidden[j];
      const ConstMatrixView weights(layer.weights.data(), layer.weights.rows(), layer.weights.cols());
      sums.resize(layer.weights.rows(), count);
      const MatrixView out(sums.data(), sums.rows(), sums.cols());
      if (j == 0)
        multiply_transposed(weights, rows_of(features, first, count), out);
      else
        multiply(weights, rows_of(activation, 0, activation.rows()), out);
      activation.resize(sums.rows(), count);
      slopes.resize(1, count);
      for (Index unit = 0; unit < sums.rows(); ++unit)
        power_and_slope(sums.row(unit).data(), count, layer.exponents[unit], activation.row(unit).data(),
                        slopes.data());
    }
    Matrix block_outputs(network.classes(), count);
    multiply(rows_of(network.output, 0, network.output.rows()), rows_of(activation, 0, activation.rows()),
             MatrixView(block_outputs.data(), block_outputs.rows(), block_outputs.cols()));
    result.middleRows(first, count) = block_outputs.transpose();
  });
  return result;
}

std::vector<int> classify(const Matrix& outputs) {
  std::vector<int> classes(static_cast<std::size_t>(outputs.rows()));
  for (Index i = 0; i < outputs.rows(); ++i) {
    Index best = 0;
    for (Index r = 1; r < outputs.cols(); ++r)
      if (outputs(i, r) > outputs(i, best)) best = r;
    classes[static_cast<std::size_t>(i)] = static_cast<int>(best);
  }
  return classes;
}

Matrix probabilities(const Matrix& outputs) {
  Matrix result = (outputs.colwise() - outputs.rowwise().maxCoeff()).array().exp();
  result.array().colwise() /= result.rowwise().sum().array().eval();
  return result;
}

std::string weights_sha256(const PolynomialNetwork& network) {
  Sha256 hash;
  hash.add(std::string_view("nadir-weights 1\n"));
  for (const auto& layer : network.hidden) hash.add(layer.weights);
  hash.add(network.output);
  for (const auto& layer : network.hidden) hash.add(layer.mask);
  return hash.finish();
}

}  // namespace nadir
