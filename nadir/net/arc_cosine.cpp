#include "nadir/net/arc_cosine.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "nadir/base/threads.hpp"

namespace nadir {
namespace {

using std::numbers::pi;

/// Of unit vectors that are near one another.
double small_angle(const Eigen::Ref<const Eigen::RowVectorXd>& u, const Eigen::Ref<const Eigen::RowVectorXd>& v) {
  return 2 * std::atan2((u - v).norm(), (u + v).norm());
}

/// J / 2π at the cosine c.
double of_cosine(double c, int power) {
  const double theta = std::acos(c), rest = pi - theta;
  if (power == 0) return rest / (2 * pi);
  const double sine = std::sqrt((1 - c) * (1 + c));
  return (power == 1 ? sine + rest * c : 3 * sine * c + rest * (1 + 2 * c * c)) / (2 * pi);
}

/// Rows [first, first + count) of the kernel matrix, their first `columns` entries.
void fill_rows(const Directions& x, const Directions& y, Index first, Index count, Index columns, Matrix& kernel) {
  Matrix cosines(count, columns);
  multiply_transposed(rows_of(x.rows, first, count), rows_of(y.rows, 0, columns),
                      MatrixView(cosines.data(), count, columns));
  for (Index i = 0; i < count; ++i)
    for (Index j = 0; j < columns; ++j) {
      const double c = std::clamp(cosines(i, j), -1.0, 1.0), size = x.sizes[first + i] * y.sizes[j];
      double value = of_cosine(c, x.power);
      // Only here does the angle depend on c too much.
      if (x.power == 0 && c > 0.99) value = 0.5 - small_angle(x.rows.row(first + i), y.rows.row(j)) / (2 * pi);
      if (x.power == 0 && c < -0.99) value = small_angle(x.rows.row(first + i), -y.rows.row(j)) / (2 * pi);
      kernel(first + i, j) = size * value;
    }
}

constexpr Index block = 128;

template <class OfBlock>
void for_each_block(Index rows, int threads, OfBlock of_block) {
  for_each_task(static_cast<int>((rows + block - 1) / block), threads, [&](int task) {
    const Index first = task * block;
    of_block(first, std::min(block, rows - first));
  });
}

}  // namespace

Directions directions_of(const Matrix& x, int power) {
  const auto d = static_cast<double>(x.cols());
  Directions result{Matrix::Zero(x.rows(), x.cols()), Vector::Zero(x.rows()), power};
  for (Index i = 0; i < x.rows(); ++i) {
    const double norm = x.row(i).stableNorm();
    if (norm == 0) continue;
    result.rows.row(i) = x.row(i) / norm;
    result.sizes[i] = power == 0 ? 1 : power == 1 ? norm / std::sqrt(d) : norm * norm / std::sqrt(d * (d + 2));
  }
  return result;
}

Matrix arc_cosine_kernel(const Directions& x, const Directions& y, int threads) {
  Matrix kernel(x.rows.rows(), y.rows.rows());
  for_each_block(x.rows.rows(), threads,
                 [&](Index first, Index count) { fill_rows(x, y, first, count, y.rows.rows(), kernel); });
  return kernel;
}

Matrix arc_cosine_kernel(const Directions& x, int threads) {
  const Index n = x.rows.rows();
  Matrix kernel(n, n);
  for_each_block(n, threads, [&](Index first, Index count) { fill_rows(x, x, first, count, first + count, kernel); });
  for_each_block(n, threads, [&](Index first, Index count) {  // what lies right of the diagonal
    for (Index i = first; i < first + count; ++i)
      for (Index j = i + 1; j < n; ++j) kernel(i, j) = kernel(j, i);
  });
  return kernel;
}

Vector arc_cosine_diagonal(const Directions& x) { return x.sizes.cwiseAbs2() * (x.power == 2 ? 1.5 : 0.5); }

}  // namespace nadir
