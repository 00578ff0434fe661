#include "nadir/verify/products.hpp"

#include <algorithm>
#include <cstring>

namespace nadir::verify {
namespace {
using Lanes = double __attribute__((vector_size(64)));
/// c += a b for 4 rows and 16 columns, held in registers.
void add_tile(std::size_t inner, Factor a, const double* b, std::size_t b_room, double* c, std::size_t c_room) {
  Lanes low0{}, low1{}, low2{}, low3{}, high0{}, high1{}, high2{}, high3{}, low, high;
  const auto multiply = [&](double factor, Lanes& to_low, Lanes& to_high) {
    to_low += low * factor;
    to_high += high * factor;
  };
  const auto add = [&](double* to, const Lanes& more_low, const Lanes& more_high) {
    std::memcpy(&low, to, sizeof low);
    std::memcpy(&high, to + 8, sizeof high);
    low += more_low;
    high += more_high;
    std::memcpy(to, &low, sizeof low);
    std::memcpy(to + 8, &high, sizeof high);
  };
  for (std::size_t i = 0; i < inner; ++i, a.at += a.along, b += b_room) {
    std::memcpy(&low, b, sizeof low);
    std::memcpy(&high, b + 8, sizeof high);
    multiply(a.at[0], low0, high0);
    multiply(a.at[a.down], low1, high1);
    multiply(a.at[2 * a.down], low2, high2);
    multiply(a.at[3 * a.down], low3, high3);
  }
  add(c, low0, high0);
  add(c + c_room, low1, high1);
  add(c + 2 * c_room, low2, high2);
  add(c + 3 * c_room, low3, high3);
}
}  // namespace

void add_product(std::size_t rows, std::size_t columns, Factor a, const Matrix& b, Matrix& c) {
  for (std::size_t first = 0; first < b.rows; first += kRun)
    for (std::size_t j = 0; j < columns; j += 16)
      for (std::size_t m = 0; m < rows; m += 4)
        add_tile(std::min(kRun, b.rows - first), {a.at + m * a.down + first * a.along, a.down, a.along},
                 b.row(first) + j, b.columns, c.row(m) + j, c.columns);
}
}  // namespace nadir::verify
