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
constexpr Index summed_in_single = 16 * row_block;  // rows

#if defined(__AVX512F__)
// Eight or sixteen numbers at a time: the bits of a word are the lanes' masks.
__mmask8 lanes(Index left, double) { return left >= 8 ? 0xff : static_cast<__mmask8>((1U << left) - 1); }
__mmask16 lanes(Index left, float) { return left >= 16 ? 0xffff : static_cast<__mmask16>((1U << left) - 1); }
__m512d load(__mmask8 mask, const double* from) { return _mm512_maskz_loadu_pd(mask, from); }
__m512 load(__mmask16 mask, const float* from) { return _mm512_maskz_loadu_ps(mask, from); }
void store(__mmask8 mask, double* to, __m512d values) { _mm512_mask_storeu_pd(to, mask, values); }
void store(__mmask16 mask, float* to, __m512 values) { _mm512_mask_storeu_ps(to, mask, values); }
__m512d add(__m512d a, __m512d b) { return _mm512_add_pd(a, b); }
__m512 add(__m512 a, __m512 b) { return _mm512_add_ps(a, b); }

/// out = values where the bit is set, else 0.
template <class Scalar>
void masked_copy(const std::uint64_t* words, const Scalar* values, Index count, Scalar* out) {
  for (Index i = 0; i < count; i += 64 / static_cast<Index>(sizeof(Scalar))) {
    const auto inside = lanes(count - i, Scalar());
    const auto bits = static_cast<decltype(lanes(0, Scalar()))>(words[i / 64] >> i % 64);
    store(inside, out + i, load(bits & inside, values + i));
  }
}
/// out += values where the bit is set.
template <class Scalar>
void masked_add(const std::uint64_t* words, const Scalar* values, Index count, Scalar* out) {
  for (Index i = 0; i < count; i += 64 / static_cast<Index>(sizeof(Scalar))) {
    const auto inside = lanes(count - i, Scalar());
    const auto bits = static_cast<decltype(lanes(0, Scalar()))>(words[i / 64] >> i % 64);
    store(inside, out + i, add(load(inside, out + i), load(bits & inside, values + i)));
  }
}
#else
template <class Scalar>
void masked_copy(const std::uint64_t* words, const Scalar* values, Index count, Scalar* out) {
  for (Index i = 0; i < count; ++i) out[i] = (words[i / 64] >> i % 64 & 1) != 0 ? values[i] : Scalar(0);
}
template <class Scalar>
void masked_add(const std::uint64_t* words, const Scalar* values, Index count, Scalar* out) {
  for (Index i = 0; i < count; ++i) out[i] += (words[i / 64] >> i % 64 & 1) != 0 ? values[i] : Scalar(0);
}
#endif

int blocks_of(Index count, Index size) { return static_cast<int>((count + size - 1) / size); }

template <class Scalar>
void forward_in(const MatrixOf<Scalar>& features, const Patterns& patterns, int threads,
                const std::vector<Group>& groups, const MatrixOf<Scalar>& weights, Index outputs, Matrix& f) {
  const Index n = features.rows(), all = static_cast<Index>(groups.size());
  f.resize(n, outputs);
  for_each_task(blocks_of(n, row_block), threads, [&](int block) {
    const Index first = block * row_block, count = std::min(row_block, n - first);
    const ConstViewOf<Scalar> X = rows_of(features, first, count);
    MatrixOf<Scalar> sums = MatrixOf<Scalar>::Zero(outputs, count);
    MatrixOf<Scalar> products(std::min(group_block, all), count);
    for (Index g0 = 0; g0 < all; g0 += group_block) {
      const Index some = std::min(group_block, all - g0);
      multiply_transposed(rows_of(weights, g0, some), X, ViewOf<Scalar>(products.data(), some, count));
      for (Index g = 0; g < some; ++g) {
        const Group& group = groups[static_cast<std::size_t>(g0 + g)];
        masked_add(patterns.of(group.gate) + first / 64, products.data() + g * count, count,
                   sums.data() + group.output * count);
      }
    }
    f.middleRows(first, count) = sums.transpose().template cast<double>();
  });
}

/// c of `count` groups; by_output holds the residuals, K × n.
template <class Scalar>
void adjoint_of(const MatrixOf<Scalar>& features, const Patterns& patterns, const Group* groups, Index count,
                const MatrixOf<Scalar>& by_output, MatrixView c) {
  const Index n = features.rows();
  MatrixOf<Scalar> masked(count, std::min(row_block, n)), sums = MatrixOf<Scalar>::Zero(count, features.cols());
  c.setZero();
  for (Index first = 0; first < n; first += row_block) {
    const Index rows = std::min(row_block, n - first);
    for (Index g = 0; g < count; ++g)
      masked_copy(patterns.of(groups[g].gate) + first / 64, by_output.data() + groups[g].output * n + first, rows,
                  masked.data() + g * rows);
    add_multiply(ConstViewOf<Scalar>(masked.data(), count, rows), rows_of(features, first, rows),
                 ViewOf<Scalar>(sums.data(), count, sums.cols()));
    if ((first + rows) % summed_in_single != 0 && first + rows < n) continue;
    c += sums.template cast<double>();
    sums.setZero();
  }
}

template <class Scalar>
void adjoint_in(const MatrixOf<Scalar>& features, const Patterns& patterns, int threads,
                const std::vector<Group>& groups, const MatrixOf<Scalar>& by_output, Matrix& c) {
  const Index d = features.cols(), all = static_cast<Index>(groups.size());
  c.resize(all, d);
  for_each_task(blocks_of(all, group_block), threads, [&](int block) {
    const Index g0 = block * group_block, some = std::min(group_block, all - g0);
    adjoint_of(features, patterns, groups.data() + g0, some, by_output, MatrixView(c.data() + g0 * d, some, d));
  });
}

}  // namespace

void MaskedProducts::forward(const std::vector<Group>& groups, const Matrix& weights, Index outputs, Matrix& f,
                             Precision precision) const {
  if (precision == Precision::single && single_.size() > 0)
    forward_in<float>(single_, patterns_, threads_, groups, weights.cast<float>(), outputs, f);
  else
    forward_in<double>(features_, patterns_, threads_, groups, weights, outputs, f);
}

void MaskedProducts::adjoint(const std::vector<Group>& groups, const Matrix& r, Matrix& c, Precision precision) const {
  if (precision == Precision::single && single_.size() > 0)
    adjoint_in<float>(single_, patterns_, threads_, groups, r.transpose().cast<float>(), c);
  else
    adjoint_in<double>(features_, patterns_, threads_, groups, r.transpose(), c);
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
    adjoint_of<double>(features_, patterns_, groups.data(), some, by_output, MatrixView(c.data(), some, d));
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
