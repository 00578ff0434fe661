#pragma once
// Which gates are open on which samples, a bit each: D_ip = 1[g_p·x⁽ⁱ⁾ ≥ 0], of the exact inner product.
#include <cstdint>
#include <string>
#include <vector>

#include "nadir/base/sample_rows.hpp"

namespace nadir {

/// The sign of Σ aⱼbⱼ as a real number: −1, 0 or 1. All entries finite; exact barring underflow of products.
int exact_sign_of_dot(const double* a, const double* b, Index size);

class Patterns {
 public:
  Patterns() = default;
  /// features n × d, gates P × d.
  Patterns(const SampleRows& features, const Matrix& gates, int threads = 1);

  Index samples() const { return samples_; }
  Index gates() const { return gates_; }
  Index words() const { return words_; }  ///< 64 samples a word; what is beyond the last sample is 0
  const std::uint64_t* of(Index gate) const { return bits_.data() + gate * words_; }
  bool open(Index gate, Index sample) const { return (of(gate)[sample / 64] >> (sample % 64) & 1) != 0; }

  /// How many samples both gates are open on.
  Index overlap(Index gate, Index other) const;
  /// The patterns of some gates, in that order.
  Patterns selected(const std::vector<Index>& gates) const;

 private:
  Index samples_ = 0, gates_ = 0, words_ = 0;
  std::vector<std::uint64_t> bits_;
};

}  // namespace nadir
