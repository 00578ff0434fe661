#include "nadir/verify/factorization.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/verify/cones.hpp"
#include "nadir/verify/gated.hpp"
#include "nadir/verify/parallel.hpp"
#include "nadir/verify/products.hpp"

namespace nadir::verify {
namespace {
constexpr std::size_t kMostRowsAndColumns = 4096;  // of a matrix that a Cholesky factorization is taken of

/// A row or a column, with so many entries.
std::vector<double> line_of(const Matrix& matrix, std::size_t place, bool is_row) {
  std::vector<double> line(is_row ? matrix.columns : matrix.rows);
  for (std::size_t j = 0; j < line.size(); ++j) line[j] = is_row ? matrix.row(place)[j] : matrix.row(j)[place];
  return line;
}

/// The norm of a factor, enclosed.
Interval size_of_factor(const std::vector<double>& factor, bool l1) {
  if (!l1) return norm_of(factor.data(), factor.size());
  double sum = 0;
  for (const double entry : factor) sum += std::fabs(entry);
  const double off = gamma(factor.size() + 2) * sum;
  return {sum > 0 ? next_down(sum - off) : 0, sum > 0 ? next_up(sum + off) : 0};
}

/// One norm is l1: the factor that has it is best at plus or minus a unit vector, and what is left is the norm that is
/// dual to the other one, of a row or a column of G, without the entries that a factor >= 0 does better without.
void require_vertices(const Document& document, const Matrix& dual) {
  const bool left = document.l1[0];  // whether u is the one
  const std::size_t here = left ? 0 : 1, there = 1 - here;
  for (std::size_t i = 0; i < (left ? dual.rows : dual.columns); ++i)
    for (const double sign : {1.0, -1.0}) {
      if (sign < 0 && document.non_negative[here]) continue;
      std::vector<double> line = line_of(dual, i, left);
      double largest = 0;
      for (double& entry : line) {
        entry = document.non_negative[there] ? std::max(0.0, sign * entry) : sign * entry;
        largest = std::max(largest, std::fabs(entry));
      }
      const double norm = document.l1[there] ? largest : norm_of(line.data(), line.size()).hi;
      require(norm <= document.lambda, (left ? "row " : "column ") + std::to_string(i + 1) + " of the dual point has " +
                                           std::to_string(norm) + ", not proven to be at most lambda");
    }
}

/// [lambda I - N_u, -P; -P^T, lambda I - N_v] is positive definite: nothing is rounded before its factorization.
void require_definite(const Document& document, const FactorEvidence& evidence) {
  const Matrix& across = evidence.above.values.empty() ? evidence.dual : evidence.above;
  const std::size_t rows = across.rows, size = rows + across.columns;
  require(size <= kMostRowsAndColumns, "a larger problem than this verifier takes on");
  Matrix bordered(size, size + 1);
  for (std::size_t i = 0; i < size; ++i) {
    const bool upper = i < rows;
    const Matrix& added = upper ? evidence.left_added : evidence.right_added;
    const std::size_t first = upper ? 0 : rows, end = upper ? rows : size;
    for (std::size_t j = i + 1; j < end && !added.values.empty(); ++j)
      bordered.row(i)[j] = -added.row(i - first)[j - first];
    for (std::size_t j = rows; upper && j < size; ++j) bordered.row(i)[j] = -across.row(i)[j - rows];
    bordered.row(i)[i] = document.lambda;
  }
  maximum_of(bordered);
}

/// Symmetric, 0 on the diagonal, no entry below 0.
Matrix read_added(const Container& container, const std::string& name, std::size_t size) {
  Matrix added = read_matrix(container, name, size);
  require(added.rows == size, name + " is not square");
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      require(added.row(i)[j] >= 0, name + " has an entry below 0");
      require(added.row(i)[j] == added.row(j)[i] && (i != j || added.row(i)[i] == 0),
              name + " is not symmetric, or not 0 on its diagonal");
    }
  return added;
}
}  // namespace

Factors read_factors(const Container& container, const Document& document) {
  const std::size_t count = container.find("left")->shape[1];
  Factors factors{read_matrix(container, "left", count), read_matrix(container, "right", count)};
  require(factors.left.rows == document.claims.samples && factors.right.rows == document.recipe.cells,
          "the factors do not have the rows and columns of the matrix");
  return factors;
}

std::string require_signs(const Document& document, const Factors& factors) {
  for (const bool left : {true, false})
    for (const double entry : (left ? factors.left : factors.right).values)
      require(!document.non_negative[left ? 0 : 1] || entry >= 0,
              std::string(left ? "the left" : "the right") + " factor has an entry below 0");
  return "the factors have the signs asked for";
}

// An entry of Y - U V^T passes at most r + 1 roundings.
Interval factorization_objective(const Document& document, const Matrix& y, const Factors& factors) {
  const std::size_t count = factors.left.columns;
  require(static_cast<double>(y.values.size()) * static_cast<double>(count + 1) <= 0x1p43,
          "a larger problem than this verifier takes on");
  const double relative = gamma(count + 3), lost = static_cast<double>(count + 1) * kTiniest;
  Interval total, cost;
  for (std::size_t i = 0; i < y.rows; ++i) {
    Interval sum;  // by row, so that few roundings outwards add up
    for (std::size_t k = 0; k < y.columns; ++k) {
      double value = y.row(i)[k], size = std::fabs(value);
      for (std::size_t j = 0; j < count; ++j) {
        const double product = factors.left.row(i)[j] * factors.right.row(k)[j];
        value -= product;
        size += std::fabs(product);
      }
      const double error = relative * size + lost, most = next_up(std::fabs(value) + error);
      const double least = std::max(0.0, next_down(std::fabs(value) - error));
      sum = {sum_down(sum.lo, product_down(least, least)), sum_up(sum.hi, product_up(most, most))};
    }
    total = {sum_down(total.lo, sum.lo), sum_up(total.hi, sum.hi)};
  }
  for (std::size_t j = 0; j < count; ++j) {
    const Interval u = size_of_factor(line_of(factors.left, j, false), document.l1[0]);
    const Interval v = size_of_factor(line_of(factors.right, j, false), document.l1[1]);
    cost = {sum_down(cost.lo, product_down(u.lo, v.lo)), sum_up(cost.hi, product_up(u.hi, v.hi))};
  }
  require(total.hi <= kLargest && cost.hi <= kLargest, "the factorization overflows");
  return scaled(total, {0.5, 0.5}) + scaled(cost, {document.lambda, document.lambda});
}

FactorEvidence read_factor_evidence(const Container& container, const Document& document) {
  const std::size_t rows = document.claims.samples, columns = document.recipe.cells;
  FactorEvidence evidence{read_matrix(container, "dual", columns), {}, {}, {}};
  require(evidence.dual.rows == rows, "the dual point does not have a row for each row of the matrix");
  if (container.find("left_added") != nullptr) evidence.left_added = read_added(container, "left_added", rows);
  if (container.find("right_added") != nullptr) evidence.right_added = read_added(container, "right_added", columns);
  if (container.find("above") == nullptr) return evidence;
  evidence.above = read_matrix(container, "above", columns);
  require(evidence.above.rows == rows, "above does not have a row for each row of the matrix");
  for (std::size_t i = 0; i < evidence.above.values.size(); ++i)
    require(evidence.above.values[i] >= evidence.dual.values[i], "an entry of above is below that of the dual point");
  return evidence;
}

// <Y, G> - ||G||^2 / 2 as the sum of g (y - g / 2), a term of which passes two roundings, and as many more as a row has
// columns.
double factorization_bound(const Document& document, const Matrix& y, const FactorEvidence& evidence) {
  if (document.l1[0] || document.l1[1])
    require_vertices(document, evidence.dual);
  else if (document.non_negative[0] || document.non_negative[1])
    require_definite(document, evidence);
  else
    require_largest_singular_value(evidence.dual, document.lambda);
  double bound = 0;
  for (std::size_t i = 0; i < y.rows; ++i) {
    double sum = 0, size = 0;
    for (std::size_t k = 0; k < y.columns; ++k) {
      const double value = y.row(i)[k], g = evidence.dual.row(i)[k];
      sum += g * (value - g / 2);
      size += std::fabs(g) * (std::fabs(value) + std::fabs(g) / 2);
    }
    const double error = gamma(y.columns + 3) * size + static_cast<double>(2 * y.columns) * kTiniest;
    bound = next_down(bound + next_down(sum - next_up(error)));
  }
  require(bound <= kLargest && bound >= -kLargest, "the bound overflows");
  return bound;
}
}  // namespace nadir::verify
