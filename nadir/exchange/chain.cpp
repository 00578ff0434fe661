#include "nadir/exchange/chain.hpp"

#include <utility>

#include "nadir/base/error.hpp"

namespace nadir::exchange {
namespace {

std::string shape_of(const Matrix& matrix) {
  return in_words({static_cast<std::uint64_t>(matrix.rows()), static_cast<std::uint64_t>(matrix.cols())});
}

}  // namespace

std::string in_words(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (const std::uint64_t dimension : shape) text += (text.empty() ? "" : " x ") + std::to_string(dimension);
  return text.empty() ? "no dimension" : text;
}

void Chain::fail(const std::string& why) const { throw InputError(path_ + ": " + why); }

void Chain::reserve(const std::vector<std::uint64_t>& shape, const std::string& what) {
  std::uint64_t count = 1;
  for (const std::uint64_t dimension : shape) {
    if (dimension == 0) fail(what + " has the shape " + in_words(shape) + ", so it is empty");
    if (__builtin_mul_overflow(count, dimension, &count) || count > max_weights - reserved_)
      fail(what + " has the shape " + in_words(shape) + "; networks of up to " + std::to_string(max_weights) +
           " weights are read");
  }
  reserved_ += count;
}

void Chain::add(Matrix weights, const std::string& what) {
  if (layers_.list.size() == max_layers) fail(what + ": there are more than " + std::to_string(max_layers) + " layers");
  if (!empty() && last().weights.rows() != weights.cols())
    fail(what + " takes " + std::to_string(weights.cols()) + " inputs where " + last_ + " gives " +
         std::to_string(last().weights.rows()) + " (" + shape_of(weights) + " after " + shape_of(last().weights) +
         "; weights are outputs x inputs)");
  if (!weights.allFinite()) fail(what + " holds weights that are infinite or not a number");
  layers_.list.push_back({std::move(weights), {}, Activation::none, 0});
  last_ = what;
}

void Chain::add_biases(const Vector& biases, const std::string& what) {
  Vector& sum = layers_.list.back().biases;
  if (sum.size() == 0)
    sum = biases;
  else
    sum += biases;
  if (!sum.allFinite()) fail(what + " holds biases that are infinite or not a number");
}

void Chain::activate(Activation activation, double slope) {
  layers_.list.back().activation = activation;
  layers_.list.back().slope = slope;
}

Layers Chain::finish(std::string source) {
  if (empty()) fail("holds no layer with weights");
  layers_.source = std::move(source);
  return std::exchange(layers_, {});
}

}  // namespace nadir::exchange
