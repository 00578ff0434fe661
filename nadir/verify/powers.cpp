#include "nadir/verify/powers.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/verify/cones.hpp"
#include "nadir/verify/products.hpp"

namespace nadir::verify {
namespace {
/// The tree of section 6.8, read in the order of its rows. A cone is a matrix whose row k is the generator v_k.
class ConeTree {
 public:
  ConeTree(const Container& container, const Matrix& features, int power)
      : n_(features.rows),
        d_(features.columns),
        power_(power),
        nodes_(read_matrix(container, power == 1 ? "simplices" : "cones", power == 1 ? 1 + d_ : 4)),
        rows_(whole(n_, 4), room(d_)) {
    require(power != 1 || d_ > 1, "simplicial cones of one feature");
    require(nodes_.rows <= std::size_t{1} << 22, "more than 2^22 nodes");
    for (std::size_t i = 0; i < n_; ++i) {
      std::copy_n(features.row(i), d_, rows_.row(i));
      norms_.push_back(norm_of(features.row(i), d_).hi);
    }
  }
  /// The number q of section 6.8.
  double largest(const Matrix& dual) {
    double most = 0;
    for (std::size_t k = 0; k < dual.columns; ++k)
      for (const double s : {1.0, -1.0}) {
        g_.clear();
        for (std::size_t i = 0; i < n_; ++i) g_.push_back(s * dual.row(i)[k]);
        measure();
        for (std::size_t root = 0; root <= d_; ++root) most = std::max(most, over(d_ - root));
      }
    require(node_ == nodes_.rows, "nodes are left over");
    return most;
  }

 private:
  /// What errors are measured by.
  void measure() {
    double norms = 1, largest = 1;
    size_ = 0, weight_ = 0, length_ = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      const double g = std::fabs(g_[i]);
      size_ = sum_up(size_, product_up(g, product_up(norms_[i], norms_[i])));
      weight_ = sum_up(weight_, g), length_ = sum_up(length_, product_up(g, norms_[i])),
      norms = sum_up(norms, norms_[i]), largest = std::max(largest, g);
    }
    lost_ = product_up(0x1p-1000, product_up(product_up(norms, norms), largest));
    require(size_ <= kLargest && lost_ <= kLargest, "the dual point overflows");
  }
  /// At least f on the cone of all but one of e_1 .. e_d and -(1, .., 1).
  double over(std::size_t left_out) {
    Matrix cone(d_, d_);
    for (std::size_t k = 0; k < d_; ++k) cone.row(k)[k] = 0.5;
    if (left_out < d_) std::fill_n(cone.row(left_out), d_, -0.5);
    std::vector<Matrix> pending{cone};
    double most = 0;
    while (!pending.empty()) {
      cone = std::move(pending.back());
      pending.pop_back();
      require(node_ < nodes_.rows, "the tree lacks a node");
      const double* const node = nodes_.row(node_++);
      if (node[0] == 1) {
        most = std::max(most, leaf(node, cone));
        continue;
      }
      const auto is_zero = [](double entry) { return entry == 0; };
      require(node[0] == 0 && std::all_of(node + 3, node + nodes_.columns, is_zero), "a node of no kind");
      const std::size_t k = place(node[1]), l = place(node[2]);
      require(k != l, "a generator is added to itself");
      const std::vector<double> sum = sum_of(cone.row(k), cone.row(l));
      pending.push_back(cone);
      std::copy(sum.begin(), sum.end(), pending.back().row(l));
      pending.push_back(std::move(cone));
      std::copy(sum.begin(), sum.end(), pending.back().row(k));
    }
    return most;
  }
  std::size_t place(double value) const {
    require(value >= 0 && value < static_cast<double>(d_) && value == std::floor(value), "no generator's number");
    return static_cast<std::size_t>(value);
  }
  /// The sum without any rounding, times the power of two that brings its largest entry into [1/2, 1).
  std::vector<double> sum_of(const double* a, const double* b) const {
    std::vector<double> sum;
    double largest = 0;
    for (std::size_t j = 0; j < d_; ++j) {
      const double entry = sum.emplace_back(a[j] + b[j]);
      require(entry - a[j] == b[j] && entry - b[j] == a[j], "a sum of generators is not exact");
      largest = std::max(largest, std::fabs(entry));
    }
    require(largest >= 0x1p-100, "a sum of generators is too small");
    for (double& entry : sum) {
      const double scaled = std::ldexp(entry, -std::ilogb(largest) - 1);
      require(entry == 0 || std::fabs(scaled) >= 0x1p-100, "a generator has an entry that is too small");
      entry = scaled;
    }
    return sum;
  }
  double leaf(const double* node, const Matrix& cone) {
    spent_ += static_cast<double>(n_) * static_cast<double>(d_) * static_cast<double>(2 * d_ + 16);
    require(spent_ <= 0x1p43, "a larger problem than this verifier takes on");
    Matrix generators(d_, room(d_));
    for (std::size_t j = 0; j < d_; ++j)
      for (std::size_t k = 0; k < d_; ++k) generators.row(j)[k] = cone.row(k)[j];
    products_ = Matrix(rows_.rows, room(d_));
    add_product(rows_.rows, whole(d_), {rows_.values.data(), rows_.columns, 1}, generators, products_);
    if (power_ == 1) return lines(node + 1, cone);
    const double level = node[3];
    require((node[1] == 0 || node[1] == 1) && (node[2] == 0 || node[2] == 1), "a leaf of no kind");
    require(level >= 0 && level <= kLargest, "a leaf's level is negative");
    if (power_ == 2) return squares(level, node[1] == 1, node[2] == 1, cone);
    require(node[1] == 0 && node[2] == 0, "a leaf of another power");
    return steps(level);
  }
  /// At least how much x_i.v_k is off: its size is below sqrt(d) ||x_i||.
  double off(std::size_t i) const {
    return norms_[i] * std::sqrt(static_cast<double>(d_)) * gamma(depth(d_) + 4) +
           (norms_[i] > 0 ? static_cast<double>(d_) * kTiniest : 0);
  }
  /// Power 0: what rows give that are on all over the cone, and rows of g > 0 unless they are off all over it.
  double steps(double level) const {
    double sum = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      const auto [least, most] = std::minmax_element(products_.row(i), products_.row(i) + d_);
      if (*most <= -off(i)) continue;
      if (g_[i] > 0 || *least > off(i)) sum += g_[i];
    }
    require(next_up(sum + weight_ * gamma(n_ + 4)) <= level, "a leaf's level is not proven");
    return level;
  }
  /// Power 1: |w|, where v_k.w >= h_k for all k and f(Vc) <= h.c for all c >= 0 (docs/math/powers.md, section 6).
  double lines(const double* w, const Matrix& cone) const {
    std::vector<double> h(d_);
    for (std::size_t i = 0; i < n_; ++i) {
      const double* const p = products_.row(i);
      double middle = 0;
      for (std::size_t k = 0; k < d_; ++k) middle += p[k];
      for (std::size_t k = 0; k < d_; ++k)
        if (g_[i] > 0 ? p[k] > 0 : middle > 0) h[k] += g_[i] * p[k];
    }
    const double norm = norm_of(w, d_).hi, root = 1.1 * std::sqrt(static_cast<double>(d_));
    const double error = root * (gamma(depth(d_) + n_ + 16) * length_ + gamma(d_ + 8) * norm) + lost_ * (1 + norm);
    require(norm <= kLargest && error <= kLargest, "a leaf overflows");
    for (std::size_t k = 0; k < d_; ++k)
      require(dot(cone.row(k), w) >= h[k] + error, "a leaf's w is below what its cone asks for");
    return norm;
  }
  double dot(const double* a, const double* b) const {
    double sum = 0;
    for (std::size_t j = 0; j < d_; ++j) sum += a[j] * b[j];
    return sum;
  }
  /// Power 2: that level V^T V - Q is copositive (docs/math/powers.md, sections 3 and 5).
  double squares(double level, bool centred, bool clipped, const Matrix& cone) const {
    Matrix left(rows_.rows, products_.columns), right = left, q(whole(d_, 4), products_.columns);
    for (std::size_t i = 0; i < n_; ++i) quadratic_row(i, centred, left.row(i), right.row(i));
    add_product(q.rows, whole(d_), {left.values.data(), 1, left.columns}, right, q);
    const auto d = static_cast<double>(d_);
    const double error =
        1.1 * d * d *
            ((2.1 * gamma(depth(d_) + 4) + 2.1 * gamma(depth(rows_.rows) + 12)) * size_ + level * gamma(d_ + 8)) +
        lost_ * (1 + level);
    require(error <= kLargest, "a bound overflows");
    Matrix bordered(d_, d_ + 1);
    for (std::size_t k = 0; k < d_; ++k)
      for (std::size_t l = k; l < d_; ++l) {
        const double entry = level * dot(cone.row(k), cone.row(l)) - (q.row(k)[l] + q.row(l)[k]) / 2;
        bordered.row(k)[l] = k == l ? entry - error : clipped ? std::min(entry, 0.0) : entry;
      }
    maximum_of(bordered);  // throws where it is not positive definite
    return level;
  }
  /// Rows of L and W with f(Vc) <= c.(L^T W)c: of p = x_i.v, P = max(0, p) and N = max(0, -p).
  void quadratic_row(std::size_t i, bool centred, double* left, double* right) const {
    const double* const p = products_.row(i);
    double s = 0, t = 1, on = 0, below = 0;
    for (std::size_t k = 0; k < d_; ++k) (p[k] > 0 ? on : below) += std::fabs(p[k]);
    if (centred) s = on < below ? on / below : 1, t = on > below ? 1 - below / on : 0;
    for (std::size_t k = 0; k < d_; ++k) {
      left[k] = p[k] > 0 ? p[k] : g_[i] > 0 ? s * p[k] : 0;
      right[k] = g_[i] > 0 ? g_[i] * left[k] : g_[i] * t * (p[k] > 0 ? (2 - t) * p[k] : 2 * p[k]);
    }
  }

  std::size_t n_, d_;
  int power_;
  Matrix nodes_, rows_, products_;                                    // x_i, and x_i.v_k, with room for tiles
  std::vector<double> norms_, g_;                                     // norms rounded up
  double size_ = 0, weight_ = 0, length_ = 0, lost_ = 0, spent_ = 0;  // sums of |g| ||x||^2, |g|, |g| ||x||; underflow
  std::size_t node_ = 0;                                              // that comes next
};
}  // namespace

// Power 2: (u.x)^2 passes 2 d + 1 roundings, then one of w and those of the sum over the units. Power 0 is exact, but
// for the sum.
Outputs power_outputs(const Matrix& features, const ReluNetwork& network) {
  const std::size_t n = features.rows, d = features.columns, m = network.units.rows, outputs = network.outputs.columns;
  require(static_cast<double>(n) * static_cast<double>(m) <= 0x1p30, "too many units and rows");
  const bool squares = network.power == 2;
  double size = 0, largest = 1;
  Matrix opposite = network.units;
  for (double& entry : opposite.values) entry = -entry;
  const Flags off = squares ? Flags{} : patterns_of(features, opposite);  // -u.x >= 0
  for (std::size_t j = 0; j < m; ++j) {
    const double norm = norm_of(network.units.row(j), d).hi;
    double factor = 0;
    for (std::size_t k = 0; k < outputs; ++k) factor = sum_up(factor, std::fabs(network.outputs.row(j)[k]));
    size = sum_up(size, squares ? product_up(product_up(norm, norm), factor) : factor);
    largest = std::max({largest, norm, factor});
  }
  Outputs result{Matrix(n, outputs), {}};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      double product = 0;
      for (std::size_t l = 0; squares && l < d; ++l) product += network.units.row(j)[l] * features.row(i)[l];
      const double z = std::max(product, 0.0), value = squares ? z * z : off[j * n + i] == 1 ? 0 : 1;
      require(product <= kLargest && value <= kLargest, "outputs of the network overflow");
      for (std::size_t k = 0; k < outputs; ++k) result.values.row(i)[k] += network.outputs.row(j)[k] * value;
    }
    const double norm = squares ? norm_of(features.row(i), d).hi : 1;
    const double tiny = 0x1p-1000 * static_cast<double>(m) * (1 + norm) * largest * largest;
    result.errors.push_back(product_up(product_up(norm, norm), size) * gamma(2 * d + m + 8) + tiny);
  }
  return result;
}

double largest_by_cones(const Container& container, const Matrix& features, const Matrix& dual, int power) {
  return ConeTree(container, features, power).largest(dual);
}

DualBound power_bound(const Container& container, const Document& document, const Dataset& dataset,
                      const Matrix& dual) {
  const double q = largest_by_cones(container, dataset.features, dual, document.power);
  return bound_at(document, dataset, dual, q, document.claims.tau);
}
}  // namespace nadir::verify
