#include "nadir/data/rows_in_place.hpp"

#include <algorithm>
#include <cstdint>

namespace nadir {
namespace {

/// Neighbours among the columns.
struct Run {
  Index first = 0, count = 0;  ///< in the table
};

std::vector<Run> runs_of(const std::vector<const ColumnRecipe*>& columns) {
  std::vector<Run> runs;
  for (const ColumnRecipe* column : columns)
    if (!runs.empty() && column->index == runs.back().first + runs.back().count)
      ++runs.back().count;
    else
      runs.push_back({column->index, 1});
  return runs;
}

/// Numbers are copied row by row and scaled many rows at a time, the constant 1 with offset 0 and range 1 among them.
class ScaledRows : public RowMaker {
 public:
  ScaledRows(const double* numbers, Index width, const std::vector<const ColumnRecipe*>& columns, bool bias,
             const std::vector<Index>& rows)
      : numbers_(numbers),
        width_(width),
        count_(static_cast<Index>(rows.size())),
        inputs_(static_cast<Index>(columns.size()) + (bias ? 1 : 0)),
        first_(rows.front()),
        runs_(runs_of(columns)),
        bias_(bias),
        offsets_(Matrix::Zero(together(), inputs_)),
        ranges_(Matrix::Ones(together(), inputs_)) {
    for (std::size_t j = 0; j < columns.size(); ++j) {
      offsets_.col(static_cast<Index>(j)).setConstant(columns[j]->offset);
      ranges_.col(static_cast<Index>(j)).setConstant(columns[j]->range);
    }
    for (Index i = 0; i < count_; ++i)
      if (rows[static_cast<std::size_t>(i)] != first_ + i) {
        rows_ = rows;
        break;
      }
  }

  Index rows() const override { return count_; }
  Index cols() const override { return inputs_; }

  void make(Index first, Index count, MatrixView out) const override {
    double* to = out.data();
    for (Index i = first; i < first + count; ++i) {
      const double* const from = numbers_ + width_ * (rows_.empty() ? first_ + i : rows_[static_cast<std::size_t>(i)]);
      for (const Run& run : runs_) to = std::copy_n(from + run.first, run.count, to);
      if (bias_) *to++ = 1;
    }
    for (Index done = 0; done < count; done += together()) {
      const Index size = std::min(together(), count - done) * inputs_;
      Eigen::Map<Eigen::ArrayXd> some(out.data() + done * inputs_, size);
      const Eigen::Map<const Eigen::ArrayXd> offsets(offsets_.data(), size), ranges(ranges_.data(), size);
      some = (some - offsets) / ranges + 0.0;  // as apply_recipe has it
    }
  }

 private:
  Index together() const { return std::max<Index>(1, 512 / inputs_); }

  const double* numbers_;
  Index width_, count_, inputs_, first_;
  std::vector<Index> rows_;  ///< none where they follow one another
  std::vector<Run> runs_;
  bool bias_;
  Matrix offsets_, ranges_;  ///< of as many rows as are scaled together
};

/// The table's numbers, if they are doubles that lie row by row.
const double* numbers_of(const Table& table) {
  if (table.element != Element::float64 || table.columns_first) return nullptr;
  const char* const begin = table.elsewhere != nullptr ? table.elsewhere : table.bytes.data() + table.array_begin;
  const bool is_array = table.elsewhere != nullptr || table.source.format == "npy" || table.source.format == "npz";
  const bool aligned = reinterpret_cast<std::uintptr_t>(begin) % alignof(double) == 0;
  return is_array && aligned ? reinterpret_cast<const double*>(begin) : nullptr;
}

}  // namespace

std::unique_ptr<const RowMaker> rows_in_place(const Recipe& recipe, const Table& table, const std::vector<Index>& rows,
                                              Index least) {
  const double* const numbers = numbers_of(table);
  const Index width = table.source.columns;
  if (numbers == nullptr || recipe.clip || recipe.root || recipe.complement ||
      table.source.format != recipe.source.format || width != recipe.source.columns ||
      static_cast<Index>(rows.size()) * width < least)
    return nullptr;
  std::vector<const ColumnRecipe*> columns;
  for (const ColumnRecipe& column : recipe.columns) {
    if (column.kind == ColumnKind::ignored) continue;
    if (column.kind != ColumnKind::numeric || column.missing) return nullptr;
    columns.push_back(&column);
  }
  auto made = std::make_unique<ScaledRows>(numbers, width, columns, recipe.bias, rows);
  bool finite = true;
  SampleRows(*made).for_each_summed([&](const ConstMatrixView& block) { finite = finite && block.allFinite(); });
  if (!finite) return nullptr;
  return made;
}

}  // namespace nadir
