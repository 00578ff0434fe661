#pragma once
// Where an axis has its ticks, and numbers as people read them.
#include <string>
#include <vector>

namespace nadir::report {

/// Round numbers from low to high, at most count + 1 of them, one step apart; the step is 1, 2 or 5 times a power of
/// ten. A round number that is outside by no more than a billionth of a step counts as inside. Each is the double
/// nearest to its decimal text, and zero is never -0. Degenerate ranges: equal ends give that one number; ends so close
/// that no step separates them in double precision give both ends; swapped ends are swapped back; an end that is not
/// finite gives none.
std::vector<double> nice_ticks(double low, double high, int count);

/// One label per tick, all with the same number of decimals, or all with an exponent where numbers are very large or
/// small.
std::vector<std::string> tick_labels(const std::vector<double>& ticks);

/// `digits` significant digits, no trailing zeros: 0.693147, 1.5e-9, 120000; nan and inf by name.
std::string significant(double value, int digits);

/// Two significant digits with exponent, 1.2e-10; positive numbers rounded up. For gaps, which must not look smaller
/// than they are.
std::string rounded_up(double value);

}  // namespace nadir::report
