#pragma once
// What a cell's text means: missing, a number, or neither (docs/certificate-format.md, section 3, "Cells").
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nadir {

/// Empty, `?`, `NA` or `N/A`.
bool is_missing(std::string_view text);

/// Whether the whole text is a finite decimal number (optional sign, digits with optional point, optional exponent);
/// `value` is then the nearest double.
bool parse_number(std::string_view text, double& value);

/// A number to a person, also where parse_number refuses it: nan, inf, 1e999, 1,5. Such a cell is never taken for a
/// category unless the user says so.
bool looks_like_number(std::string_view text);

/// A label as text: an integer in plain decimal digits, anything else as the shortest decimal that reads back the same.
std::string number_text(double value);

/// Why a cell that should be a number is refused, with the way out: "'x' is not a number; ..".
std::string not_a_number(std::string_view text);

/// Numeric order if all are numbers (byte order between equal ones, as 1 and 01), otherwise byte order.
std::vector<std::string> in_order(const std::set<std::string>& texts);

}  // namespace nadir
