#include "nadir/net/patterns.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "nadir/base/threads.hpp"

namespace nadir {

// Every product is a sum of two doubles; they are added into an expansion, a sum of doubles none of which overlaps the
// next (Shewchuk 1997, Grow-Expansion). The sign of an expansion is that of its largest term.
int exact_sign_of_dot(const double* a, const double* b, Index size) {
  std::vector<double> terms;
  const auto add = [&](double x) {
    std::size_t kept = 0;
    for (const double term : terms) {
      const double sum = x + term, back = sum - x;
      const double error = (x - (sum - back)) + (term - back);
      if (error != 0) terms[kept++] = error;
      x = sum;
    }
    terms.resize(kept);
    if (x != 0) terms.push_back(x);
  };
  for (Index j = 0; j < size; ++j) {
    const double product = a[j] * b[j];
    add(product);
    add(std::fma(a[j], b[j], -product));
  }
  return terms.empty() ? 0 : terms.back() > 0 ? 1 : -1;
}

Patterns::Patterns(const SampleRows& features, const Matrix& gates, int threads)
    : samples_(features.rows()),
      gates_(gates.rows()),
      words_((features.rows() + 63) / 64),
      bits_(static_cast<std::size_t>(gates_ * words_), 0) {
  constexpr Index kBlock = 256;
  const Index d = features.cols();
  // A rounded inner product is off by at most this times the product of the norms.
  const double uncertainty = 1.01 * static_cast<double>(d + 2) * 0x1p-53;
  const Vector gate_norms = gates.rowwise().norm();
  const int blocks = static_cast<int>((samples_ + kBlock - 1) / kBlock);
  for_each_task(blocks, threads, [&](int block) {
    const Index first = block * kBlock, count = std::min(kBlock, samples_ - first);
    Matrix room;
    const ConstMatrixView X = features.block(first, count, room);
    const Vector norms = X.rowwise().norm();
    constexpr Index kGates = 64;
    for (Index p0 = 0; p0 < gates_; p0 += kGates) {
      const Index some = std::min(kGates, gates_ - p0);
      Matrix dots(some, count);
      multiply_transposed(rows_of(gates, p0, some), X, MatrixView(dots.data(), some, count));
      for (Index p = 0; p < some; ++p)
        for (Index i = 0; i < count; ++i) {
          const double dot = dots(p, i);
          const bool clear = std::fabs(dot) > uncertainty * norms[i] * gate_norms[p0 + p] + 0x1p-1000;
          const bool is_open =
              clear ? dot > 0 : exact_sign_of_dot(gates.data() + (p0 + p) * d, X.data() + i * d, d) >= 0;
          if (is_open)
            bits_[static_cast<std::size_t>((p0 + p) * words_ + (first + i) / 64)] |= std::uint64_t{1}
                                                                                     << (first + i) % 64;
        }
    }
  });
}

Index Patterns::overlap(Index gate, Index other) const {
  const std::uint64_t *a = of(gate), *b = of(other);
  Index count = 0;
  for (Index w = 0; w < words_; ++w) count += std::popcount(a[w] & b[w]);
  return count;
}

Patterns Patterns::selected(const std::vector<Index>& gates) const {
  Patterns result;
  result.samples_ = samples_, result.words_ = words_, result.gates_ = static_cast<Index>(gates.size());
  for (const Index gate : gates) result.bits_.insert(result.bits_.end(), of(gate), of(gate) + words_);
  return result;
}

}  // namespace nadir
