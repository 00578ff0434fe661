#include "nadir/data/number.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "nadir/data/bytes.hpp"

namespace nadir {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_sign(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return text;
}

/// Of a well-formed number beyond the range of double: whether it is too small rather than too large. std::from_chars
/// says only "out of range"; the place of the first digit that is not 0 decides.
bool is_underflow(std::string_view text) {
  const std::size_t mark = text.find_first_of("eE");
  const std::string_view digits = text.substr(0, mark);
  long long exponent = 0;
  if (mark != std::string_view::npos) {
    std::string_view power = text.substr(mark + 1);
    const bool negative = power.starts_with('-');
    power = without_sign(power);
    const auto [end, status] = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (status != std::errc{}) return negative;  // an exponent of twenty digits
    if (negative) exponent = -exponent;
  }
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = digits.find_first_of("123456789");
  return static_cast<long long>(point) - static_cast<long long>(first) + exponent < 0;
}

/// The common case, four times as fast: at most 15 digits without exponent. Digits and power of ten are then exact
/// doubles, so that their quotient is the nearest double (Clinger 1990), as std::from_chars has it.
bool parse_short_decimal(std::string_view text, double& value) {
  constexpr std::size_t kDigits = 15;
  static constexpr double kPowers[kDigits + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const std::string_view body = without_sign(text);
  std::uint64_t digits = 0;
  std::size_t count = 0;
  std::size_t point = body.size();
  if (body.size() > kDigits + 1) return false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (is_digit(body[i])) {
      digits = 10 * digits + static_cast<std::uint64_t>(body[i] - '0');
      ++count;
    } else if (body[i] == '.' && point == body.size()) {
      point = i;
    } else {
      return false;
    }
  }
  if (count == 0 || count > kDigits) return false;
  const double magnitude = static_cast<double>(digits) / kPowers[point == body.size() ? 0 : count - point];
  value = text.starts_with('-') ? -magnitude : magnitude;
  return true;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_word) {
  return std::equal(text.begin(), text.end(), lower_word.begin(), lower_word.end(),
                    [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

bool is_nan_or_inf(std::string_view text) {
  text = without_sign(text);
  return equals_ignoring_case(text, "nan") || equals_ignoring_case(text, "inf") ||
         equals_ignoring_case(text, "infinity");
}

}  // namespace

bool is_missing(std::string_view text) { return text.empty() || text == "?" || text == "NA" || text == "N/A"; }

bool parse_number(std::string_view text, double& value) {
  if (parse_short_decimal(text, value)) return true;
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  const std::string_view digits = without_sign(text);
  if (digits.empty() || !(is_digit(digits[0]) || digits[0] == '.')) return false;  // std::from_chars knows inf and nan
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return false;
  if (status == std::errc{}) return std::isfinite(value);
  if (status != std::errc::result_out_of_range || !is_underflow(digits)) return false;
  value = text.starts_with('-') ? -0.0 : 0.0;
  return true;
}

bool looks_like_number(std::string_view text) {
  if (is_nan_or_inf(text)) return true;
  const std::string_view digits = without_sign(text);
  if (digits.empty() || !is_digit(digits[0])) return false;
  double value = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end == digits.data() + digits.size()) return true;  // a number, perhaps beyond the range of double
  return digits.find(',') != std::string_view::npos &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return is_digit(c) || c == ',' || c == '.'; });
}

std::string number_text(double value) {
  if (value == 0) return "0";  // also for -0
  std::array<char, 400> buffer{};
  char* const first = buffer.data();
  char* const last = first + buffer.size();
  const bool integer = value == std::floor(value);
  const auto end =
      integer ? std::to_chars(first, last, value, std::chars_format::fixed) : std::to_chars(first, last, value);
  return {first, end.ptr};
}

std::string not_a_number(std::string_view text) {
  if (is_nan_or_inf(text))
    return in_quotes(text) + " is not a finite number; where a value is missing, leave the cell empty or write ? or NA";
  if (!looks_like_number(text)) return in_quotes(text) + " is not a number";
  if (text.find(',') != std::string_view::npos)
    return in_quotes(text) + " is not a number; write it with a decimal point and without separators";
  return in_quotes(text) + " is beyond the range of a double; rescale the column";
}

std::vector<std::string> in_order(const std::set<std::string>& texts) {
  std::vector<std::string> result(texts.begin(), texts.end());
  double number = 0;
  const auto is_number = [&](const std::string& text) { return parse_number(text, number); };
  if (std::all_of(result.begin(), result.end(), is_number))
    std::stable_sort(result.begin(), result.end(), [](const std::string& a, const std::string& b) {
      double first = 0;
      double second = 0;
      return parse_number(a, first) && parse_number(b, second) && first < second;
    });
  return result;
}

}  // namespace nadir
