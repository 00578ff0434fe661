#pragma once
// The features of n samples, d each, a block of rows at a time: of a matrix, where they lie; or made where they are
// wanted, so that a large table needs no second copy.
#include <algorithm>
#include <cassert>
#include <memory>

#include "nadir/base/matrix.hpp"

namespace nadir {

/// Makes rows that lie elsewhere in another form. Several threads may ask at once.
class RowMaker {
 public:
  RowMaker() = default;
  RowMaker(const RowMaker&) = delete;
  RowMaker& operator=(const RowMaker&) = delete;
  virtual ~RowMaker() = default;

  virtual Index rows() const = 0;
  virtual Index cols() const = 0;
  /// Rows [first, first + count), the same numbers each time.
  virtual void make(Index first, Index count, MatrixView out) const = 0;
};

/// A view of all rows: the matrix, or the maker, must outlive it. A matrix that is handed over lives as long as it.
class SampleRows {
 public:
  SampleRows(const Matrix& matrix)  // NOLINT(google-explicit-constructor): as std::string_view is of a string
      : rows_(matrix.rows()), cols_(matrix.cols()), data_(matrix.data()) {}
  SampleRows(Matrix&& matrix)  // NOLINT(google-explicit-constructor)
      : own_(std::make_shared<const Matrix>(std::move(matrix))),
        rows_(own_->rows()),
        cols_(own_->cols()),
        data_(own_->data()) {}
  explicit SampleRows(const RowMaker& maker) : rows_(maker.rows()), cols_(maker.cols()), maker_(&maker) {}

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  bool in_memory() const { return maker_ == nullptr; }
  /// All of them, of a matrix in memory.
  ConstMatrixView whole() const {
    assert(in_memory());
    return {data_, rows_, cols_};
  }

  /// Rows [first, first + count): where they lie, or made in `room`, which must live as long.
  ConstMatrixView block(Index first, Index count, Matrix& room) const;

  /// The same into `out`.
  void copy(Index first, Index count, MatrixView out) const;
  /// One row, as such a block.
  Eigen::Map<const Eigen::RowVectorXd> row(Index i, Matrix& room) const { return {block(i, 1, room).data(), cols_}; }

  /// Rows of the blocks that sums over all rows are made of: of at most 2²¹ numbers, so that small tables are one.
  Index summed_rows() const;
  bool is_one_block() const { return rows_ <= summed_rows(); }
  /// Calls see(first, rows) for these blocks, in order; the rows are those from `first` on.
  template <class See>
  void for_each_block(See see) const {
    Matrix room;
    const Index most = summed_rows();
    for (Index first = 0; first < rows_; first += most) see(first, block(first, std::min(most, rows_ - first), room));
  }
  /// Calls see(rows).
  template <class See>
  void for_each_summed(See see) const {
    for_each_block([&](Index, const ConstMatrixView& rows) { see(rows); });
  }

 private:
  std::shared_ptr<const Matrix> own_;
  Index rows_ = 0, cols_ = 0;
  const double* data_ = nullptr;
  const RowMaker* maker_ = nullptr;
};

/// Xu, Xᵀw and XᵀG.
Vector product(const SampleRows& rows, const Vector& u);
Vector adjoint_product(const SampleRows& rows, const Vector& w);
Eigen::MatrixXd adjoint_product(const SampleRows& rows, const Matrix& G);

/// Other rows, each times a number, or each divided by it, 0 where that is 0: as a matrix where they are one block of
/// sums, else made where they are wanted. What the rows are a view of must outlive it.
class RescaledRows : public RowMaker {
 public:
  enum class By { factor, divisor };
  RescaledRows(const SampleRows& rows, Vector numbers, By by);

  SampleRows view() const { return rows_.is_one_block() ? SampleRows(kept_) : SampleRows(*this); }
  Index rows() const override { return rows_.rows(); }
  Index cols() const override { return rows_.cols(); }
  void make(Index first, Index count, MatrixView out) const override;

 private:
  SampleRows rows_;
  Vector numbers_;
  By by_;
  Matrix kept_;
};

/// ‖x⁽ⁱ⁾‖₂ of each row, and its square.
Vector row_norms(const SampleRows& rows);
Vector squared_row_norms(const SampleRows& rows);
/// The same of each column.
Vector column_norms(const SampleRows& rows);

}  // namespace nadir
