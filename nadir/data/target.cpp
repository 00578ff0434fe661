#include "nadir/data/target.hpp"

#include <cmath>
#include <optional>
#include <set>
#include <vector>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"
#include "nadir/data/moments.hpp"
#include "nadir/data/number.hpp"

namespace nadir {
namespace {

std::string place_of_target(const Table& table, Index row) {
  return table.target->column >= 0 ? table.place(row, table.target->column) : table.place(row);
}

/// The different values on some rows.
struct Variety {
  std::vector<std::size_t> codes;  // of the target's values, each once
  std::size_t rows = 0;
  std::size_t numbers = 0;  // of the values, also nan, inf and 1,5: what was meant to be a number
  bool whole = true;        // all that are numbers

  /// A few rows a value is what a quantity looks like, not a class.
  bool crowded() const { return codes.size() > 50 && codes.size() * 10 > rows; }
  bool fractions() const { return codes.size() > 20 && numbers == codes.size() && !whole; }
  bool mostly_numbers() const { return 2 * numbers >= codes.size(); }
  std::string words() const {
    return std::to_string(codes.size()) + " different values in " + std::to_string(rows) + " rows";
  }
};

Variety variety_of(const Table& table, const std::vector<Index>& rows) {
  const Target& target = *table.target;
  std::vector<bool> seen(target.values());
  for (const Index row : rows) {
    if (target.missing(row))
      throw InputError(place_of_target(table, row) +
                       "the label is missing; leave such rows out by --skip-missing-target");
    seen[static_cast<std::size_t>(target.codes[static_cast<std::size_t>(row)])] = true;
  }
  Variety variety;
  variety.rows = rows.size();
  for (std::size_t code = 0; code < seen.size(); ++code) {
    if (!seen[code]) continue;
    const std::string text = target.value(code);
    variety.codes.push_back(code);
    double value = 0;
    const bool number = parse_number(text, value);
    if (number && value != std::floor(value)) variety.whole = false;
    if (number || looks_like_number(text)) ++variety.numbers;
  }
  return variety;
}

/// A crowd of values of which most are numbers is a quantity, too: the others are then refused by name.
bool looks_like_quantity(const Variety& variety) {
  return variety.fractions() || (variety.crowded() && variety.mostly_numbers());
}

}  // namespace

Task task_of(const Table& table, const std::vector<Index>& rows, const std::string& asked) {
  if (asked == "classification") return Task::classification;
  if (asked == "regression") return Task::regression;
  if (asked != "auto") throw UsageError("--task " + in_quotes(asked) + " is not one of auto classification regression");
  return looks_like_quantity(variety_of(table, rows)) ? Task::regression : Task::classification;
}

void require_classification(const Table& table, const std::vector<Index>& rows, const std::string& asked,
                            const std::string& method) {
  if (asked == "regression") throw UsageError("--task regression: the " + method + " method classifies only");
  if (!table.target || task_of(table, rows, asked) == Task::classification) return;
  const Variety variety = variety_of(table, rows);
  throw InputError(table.path + ": the target has " + variety.words() +
                   (variety.crowded() ? "" : ", not all whole numbers") + ", so it is a quantity, and the " + method +
                   " method classifies only; choose another --target, or cut it into classes" +
                   (variety.crowded() ? "" : ", or use --task classification"));
}

std::vector<std::string> fit_classes(const Table& table, const std::vector<Index>& rows) {
  const Variety variety = variety_of(table, rows);
  if (variety.codes.size() == 1)
    throw InputError(table.path + ": all training rows have the label " +
                     in_quotes(table.target->value(variety.codes[0])) + "; two classes or more are needed");
  if (variety.crowded() && variety.numbers == variety.codes.size())
    throw InputError(table.path + ": the target has " + variety.words() +
                     ", so it is a quantity rather than a class; choose another --target, cut it into classes, or use "
                     "--task regression");
  if (variety.crowded())
    throw InputError(table.path + ": the target has " + variety.words() +
                     ", too few of each to be classes; choose another --target");
  std::set<std::string> texts;
  for (const std::size_t code : variety.codes) texts.insert(table.target->value(code));
  return in_order(texts);
}

std::vector<double> target_numbers(const Table& table, const std::vector<Index>& rows) {
  const Target& target = *table.target;
  std::vector<std::optional<double>> number_of(target.numbers.begin(), target.numbers.end());  // by the target's codes
  for (const std::string& text : target.texts) {
    double value = 0;
    number_of.push_back(parse_number(text, value) ? std::optional(value) : std::nullopt);
  }
  std::vector<double> numbers;
  numbers.reserve(rows.size());
  for (const Index row : rows) {
    if (target.missing(row))
      throw InputError(place_of_target(table, row) +
                       "the target is missing; fill it in, or leave such rows out by --skip-missing-target");
    const auto number = number_of[static_cast<std::size_t>(target.codes[static_cast<std::size_t>(row)])];
    if (!number)
      throw InputError(place_of_target(table, row) + "the target " + not_a_number(target.text(row)) +
                       ", but quantities are to be predicted; correct the cell, or leave the row out");
    numbers.push_back(*number);
  }
  return numbers;
}

Quantity fit_quantity(const Table& table, const std::vector<Index>& rows, std::optional<double> range_if_constant) {
  const std::vector<double> numbers = target_numbers(table, rows);
  Moments moments;
  for (const double number : numbers) moments.add(number);
  for (const double number : numbers) moments.add_again(number);
  if (moments.least == moments.greatest && range_if_constant) return {moments.least, *range_if_constant};
  if (moments.least == moments.greatest)
    throw InputError(table.path + ": all training rows have the target " + number_text(moments.least) +
                     "; two different ones or more are needed");
  const Quantity quantity{moments.refined_mean(), moments.deviation()};
  if (!std::isfinite(quantity.range))
    throw InputError(table.path + ": the target's range exceeds that of a double; rescale it");
  return quantity;
}

}  // namespace nadir
