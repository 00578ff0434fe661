#pragma once
// Single-precision matrices and the products that inexact steps are made of: half the bytes, twice the operations a
// cycle. Nothing that is claimed rests on them.
#include "nadir/base/matrix.hpp"

namespace nadir {

using SingleMatrix = MatrixOf<float>;
using SingleView = ViewOf<float>;
using ConstSingleView = ConstViewOf<float>;

/// As the functions of matrix.hpp.
void multiply_transposed(const ConstSingleView& a, const ConstSingleView& b, SingleView out);
void add_multiply(const ConstSingleView& a, const ConstSingleView& b, SingleView out);

}  // namespace nadir
