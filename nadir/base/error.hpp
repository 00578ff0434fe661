#pragma once
// The caller's mistakes, thrown at the door and never inside a loop. The message is one line: what, where, what to do.
#include <stdexcept>
#include <string>

namespace nadir {

/// The command or the options make no sense (exit code 2).
struct UsageError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// The data or the model file cannot be used as it is (exit code 3).
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Memory or disk does not suffice (exit code 6).
struct ResourceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace nadir
