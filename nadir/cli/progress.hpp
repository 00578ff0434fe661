#pragma once
// One line on stderr: live on a terminal, now and then a plain line elsewhere, nothing when quiet.
#include <chrono>
#include <string>

#include "nadir/train/follower.hpp"

namespace nadir::cli {

class ProgressLine : public train::Follower {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine() override { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Shows the text, at most ten times a second on a terminal and every ten seconds elsewhere.
  void show(const std::string& text) override;
  /// Those of Ctrl-C and SIGTERM.
  int interrupts() override;
  /// Removes the live line, so that other output can follow.
  void clear();

 private:
  bool quiet_, terminal_, visible_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace nadir::cli
