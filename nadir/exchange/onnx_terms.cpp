#include "nadir/exchange/onnx_terms.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace nadir::exchange {
namespace {

/// The sizes that two tensors have together; empty with `fits` false where they do not fit.
Extents together(const Extents& a, const Extents& b, bool& fits) {
  fits = a.size() == b.size();
  Extents sizes = a;
  for (std::size_t i = 0; fits && i < a.size(); ++i) {
    fits = a[i] == b[i] || a[i] == 1 || b[i] == 1;
    sizes[i] = std::max(a[i], b[i]);
  }
  return sizes;
}

/// For each entry of `to` that of `from` which it is, where sizes of 1 serve for any.
std::vector<Index> spread(const Extents& from, const Extents& to) {
  std::vector<Index> places(static_cast<std::size_t>(entries(to)));
  for (Index e = 0; e < entries(to); ++e) {
    Index rest = e, place = 0, step = 1;
    for (std::size_t i = to.size(); i-- > 0; rest /= to[i]) {
      if (from[i] > 1) place += step * (rest % to[i]);
      step *= from[i];
    }
    places[static_cast<std::size_t>(e)] = place;
  }
  return places;
}

/// The same with an entry for each of the wider sizes.
SumTensor spread(const SumTensor& sum, const Extents& to) {
  if (sum.sizes == to) return sum;
  std::vector<std::vector<Index>> of_entry(static_cast<std::size_t>(entries(sum.sizes)));
  for (std::size_t t = 0; t < sum.entry.size(); ++t)
    of_entry[static_cast<std::size_t>(sum.entry[t])].push_back(static_cast<Index>(t));
  SumTensor wide{to, sum.list, {}, {}, {}};
  std::vector<Index> terms;
  const std::vector<Index> places = spread(sum.sizes, to);
  for (std::size_t e = 0; e < places.size(); ++e)
    for (const Index t : of_entry[static_cast<std::size_t>(places[e])]) {
      wide.entry.push_back(static_cast<Index>(e));
      wide.gate.push_back(sum.gate[static_cast<std::size_t>(t)]);
      terms.push_back(t);
    }
  wide.v = sum.v(terms, Eigen::all);
  return wide;
}

}  // namespace

Index entries(const Extents& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), Index{1}, std::multiplies<>());
}

bool SumTensor::is_linear() const {
  return std::all_of(gate.begin(), gate.end(), [](Index g) { return g == always; });
}

Matrix matrix_of(const SumTensor& sum) {
  Matrix matrix = Matrix::Zero(entries(sum.sizes), sum.v.cols());
  for (std::size_t t = 0; t < sum.entry.size(); ++t) matrix.row(sum.entry[t]) += sum.v.row(static_cast<Index>(t));
  return matrix;
}

SumTensor sum_of(FeatureList list, Extents sizes, Matrix v) {
  std::vector<Index> entry(static_cast<std::size_t>(v.rows()));
  std::iota(entry.begin(), entry.end(), 0);
  std::vector<Index> gate(entry.size(), always);
  return {std::move(sizes), std::move(list), std::move(entry), std::move(gate), std::move(v)};
}

std::shared_ptr<SumTensor> add(const SumTensor& a, const SumTensor& b, double factor) {
  bool fits = false;
  const Extents sizes = together(a.sizes, b.sizes, fits);
  if (!fits) return nullptr;
  if (b.entry.empty()) return std::make_shared<SumTensor>(spread(a, sizes));
  if (a.list != b.list && !a.entry.empty()) return nullptr;
  if (a.entry.empty()) {
    auto alone = std::make_shared<SumTensor>(spread(b, sizes));
    alone->v *= factor;
    return alone;
  }
  auto sum = std::make_shared<SumTensor>(spread(a, sizes));
  const SumTensor more = spread(b, sizes);
  sum->entry.insert(sum->entry.end(), more.entry.begin(), more.entry.end());
  sum->gate.insert(sum->gate.end(), more.gate.begin(), more.gate.end());
  Matrix v(sum->v.rows() + more.v.rows(), more.v.cols());
  v << sum->v, factor * more.v;
  sum->v = std::move(v);
  return sum;
}

std::shared_ptr<SumTensor> multiply(const SumTensor& sum, const GateTensor& gates) {
  bool fits = false;
  const Extents sizes = together(sum.sizes, gates.sizes, fits);
  if (!fits || !sum.is_linear()) return nullptr;
  auto product = std::make_shared<SumTensor>(spread(sum, sizes));
  const std::vector<Index> places = spread(gates.sizes, sizes);
  for (std::size_t t = 0; t < product->entry.size(); ++t)
    product->gate[t] = gates.gates[static_cast<std::size_t>(places[static_cast<std::size_t>(product->entry[t])])];
  return product;
}

std::shared_ptr<SumTensor> multiply(const Matrix& weights, const SumTensor& sum) {
  if (sum.sizes.size() != 1 || sum.sizes[0] != weights.cols()) return nullptr;
  const Index outputs = weights.rows(), terms = sum.v.rows();
  if (sum.is_linear())
    return std::make_shared<SumTensor>(sum_of(sum.list, {outputs}, Matrix(weights * matrix_of(sum))));
  auto product =
      std::make_shared<SumTensor>(SumTensor{{outputs}, sum.list, {}, {}, Matrix(outputs * terms, sum.v.cols())});
  for (Index t = 0; t < terms; ++t)
    for (Index k = 0; k < outputs; ++k) {
      product->entry.push_back(k);
      product->gate.push_back(sum.gate[static_cast<std::size_t>(t)]);
      product->v.row(t * outputs + k) = weights(k, sum.entry[static_cast<std::size_t>(t)]) * sum.v.row(t);
    }
  return product;
}

SumTensor reduce(const SumTensor& sum, std::size_t axis, bool keep) {
  SumTensor result = sum;
  const Index behind = entries(Extents(sum.sizes.begin() + static_cast<std::ptrdiff_t>(axis) + 1, sum.sizes.end()));
  for (Index& entry : result.entry) entry = entry / (behind * sum.sizes[axis]) * behind + entry % behind;
  result.sizes[axis] = 1;
  if (!keep) result.sizes.erase(result.sizes.begin() + static_cast<std::ptrdiff_t>(axis));
  return result;
}

}  // namespace nadir::exchange
