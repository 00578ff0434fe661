#pragma once
#include <string>
#include <vector>

namespace nadir::verify {
/// `nadir-verify WORDS`: prints the verdict, returns the exit code.
int run_command(const std::vector<std::string>& words);
}  // namespace nadir::verify
