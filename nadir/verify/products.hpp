#pragma once
// Products of matrices in plain doubles, rounded to nearest in a fixed order, with a bound on the error that is proven
// beforehand: a sum of products of which each passes m roundings is off by at most gamma(m) times the sum of the
// products' sizes, and by what underflows.
#include "nadir/verify/format.hpp"

namespace nadir::verify {
/// At least m u / (1 - m u), u = 2^-53, for up to 2^35 roundings; the rest of the excess covers sums of up to 2^35
/// sizes that it is multiplied by.
inline double gamma(std::size_t roundings) { return static_cast<double>(roundings) * 0x1.0001p-53; }
inline constexpr double kTiniest = 0x1p-1074;  // twice what a product loses by underflow
inline constexpr std::size_t kRun = 128;       // sums run over at most so many entries at a time

inline std::size_t quotient_over(std::size_t count, std::size_t by) { return (count + by - 1) / by; }
inline std::size_t whole(std::size_t count, std::size_t tile = 16) { return quotient_over(count, tile) * tile; }
/// Room for so many columns: whole tiles, an odd number of them, so that rows do not fall into the same cache sets.
inline std::size_t room(std::size_t count) { return (quotient_over(count, 16) | 1) * 16; }
/// Roundings on the way of each product into a sum of so many by add_product.
inline std::size_t depth(std::size_t terms) { return 1 + kRun + quotient_over(terms, kRun); }

/// A factor of products: entry (m, i) is at[m * down + i * along].
struct Factor {
  const double* at;
  std::size_t down, along;
};
/// c += a b, `rows` of c, a multiple of 4, by `columns`, a multiple of 16; the rows of b are the inner ones.
void add_product(std::size_t rows, std::size_t columns, Factor a, const Matrix& b, Matrix& c);
}  // namespace nadir::verify
