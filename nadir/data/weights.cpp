#include "nadir/data/weights.hpp"

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/number.hpp"

namespace nadir {
namespace {

double weight_in(const Table& table, const RowReader& reader, Index row, Index column) {
  const Cell cell = reader.cell(column);
  const std::string place = table.place(row, column);
  if (cell.missing) throw InputError(place + "the weight is missing; fill it in, or leave the row out");
  if (!cell.is_number)
    throw InputError(place + "the weight " + not_a_number(cell.text) + "; correct the cell, or leave the row out");
  if (!(cell.number > 0))
    throw InputError(place + "the weight " + number_text(cell.number) +
                     " is not above 0; correct the cell, or leave the row out");
  if (!(cell.number >= 0x1p-100 && cell.number <= 0x1p100))
    throw InputError(place + "the weight " + number_text(cell.number) +
                     " is not from 1e-30 to 1e30; correct the cell, or scale all weights alike");
  return cell.number;
}

}  // namespace

Index find_weight_column(const Table& table, const std::string& text) {
  const std::string& format = table.source.format;
  if (format != "csv" && format != "npy" && format != "npz")
    throw UsageError("--weights: " + format + " data have no column of weights; save the data as CSV or NPZ");
  const Index column = find_column(table, text, "--weights");
  if (table.target && column == table.target->column)
    throw UsageError("--weights names the target, " + in_quotes(table.column_name(column)));
  return column;
}

std::vector<double> balanced_weights(const std::vector<int>& labels, int classes) {
  std::vector<double> counts(static_cast<std::size_t>(classes));
  for (const int label : labels) counts[static_cast<std::size_t>(label)] += 1;
  std::vector<double> weights;
  for (const double count : counts) weights.push_back(static_cast<double>(labels.size()) / (classes * count));
  return weights;
}

Vector weights_of(const Weighting& weighting, const Table& table, const std::vector<Index>& rows,
                  const std::vector<int>& labels) {
  if (!weighting.any()) return {};
  Vector weights = Vector::Ones(static_cast<Index>(rows.size()));
  RowReader reader(table);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double& weight = weights[static_cast<Index>(i)];
    if (weighting.column >= 0) {
      reader.go_to(rows[i]);
      weight = weight_in(table, reader, rows[i], weighting.column);
    }
    if (!weighting.classes.empty()) weight *= weighting.classes[static_cast<std::size_t>(labels[i])];
  }
  return weights;
}

}  // namespace nadir
