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

/// Blocks of rows in double precision.
struct FullRows {
  const SampleRows& features;

  struct Room {
    Matrix made;
  };
  ConstMatrixView block(Index first, Index count, Room& room) const { return features.block(first, count, room.made); }
};

/// Blocks of rows in single precision: of `kept`, or made where that is empty.
struct SingleRows {
  const SampleRows& features;
  const SingleMatrix& kept;

  struct Room {
    Matrix made;
    SingleMatrix cast;
  };
  ConstSingleView block(Index first, Index count, Room& room) const {
    if (kept.size() > 0) return rows_of(kept, first, count);
    room.cast = features.block(first, count, room.made).cast<float>();
    return {room.cast.data(), count, room.cast.cols()};
  }
};

template <class Scalar, class Rows>
void forward_in(const Rows& rows, const Patterns& patterns, int threads, const std::vector<Group>& groups,
                const MatrixOf<Scalar>& weights, Index outputs, Matrix& f) {
  const Index n = rows.features.rows(), all = static_cast<Index>(groups.size());
  f.resize(n, outputs);
  for_each_task(blocks_of(n, row_block), threads, [&](int block) {
    const Index first = block * row_block, count = std::min(row_block, n - first);
    typename Rows::Room room;
    const ConstViewOf<Scalar> X = rows.block(first, count, room);
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
template <class Scalar, class Rows>
void adjoint_of(const Rows& rows, const Patterns& patterns, const Group* groups, Index count,
                const MatrixOf<Scalar>& by_output, MatrixView c) {
  const Index n = rows.features.rows();
  MatrixOf<Scalar> masked(count, std::min(row_block, n)), sums = MatrixOf<Scalar>::Zero(count, c.cols());
  typename Rows::Room room;
  c.setZero();
  for (Index first = 0; first < n; first += row_block) {
    const Index some = std::min(row_block, n - first);
    for (Index g = 0; g < count; ++g)
      masked_copy(patterns.of(groups[g].gate) + first / 64, by_output.data() + groups[g].output * n + first, some,
                  masked.data() + g * some);
    add_multiply(ConstViewOf<Scalar>(masked.data(), count, some), rows.block(first, some, room),
                 ViewOf<Scalar>(sums.data(), count, sums.cols()));
    if ((first + some) % summed_in_single != 0 && first + some < n) continue;
    c += sums.template cast<double>();
    sums.setZero();
  }
}

template <class Scalar, class Rows>
void adjoint_in(const Rows& rows, const Patterns& patterns, int threads, const std::vector<Group>& groups,
                const MatrixOf<Scalar>& by_output, Matrix& c) {
  const Index d = rows.features.cols(), all = static_cast<Index>(groups.size());
  c.resize(all, d);
  for_each_task(blocks_of(all, group_block), threads, [&](int block) {
    const Index g0 = block * group_block, some = std::min(group_block, all - g0);
    adjoint_of<Scalar>(rows, patterns, groups.data() + g0, some, by_output, MatrixView(c.data() + g0 * d, some, d));
  });
}

}  // namespace

MaskedProducts::MaskedProducts(const SampleRows& features, const Patterns& patterns, int threads, Precision lowest)
    : features_(features), lowest_(lowest), patterns_(patterns), threads_(threads) {
  Matrix none;
  if (lowest == Precision::single && features.in_memory())
    single_ = features.block(0, features.rows(), none).cast<float>();
}

void MaskedProducts::forward(const std::vector<Group>& groups, const Matrix& weights, Index outputs, Matrix& f,
                             Precision precision) const {
  if (precision == Precision::single && lowest_ == Precision::single)
    forward_in<float>(SingleRows{features_, single_}, patterns_, threads_, groups, weights.cast<float>(), outputs, f);
  else
    forward_in<double>(FullRows{features_}, patterns_, threads_, groups, weights, outputs, f);
}

void MaskedProducts::adjoint(const std::vector<Group>& groups, const Matrix& r, Matrix& c, Precision precision) const {
  if (precision == Precision::single && lowest_ == Precision::single)
    adjoint_in<float>(SingleRows{features_, single_}, patterns_, threads_, groups, r.transpose().cast<float>(), c);
  else
    adjoint_in<double>(FullRows{features_}, patterns_, threads_, groups, r.transpose(), c);
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
    adjoint_of<double>(FullRows{features_}, patterns_, groups.data(), some, by_output, MatrixView(c.data(), some, d));
    Eigen::Map<Vector>(norms.data() + g0, some) = c.rowwise().norm();
  });
  return norms;
}

Matrix MaskedProducts::columns(const std::vector<Group>& groups, const Matrix& weights, Index begin, Index n) const {
  const Index all = static_cast<Index>(groups.size());
  Matrix result(all, n);
  for_each_task(blocks_of(n, row_block), threads_, [&](int block) {
    const Index first = block * row_block, count = std::min(row_block, n - first);
    Matrix products(all, count), room;
    multiply_transposed(rows_of(weights, 0, all), features_.block(begin + first, count, room),
                        MatrixView(products.data(), all, count));
    for (Index g = 0; g < all; ++g)
      masked_copy(patterns_.of(groups[static_cast<std::size_t>(g)].gate) + (begin + first) / 64,
                  products.data() + g * count, count, result.data() + g * n + first);
  });
  return result;
}

}  // namespace nadir
