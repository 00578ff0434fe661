#include "nadir/spectral/problem.hpp"

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"

namespace nadir::spectral {
namespace {

void require(bool holds, const std::string& message) {
  if (!holds) throw UsageError(message);
}

void validate_hidden(const HiddenShape& layer, Index inputs, std::size_t number) {
  const std::string where = "hidden layer " + std::to_string(number) + ": ";
  require(layer.units() >= 1, where + "needs at least one unit");
  for (Index unit = 0; unit < layer.units(); ++unit)
    require(layer.exponents[unit] >= 1 && std::isfinite(layer.exponents[unit]),
            where + "exponent " + std::to_string(layer.exponents[unit]) + " is below 1");
  const std::size_t expected = layer.scope == NormScope::matrix ? 1 : static_cast<std::size_t>(layer.units());
  require(layer.p.size() == expected,
          where + "needs " + std::to_string(expected) + " values of p, not " + std::to_string(layer.p.size()));
  for (const double p : layer.p)
    require(p > 1 && std::isfinite(p), where + "p = " + std::to_string(p) + " must be above 1");
  require(layer.radius > 0 && std::isfinite(layer.radius), where + "the radius must be positive");
  if (layer.mask.size() == 0) return;
  require(layer.mask.rows() == layer.units() && layer.mask.cols() == inputs, where + "the mask has the wrong shape");
  for (Index unit = 0; unit < layer.units(); ++unit)
    require(layer.mask.row(unit).any(), where + "unit " + std::to_string(unit + 1) + " has no weight at all");
}

}  // namespace

void Architecture::validate() const {
  require(inputs >= 1, "the network needs at least one input");
  require(classes >= 2, "the network needs at least two classes");
  require(!hidden.empty(), "the network needs at least one hidden layer");
  Index width = inputs;
  for (std::size_t j = 0; j < hidden.size(); ++j) {
    validate_hidden(hidden[j], width, j + 1);
    width = hidden[j].units();
  }
  require(output_p > 1 && std::isfinite(output_p), "p of the output must be above 1");
  require(output_radius > 0 && std::isfinite(output_radius), "the output's radius must be positive");
  require(epsilon >= 0 && std::isfinite(epsilon), "epsilon must not be negative");
}

Index Architecture::weights() const { return Packing(*this).size(); }

Packing::Packing(const Architecture& architecture) : architecture_(architecture) {
  Index width = architecture.inputs;
  for (const auto& layer : architecture.hidden) {
    const Index layer_first = size_;
    for (Index unit = 0; unit < layer.units(); ++unit) {
      const Index present = layer.mask.size() == 0 ? width : layer.mask.row(unit).count();
      if (layer.scope == NormScope::unit) blocks_.push_back({size_, present, layer.p_of(unit), layer.radius});
      size_ += present;
    }
    if (layer.scope == NormScope::matrix)
      blocks_.push_back({layer_first, size_ - layer_first, layer.p[0], layer.radius});
    width = layer.units();
  }
  for (int r = 0; r < architecture.classes; ++r) {
    blocks_.push_back({size_, width, architecture.output_p, architecture.output_radius});
    size_ += width;
  }
}

Vector Packing::pack(const PolynomialNetwork& network) const {
  Vector packed(size_);
  Index next = 0;
  for (std::size_t j = 0; j < architecture_.hidden.size(); ++j) {
    const auto& weights = network.hidden[j].weights;
    const auto& shape = architecture_.hidden[j];
    for (Index unit = 0; unit < weights.rows(); ++unit)
      for (Index input = 0; input < weights.cols(); ++input)
        if (shape.exists(unit, input)) packed[next++] = weights(unit, input);
  }
  packed.tail(network.output.size()) = network.output.reshaped<Eigen::RowMajor>();
  return packed;
}

void Packing::unpack(const Vector& packed, PolynomialNetwork& network) const {
  Index next = 0;
  for (std::size_t j = 0; j < architecture_.hidden.size(); ++j) {
    auto& weights = network.hidden[j].weights;
    const auto& shape = architecture_.hidden[j];
    for (Index unit = 0; unit < weights.rows(); ++unit)
      for (Index input = 0; input < weights.cols(); ++input)
        weights(unit, input) = shape.exists(unit, input) ? packed[next++] : 0.0;
  }
  network.output.reshaped<Eigen::RowMajor>() = packed.tail(network.output.size());
}

PolynomialNetwork Packing::empty_network() const {
  PolynomialNetwork network;
  Index width = architecture_.inputs;
  for (const auto& shape : architecture_.hidden) {
    network.hidden.push_back({Matrix::Zero(shape.units(), width), shape.exponents, shape.mask});
    width = shape.units();
  }
  network.output = Matrix::Zero(architecture_.classes, width);
  return network;
}

double log_norm(const Eigen::Ref<const Vector>& logs, double p) {
  const double top = logs.maxCoeff();
  return top + std::log((p * (logs.array() - top)).exp().sum()) / p;
}

void normalize(const Packing& packing, Vector& logs) {
  for (const Block& block : packing.blocks()) {
    auto part = logs.segment(block.first, block.count);
    part.array() -= log_norm(part, block.p);
  }
}

Vector weights_of(const Packing& packing, const Vector& logs) {
  Vector weights = logs.array().exp();
  for (const Block& block : packing.blocks()) weights.segment(block.first, block.count) *= block.radius * (1 - 0x1p-46);
  return weights;
}

Vector log_shares(const Packing& packing, const PolynomialNetwork& network) {
  Vector shares = packing.pack(network);
  for (const Block& block : packing.blocks()) shares.segment(block.first, block.count) /= block.radius;
  return shares.array().log();
}

Vector flat_start(const Packing& packing) {
  Vector logs = Vector::Zero(packing.size());
  normalize(packing, logs);
  return logs;
}

Vector random_start(const Packing& packing, double spread, std::uint64_t seed) {
  Random random(seed);
  Vector logs(packing.size());
  for (double& value : logs) value = random.uniform(0, spread);
  normalize(packing, logs);
  return logs;
}

}  // namespace nadir::spectral
