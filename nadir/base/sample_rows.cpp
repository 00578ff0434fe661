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

void SampleRows::copy(Index first, Index count, MatrixView out) const {
  if (in_memory())
    out = ConstMatrixView(data_ + first * cols_, count, cols_);
  else
    maker_->make(first, count, out);
}

Vector product(const SampleRows& rows, const Vector& u) {
  Vector result(rows.rows());
  rows.for_each_block(
      [&](Index first, const ConstMatrixView& X) { result.segment(first, X.rows()).noalias() = X * u; });
  return result;
}

Vector adjoint_product(const SampleRows& rows, const Vector& w) {
  Vector result = Vector::Zero(rows.cols());
  rows.for_each_block(
      [&](Index first, const ConstMatrixView& X) { result.noalias() += X.transpose() * w.segment(first, X.rows()); });
  return result;
}

Eigen::MatrixXd adjoint_product(const SampleRows& rows, const Matrix& G) {
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(rows.cols(), G.cols());
  rows.for_each_block(
      [&](Index first, const ConstMatrixView& X) { result.noalias() += X.transpose() * rows_of(G, first, X.rows()); });
  return result;
}

RescaledRows::RescaledRows(const SampleRows& rows, Vector numbers, By by)
    : rows_(rows), numbers_(std::move(numbers)), by_(by) {
  if (!rows_.is_one_block()) return;
  kept_.resize(rows_.rows(), rows_.cols());
  make(0, kept_.rows(), MatrixView(kept_.data(), kept_.rows(), kept_.cols()));
}

void RescaledRows::make(Index first, Index count, MatrixView out) const {
  rows_.copy(first, count, out);
  for (Index i = 0; i < count; ++i) {
    const double number = numbers_[first + i];
    if (number == 0)
      out.row(i).setZero();
    else if (by_ == By::factor)
      out.row(i) *= number;
    else
      out.row(i) /= number;
  }
}

Vector row_norms(const SampleRows& rows) {
  Vector norms(rows.rows());
  rows.for_each_block(
      [&](Index first, const ConstMatrixView& X) { norms.segment(first, X.rows()) = X.rowwise().norm(); });
  return norms;
}

Vector squared_row_norms(const SampleRows& rows) {
  Vector squares(rows.rows());
  rows.for_each_block(
      [&](Index first, const ConstMatrixView& X) { squares.segment(first, X.rows()) = X.rowwise().squaredNorm(); });
  return squares;
}

Vector column_norms(const SampleRows& rows) {
  Vector squares = Vector::Zero(rows.cols());
  rows.for_each_summed([&](const ConstMatrixView& block) { squares += block.colwise().squaredNorm().transpose(); });
  return squares.cwiseSqrt();
}

}  // namespace nadir
