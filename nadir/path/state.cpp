#include "nadir/path/state.hpp"

#include <cmath>

#include "nadir/base/error.hpp"

namespace nadir::path {

void State::set(const std::string& name, const std::vector<Progress>& trace) {
  Matrix rows(static_cast<Index>(trace.size()), 4);
  for (Index i = 0; i < rows.rows(); ++i) {
    const Progress& now = trace[static_cast<std::size_t>(i)];
    rows.row(i) << now.iteration, now.objective, now.lower_bound, now.change;
  }
  set(name, std::move(rows));
}

void State::refuse(const std::string& name) const {
  throw InputError(source_ + ": not a valid checkpoint of this training: " + name +
                   " is missing or does not fit; leave out --resume to begin anew");
}

const Matrix& State::part(const std::string& name, Index rows, Index cols) const {
  const auto found = parts_.find(name);
  if (found == parts_.end() || (rows >= 0 && found->second.rows() != rows) || found->second.cols() != cols)
    refuse(name);
  return found->second;
}

const Matrix& State::matrix(const std::string& name, Index rows, Index cols) const {
  const Matrix& found = part(name, rows, cols);
  if (!found.allFinite()) refuse(name);
  return found;
}

double State::number(const std::string& name) const {
  const double value = part(name, 1, 1)(0, 0);
  if (std::isnan(value)) refuse(name);
  return value;
}

Index State::count(const std::string& name, Index most) const {
  const double value = number(name);
  if (!(value >= 0 && value <= static_cast<double>(most) && value == std::floor(value))) refuse(name);
  return static_cast<Index>(value);
}

std::vector<Index> State::places(const std::string& name, Index size, Index limit) const {
  const Matrix& values = matrix(name, size, 1);
  std::vector<Index> result;
  for (Index i = 0; i < values.rows(); ++i) {
    const double value = values(i, 0);
    if (!(value >= 0 && value < static_cast<double>(limit) && value == std::floor(value))) refuse(name);
    result.push_back(static_cast<Index>(value));
  }
  return result;
}

std::vector<Progress> State::trace(const std::string& name) const {
  const Matrix& rows = part(name, -1, 4);  // bounds may be infinite
  std::vector<Progress> result;
  for (Index i = 0; i < rows.rows(); ++i) {
    if (!(std::fabs(rows(i, 0)) <= 1e9)) refuse(name);
    result.push_back({static_cast<int>(rows(i, 0)), rows(i, 1), rows(i, 2), rows(i, 3)});
  }
  return result;
}

Matrix column_of(const std::vector<Index>& places) {
  Matrix column(static_cast<Index>(places.size()), 1);
  for (Index i = 0; i < column.rows(); ++i) column(i, 0) = static_cast<double>(places[static_cast<std::size_t>(i)]);
  return column;
}

}  // namespace nadir::path
