#include "nadir/cli/progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <memory>

#include "nadir/cli/interrupt.hpp"
#include "nadir/cli/printed.hpp"

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

Watches watches_for(ProgressLine& line, const std::string& choosing, const std::string& trials) {
  const auto answered = std::make_shared<int>(0);  // interrupts that have ended the choice
  Watches watches;
  watches.choice = [&line, answered, choosing, trials](int done, int total) {
    line.show(printed("choosing %s: %d of %d %s", choosing.c_str(), done, total, trials.c_str()));
    *answered = interrupts();
    return *answered == 0;
  };
  watches.training = [&line, answered](const Progress& now) {
    line.show(printed("training: iteration %d, objective %.9g, gap %.2g", now.iteration, now.objective,
                      now.objective - now.lower_bound));
    return interrupts() == *answered;
  };
  return watches;
}

Matrix trace_of(const std::vector<Progress>& seen) {
  Matrix trace(static_cast<Index>(seen.size()), 3);
  for (Index k = 0; k < trace.rows(); ++k) {
    const Progress& now = seen[static_cast<std::size_t>(k)];
    trace.row(k) << now.iteration, now.objective, now.lower_bound;
  }
  return trace;
}

}  // namespace nadir::cli
