#include "nadir/verify/output_cones.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nadir/verify/gated.hpp"

namespace nadir::verify {
namespace {
constexpr std::size_t kMostOutputs = 4, kMostNodes = std::size_t{1} << 16;
constexpr double kLargestEntry = 0x1p20;

/// Solves the symmetric system in place, without pivots: the caller checks what comes out.
std::vector<double> solved(Matrix a, std::vector<double> b) {
  const std::size_t m = b.size();
  for (std::size_t k = 0; k < m; ++k)
    for (std::size_t i = k + 1; i < m; ++i) {
      const double factor = a.row(i)[k] / a.row(k)[k];
      for (std::size_t j = k; j < m; ++j) a.row(i)[j] -= factor * a.row(k)[j];
      b[i] -= factor * b[k];
    }
  for (std::size_t k = m; k-- > 0;) {
    for (std::size_t j = k + 1; j < m; ++j) b[k] -= a.row(k)[j] * b[j];
    b[k] /= a.row(k)[k];
  }
  return b;
}
/// At most the inner product of whole numbers with z.
double product_below(const std::vector<double>& whole, const std::vector<double>& z) {
  Interval sum;
  for (std::size_t k = 0; k < z.size(); ++k) {
    const double term = whole[k] * z[k];
    sum = sum + Interval{next_down(term), next_up(term)};
  }
  return sum.lo;
}
}  // namespace

OutputDirections::OutputDirections(const Container& container, const Document& document)
    : outputs_(document.outputs), shared_(document.shared) {
  if (container.find("output_cones") != nullptr) {
    require(shared_, "output_cones without shared_weight_decay");
    read_cones(read_matrix(container, "output_cones", 2));
    return;
  }
  for (std::size_t k = 0; k < outputs_; ++k)
    for (const double s : {1.0, -1.0}) {
      directions_.emplace_back(outputs_);
      directions_.back()[k] = s;
    }
}

void OutputDirections::read_cones(const Matrix& nodes) {
  require(outputs_ <= kMostOutputs, "output_cones for more than 4 outputs");
  require(nodes.rows <= kMostNodes, "more than 2^16 rows of output_cones");
  std::vector<std::size_t> order(outputs_);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t row = 0;
  do {
    for (const double s : {1.0, -1.0}) {
      Generators generators;
      std::vector<double> sum(outputs_);
      for (std::size_t j = 0; j + 1 < outputs_; ++j) {
        sum[order[j]] = 1;
        generators.push_back(number_of(sum));
      }
      generators.push_back(number_of(std::vector<double>(outputs_, s)));
      read_below(std::move(generators), nodes, row);
    }
  } while (std::next_permutation(order.begin(), order.end()));
  require(row == nodes.rows, "rows of output_cones are left over");
}

/// A cone of the list, and those that it is split into.
void OutputDirections::read_below(Generators generators, const Matrix& nodes, std::size_t& row) {
  std::vector<Generators> open{std::move(generators)};
  while (!open.empty()) {
    const Generators now = std::move(open.back());
    open.pop_back();
    require(row < nodes.rows, "output_cones lacks a row");
    const double a = nodes.row(row)[0], b = nodes.row(row)[1];
    ++row;
    if (a == 0 && b == 0) {
      cones_.push_back(now);
      continue;
    }
    require(a >= 0 && a < b && b < static_cast<double>(outputs_) && a == std::floor(a) && b == std::floor(b),
            "a row of output_cones that names no pair of generators");
    const auto first = static_cast<std::size_t>(a), second = static_cast<std::size_t>(b);
    std::vector<double> sum = directions_[now[first]];
    for (std::size_t k = 0; k < outputs_; ++k) {
      sum[k] += directions_[now[second]][k];
      require(std::fabs(sum[k]) <= kLargestEntry, "a direction of output_cones is too large");
    }
    const std::size_t number = number_of(sum);
    open.push_back(now), open.back()[first] = number;
    open.push_back(now), open.back()[second] = number;
  }
}

std::size_t OutputDirections::number_of(const std::vector<double>& direction) {
  const auto found = std::find(directions_.begin(), directions_.end(), direction);
  if (found != directions_.end()) return static_cast<std::size_t>(found - directions_.begin());
  require(directions_.size() < 4096, "more than 4096 directions of output_cones");
  directions_.push_back(direction);
  return directions_.size() - 1;
}

// What section 6.4 counts as 0 is at most 2^9 roundings of its size.
Combination OutputDirections::of(const Matrix& dual, std::size_t number) const {
  const std::vector<double>& v = directions_[number];
  Combination made{std::vector<double>(dual.rows), std::vector<double>(dual.rows), 3 * outputs_ + 2};
  for (std::size_t i = 0; i < dual.rows; ++i) {
    for (std::size_t k = 0; k < outputs_; ++k) {
      const double product = v[k] * dual.row(i)[k];
      made.g[i] += product;
      made.sizes[i] += std::fabs(product);
    }
    if (made.g[i] == 0 || std::fabs(made.g[i]) > 0x1p-44 * made.sizes[i]) continue;
    made.g[i] = 0;
    made.roundings = 3 * outputs_ + 2 + 512;
  }
  return made;
}

double OutputDirections::combine(const std::vector<double>& bounds) const {
  double largest = 0;
  for (const Generators& cone : cones_) largest = std::max(largest, over_cone(cone, bounds));
  if (!cones_.empty()) return largest;
  std::vector<double> of_output(outputs_);
  for (std::size_t k = 0; k < outputs_; ++k) of_output[k] = std::max(bounds[2 * k], bounds[2 * k + 1]);
  return shared_ ? norm_of(of_output.data(), outputs_).hi : *std::max_element(of_output.begin(), of_output.end());
}

/// The least ||z|| that is found with v.z >= r for every generator v, r its polar's bound.
double OutputDirections::over_cone(const Generators& generators, const std::vector<double>& bounds) const {
  double least = kInfinity;
  for (unsigned set = 1; set < 1U << generators.size(); ++set) {
    Generators active;
    for (std::size_t j = 0; j < generators.size(); ++j)
      if ((set >> j & 1U) != 0) active.push_back(generators[j]);
    least = std::min(least, least_norm(active, generators, bounds));
  }
  require(least < kInfinity, "the bounds of a cone of output_cones are not finite");
  return least;
}

/// Of the z in the span of the active generators that meets their conditions; infinite where it misses another's.
double OutputDirections::least_norm(const Generators& active, const Generators& all,
                                    const std::vector<double>& bounds) const {
  constexpr double room = 0x1p-40;
  double largest = 0;
  for (const std::size_t v : all) largest = std::max(largest, bounds[v]);
  Matrix gram(active.size(), active.size());
  std::vector<double> wanted, z(outputs_);
  for (std::size_t i = 0; i < active.size(); ++i) {
    for (std::size_t j = 0; j < active.size(); ++j)
      for (std::size_t k = 0; k < outputs_; ++k)
        gram.row(i)[j] += directions_[active[i]][k] * directions_[active[j]][k];
    wanted.push_back(bounds[active[i]] + room * largest);
  }
  const std::vector<double> factors = solved(std::move(gram), std::move(wanted));
  for (std::size_t i = 0; i < active.size(); ++i)
    for (std::size_t k = 0; k < outputs_; ++k) z[k] += factors[i] * directions_[active[i]][k];
  for (const std::size_t v : all)
    if (!(product_below(directions_[v], z) >= bounds[v])) return kInfinity;
  return norm_of(z.data(), outputs_).hi;
}
}  // namespace nadir::verify
