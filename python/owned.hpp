#pragma once
// Matrices handed over to NumPy, and NumPy's read where they lie.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "nadir/base/matrix.hpp"

namespace nadir::python {

using Owned = nanobind::ndarray<nanobind::numpy, double, nanobind::ndim<2>>;

using Rows = nanobind::ndarray<const double, nanobind::ndim<2>, nanobind::c_contig, nanobind::device::cpu>;

inline ConstMatrixView matrix_of(const Rows& rows) {
  return {rows.data(), static_cast<Index>(rows.shape(0)), static_cast<Index>(rows.shape(1))};
}

/// The matrix as an array that frees it.
inline Owned owned(Matrix matrix) {
  auto* const kept = new Matrix(std::move(matrix));
  const nanobind::capsule owner(kept, [](void* pointer) noexcept { delete static_cast<Matrix*>(pointer); });
  return {kept->data(), {static_cast<std::size_t>(kept->rows()), static_cast<std::size_t>(kept->cols())}, owner};
}

}  // namespace nadir::python
