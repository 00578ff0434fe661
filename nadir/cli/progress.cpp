#include "nadir/cli/progress.hpp"

#include <unistd.h>

#include <cstdio>

#include "nadir/cli/interrupt.hpp"

namespace nadir::cli {

ProgressLine::ProgressLine(bool quiet)
    : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1), last_(std::chrono::steady_clock::now()) {}

void ProgressLine::show(const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
  if (quiet_ || now - last_ < pause) return;
  last_ = now;
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", text.c_str());
  std::fflush(stderr);
  visible_ = terminal_;
}

void ProgressLine::clear() {
  if (visible_) std::fputs("\r\033[K", stderr);
  visible_ = false;
}

int ProgressLine::interrupts() { return cli::interrupts(); }

}  // namespace nadir::cli
