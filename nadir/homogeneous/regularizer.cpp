#include "nadir/homogeneous/regularizer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "nadir/base/error.hpp"

namespace nadir::homogeneous {
namespace {

double norm_of(Norm norm, const ConstMatrixView& weights) {
  if (norm == Norm::l1) return weights.cwiseAbs().sum();
  return norm == Norm::l2 ? weights.norm() : weights.cwiseAbs().maxCoeff();
}

/// ∇‖W‖ in W's place; 0 where the norm is 0.
Matrix gradient_of(Norm norm, const ConstMatrixView& weights) {
  if (norm == Norm::l1) return weights.array().sign();
  if (norm == Norm::l2) return Matrix(weights).normalized();
  Matrix gradient = Matrix::Zero(weights.rows(), weights.cols());
  Index row = 0, column = 0;
  if (weights.cwiseAbs().maxCoeff(&row, &column) > 0) gradient(row, column) = weights(row, column) > 0 ? 1 : -1;
  return gradient;
}

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace

double Regularizer::degree(const Subnetwork& subnetwork) const {
  if (combination == Combination::squares) return 2;
  return combination == Combination::path ? static_cast<double>(subnetwork.layers().size()) : subnetwork.degree();
}

double Regularizer::value(const Subnetwork& subnetwork, const Vector& weights) const {
  const std::size_t count = subnetwork.layers().size();
  for (std::size_t k = 0; k < count; ++k)
    if (is_non_negative(k) && !(subnetwork.weights(weights, k).minCoeff() >= 0))
      return std::numeric_limits<double>::infinity();
  if (combination == Combination::path) {
    Vector paths = Vector::Ones(subnetwork.layers().front().inputs);
    for (std::size_t k = 0; k < count; ++k) {
      const Index pool = subnetwork.layers()[k].pool;
      const Vector sums = subnetwork.weights(weights, k).cwiseAbs() * paths;
      paths = ConstMatrixView(sums.data(), sums.size() / pool, pool).rowwise().sum();
    }
    return paths.sum();
  }
  const double p = subnetwork.degree();
  double product = 1, sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double size = norm_of(norm(k), subnetwork.weights(weights, k)), e = subnetwork.degree_in(k);
    product *= e == 1 ? size : std::pow(size, e);
    sum += combination == Combination::squares ? size * size / 2 : e * std::pow(size, p) / p;
  }
  return combination == Combination::product ? product : sum;
}

void Regularizer::add_gradient(const Subnetwork& subnetwork, const Vector& weights, double factor,
                               Vector& gradient) const {
  const std::size_t count = subnetwork.layers().size();
  if (combination == Combination::path) {
    // |w| times the sums of the paths before and behind it.
    std::vector<Vector> before(count + 1), behind(count + 1);
    before[0] = Vector::Ones(subnetwork.layers().front().inputs);
    const auto pooled = [&](std::size_t k, const Vector& sums) -> Vector {
      const Index pool = subnetwork.layers()[k].pool;
      return ConstMatrixView(sums.data(), sums.size() / pool, pool).rowwise().sum();
    };
    for (std::size_t k = 0; k < count; ++k)
      before[k + 1] = pooled(k, subnetwork.weights(weights, k).cwiseAbs() * before[k]);
    behind[count] = Vector::Ones(before[count].size());
    for (std::size_t k = count; k-- > 0;) {
      const Index pool = subnetwork.layers()[k].pool;
      const Vector spread = behind[k + 1].transpose().replicate(pool, 1).reshaped();
      subnetwork.weights(gradient, k).array() +=
          factor * subnetwork.weights(weights, k).array().sign() * (spread * before[k].transpose()).array();
      behind[k] = subnetwork.weights(weights, k).cwiseAbs().transpose() * spread;
    }
    return;
  }
  std::vector<double> sizes;
  for (std::size_t k = 0; k < count; ++k) sizes.push_back(norm_of(norm(k), subnetwork.weights(weights, k)));
  const auto degree_but_one = [&](std::size_t k) {
    return (combination == Combination::product ? subnetwork.degree_in(k) : subnetwork.degree()) - 1;
  };
  for (std::size_t k = 0; k < count; ++k) {
    double slope = sizes[k];  // of θ in this norm
    if (combination != Combination::squares) slope = subnetwork.degree_in(k) * std::pow(sizes[k], degree_but_one(k));
    if (combination == Combination::product)
      for (std::size_t l = 0; l < count; ++l) slope *= l == k ? 1 : std::pow(sizes[l], subnetwork.degree_in(l));
    subnetwork.weights(gradient, k) += factor * slope * gradient_of(norm(k), subnetwork.weights(weights, k));
  }
}

double Regularizer::product_over_value(const Subnetwork& subnetwork) const {
  if (combination == Combination::path) return std::numeric_limits<double>::infinity();
  const std::size_t count = subnetwork.layers().size();
  double ratio = combination == Combination::squares && count == 1 ? 2 : 1;
  for (std::size_t k = 0; k < count; ++k)
    if (norm(k) == Norm::l_inf) {
      const Layer& layer = subnetwork.layers()[k];
      ratio *= std::pow(static_cast<double>(layer.inputs * layer.outputs), subnetwork.degree_in(k) / 2) * (1 + 0x1p-48);
    }
  return ratio;
}

std::string Regularizer::name() const {
  switch (combination) {
    case Combination::product:
      return "product of norms";
    case Combination::mean_of_powers:
      return "mean of powers of norms";
    case Combination::squares:
      return "sum of squares (weight decay)";
    default:
      return "path norm";
  }
}

void require_balanced(const Subnetwork& subnetwork, const Regularizer& regularizer) {
  if (!regularizer.norms.empty() && regularizer.norms.size() != subnetwork.layers().size())
    throw UsageError("a regularizer with " + std::to_string(regularizer.norms.size()) + " norms for " +
                     std::to_string(subnetwork.layers().size()) + " layers; give one for each, or none");
  if (!regularizer.non_negative.empty() && regularizer.non_negative.size() != subnetwork.layers().size())
    throw UsageError("a regularizer with non-negative weights asked for of " +
                     std::to_string(regularizer.non_negative.size()) + " layers, where there are " +
                     std::to_string(subnetwork.layers().size()) + "; say of each, or of none");
  const double a = subnetwork.degree(), b = regularizer.degree(subnetwork);
  if (!(a == b))
    throw UsageError(
        "the sub-network is homogeneous of degree " + number(a) + ", but the regularizer, " + regularizer.name() +
        ", of degree " + number(b) +
        ": no guarantee holds for such a pair; take the product of norms or their mean of powers, which follow it");
}

}  // namespace nadir::homogeneous
