#include "nadir/base/single.hpp"

namespace nadir {

void multiply_transposed(const ConstSingleView& a, const ConstSingleView& b, SingleView out) {
  out.noalias() = a * b.transpose();
}

void add_multiply(const ConstSingleView& a, const ConstSingleView& b, SingleView out) { out.noalias() += a * b; }

}  // namespace nadir
