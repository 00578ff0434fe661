#pragma once
// Certificates in words: for people, not for programs, and no proof.
#include <string>

#include "nadir/claim/certificate.hpp"

namespace nadir::report {

/// A paragraph that says what is claimed, a table of the numbers, a sentence on the evidence, and what is not claimed.
/// Several lines, ending with one newline. Numbers have 6 significant digits; gaps 2, rounded up. A claim that its own
/// numbers contradict is not repeated but named as such.
std::string describe(const Certificate& certificate);

}  // namespace nadir::report
