#pragma once
// The features of n samples, d each, a block of rows at a time: of a matrix, where they lie; or made where they are
// wanted, so that a large table needs no second copy.
#include <algorithm>

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

/// A view of all rows: the matrix, or the maker, must outlive it.
class SampleRows {
 public:
  SampleRows(const Matrix& matrix)  // NOLINT(google-explicit-constructor): as std::string_view is of a string
      : rows_(matrix.rows()), cols_(matrix.cols()), data_(matrix.data()) {}
  explicit SampleRows(const RowMaker& maker) : rows_(maker.rows()), cols_(maker.cols()), maker_(&maker) {}

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  bool in_memory() const { return maker_ == nullptr; }

  /// Rows [first, first + count): where they lie, or made in `room`, which must live as long.
  ConstMatrixView block(Index first, Index count, Matrix& room) const;

  /// Rows of the blocks that sums over all rows are made of: of at most 2²¹ numbers, so that small tables are one.
  Index summed_rows() const;
  /// Calls see(rows) for these blocks, in order.
  template <class See>
  void for_each_summed(See see) const {
    Matrix room;
    const Index most = summed_rows();
    for (Index first = 0; first < rows_; first += most) see(block(first, std::min(most, rows_ - first), room));
  }

 private:
  Index rows_, cols_;
  const double* data_ = nullptr;
  const RowMaker* maker_ = nullptr;
};

/// ‖x⁽ⁱ⁾‖₂ of each row.
Vector row_norms(const SampleRows& rows);
/// The same of each column.
Vector column_norms(const SampleRows& rows);

}  // namespace nadir
