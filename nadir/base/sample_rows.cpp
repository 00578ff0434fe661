#include "nadir/base/sample_rows.hpp"

namespace nadir {

ConstMatrixView SampleRows::block(Index first, Index count, Matrix& room) const {
  if (in_memory()) return {data_ + first * cols_, count, cols_};
  room.resize(count, cols_);
  maker_->make(first, count, MatrixView(room.data(), count, cols_));
  return {room.data(), count, cols_};
}

Index SampleRows::summed_rows() const {
  constexpr Index numbers = Index{1} << 21, multiple = 4096;  // of rows, so that blocks of kernels do not straddle
  return std::max(multiple, numbers / std::max<Index>(cols_, 1) / multiple * multiple);
}

Vector row_norms(const SampleRows& rows) {
  Vector norms(rows.rows());
  Index done = 0;
  rows.for_each_summed([&](const ConstMatrixView& block) {
    norms.segment(done, block.rows()) = block.rowwise().norm();
    done += block.rows();
  });
  return norms;
}

Vector column_norms(const SampleRows& rows) {
  Vector squares = Vector::Zero(rows.cols());
  rows.for_each_summed([&](const ConstMatrixView& block) { squares += block.colwise().squaredNorm().transpose(); });
  return squares.cwiseSqrt();
}

}  // namespace nadir
