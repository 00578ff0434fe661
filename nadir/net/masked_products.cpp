#include "nadir/net/masked_products.hpp"

#include <algorithm>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#include "nadir/base/threads.hpp"

namespace nadir {
namespace {

constexpr Index row_block = 256;   // a multiple of 64; a block of 64 features is 128 KiB
constexpr Index group_block = 64;  // with the block of rows, 128 KiB of masked residuals or of products

#if defined(__AVX512F__)
/// out = values where the bit is set, else 0.
void masked_copy(const std::uint64_t* words, const double* values, Index count, double* out) {
  for (Index i = 0; i < count; i += 8) {
    const auto bits = static_cast<__mmask8>(words[i / 64] >> i % 64);
    const __mmask8 inside = count - i >= 8 ? 0xff : static_cast<__mmask8>((1U << (count - i)) - 1);
    _mm512_mask_storeu_pd(out + i, inside, _mm512_maskz_loadu_pd(bits & inside, values + i));
  }
}
/// out += values where the bit is set.
void masked_add(const std::uint64_t* words, const double* values, Index count, double* out) {
  for (Index i = 0; i < count; i += 8) {
    const auto bits = static_cast<__mmask8>(words[i / 64] >> i % 64);
    const __mmask8 inside = count - i >= 8 ? 0xff : static_cast<__mmask8>((1U << (count - i)) - 1);
    const __m512d sum = _mm512_maskz_loadu_pd(inside, out + i);
    _mm512_mask_storeu_pd(out + i, inside, _mm512_add_pd(sum, _mm512_maskz_loadu_pd(bits & inside, values + i)));
  }
}
#else
void masked_copy(const std::uint64_t* words, const double* values, Index count, double* out) {
  for (Index i = 0; i < count; ++i) out[i] = (words[i / 64] >> i % 64 & 1) != 0 ? values[i] : 0.0;
}
void masked_add(const std::uint64_t* words, const double* values, Index count, double* out) {
  for (Index i = 0; i < count; ++i) out[i] += (words[i / 64] >> i % 64 & 1) != 0 ? values[i] : 0.0;
}
#endif

int blocks_of(Index count, Index size) { return static_cast<int>((count + size - 1) / size); }

}  // namespace

void MaskedProducts::forward(const std::vector<Group>& groups, const Matrix& weights, Index outputs, Matrix& f) const {
  const Index n = features_.rows(), all = static_cast<Index>(groups.size());
  f.resize(n, outputs);
  for_each_task(blocks_of(n, row_block), threads_, [&](int block) {
    const Index first = block * row_block, count = std::min(row_block, n - first);
    const ConstMatrixView X = rows_of(features_, first, count);
    Matrix sums = Matrix::Zero(outputs, count);
    Matrix products(std::min(group_block, all), count);
    for (Index g0 = 0; g0 < all; g0 += group_block) {
      const Index some = std::min(group_block, all - g0);
      multiply_transposed(rows_of(weights, g0, some), X, MatrixView(products.data(), some, count));
      for (Index g = 0; g < some; ++g) {
        const Group& group = groups[static_cast<std::size_t>(g0 + g)];
        masked_add(patterns_.of(group.gate) + first / 64, products.data() + g * count, count,
                   sums.data() + group.output * count);
      }
    }
    f.middleRows(first, count) = sums.transpose();
  });
}

void MaskedProducts::adjoint_of(const Group* groups, Index count, const Matrix& by_output, MatrixView c) const {
  const Index n = features_.rows();
  Matrix masked(count, std::min(row_block, n));
  c.setZero();
  for (Index first = 0; first < n; first += row_block) {
    const Index rows = std::min(row_block, n - first);
    for (Index g = 0; g < count; ++g)
      masked_copy(patterns_.of(groups[g].gate) + first / 64, by_output.data() + groups[g].output * n + first, rows,
                  masked.data() + g * rows);
    add_multiply(ConstMatrixView(masked.data(), count, rows), rows_of(features_, first, rows), c);
  }
}

void MaskedProducts::adjoint(const std::vector<Group>& groups, const Matrix& r, Matrix& c) const {
  const Index d = features_.cols(), all = static_cast<Index>(groups.size());
  const Matrix by_output = r.transpose();
  c.resize(all, d);
  for_each_task(blocks_of(all, group_block), threads_, [&](int block) {
    const Index g0 = block * group_block, some = std::min(group_block, all - g0);
    adjoint_of(groups.data() + g0, some, by_output, MatrixView(c.data() + g0 * d, some, d));
  });
}

Matrix MaskedProducts::adjoint_norms(const Matrix& r) const {
  const Index d = features_.cols(), P = patterns_.gates(), K = r.cols();
  const Matrix by_output = r.transpose();
  Matrix norms(P, K);
  for_each_task(blocks_of(P * K, group_block), threads_, [&](int block) {
    const Index g0 = block * group_block, some = std::min(group_block, P * K - g0);
    std::vector<Group> groups;
    for (Index g = g0; g < g0 + some; ++g) groups.push_back({g / K, g % K});
    Matrix c(some, d);
    adjoint_of(groups.data(), some, by_output, MatrixView(c.data(), some, d));
    Eigen::Map<Vector>(norms.data() + g0, some) = c.rowwise().norm();
  });
  return norms;
}

Matrix MaskedProducts::columns(const std::vector<Group>& groups, const Matrix& weights) const {
  const Index n = features_.rows(), all = static_cast<Index>(groups.size());
  Matrix result(all, n);
  for_each_task(blocks_of(n, row_block), threads_, [&](int block) {
    const Index first = block * row_block, count = std::min(row_block, n - first);
    Matrix products(all, count);
    multiply_transposed(rows_of(weights, 0, all), rows_of(features_, first, count),
                        MatrixView(products.data(), all, count));
    for (Index g = 0; g < all; ++g)
      masked_copy(patterns_.of(groups[static_cast<std::size_t>(g)].gate) + first / 64, products.data() + g * count,
                  count, result.data() + g * n + first);
  });
  return result;
}

}  // namespace nadir
