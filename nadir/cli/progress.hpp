#pragma once
// One line on stderr: live on a terminal, now and then a plain line elsewhere, nothing when quiet.
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/base/watch.hpp"

namespace nadir::cli {

class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Shows the text, at most ten times a second on a terminal and every ten seconds elsewhere.
  void show(const std::string& text);
  /// Removes the live line, so that other output can follow.
  void clear();

 private:
  bool quiet_, terminal_, visible_ = false;
  std::chrono::steady_clock::time_point last_;
};

/// What the user sees of a method's two phases, and whether each goes on. Ctrl-C during the choice ends the choice, and
/// the best that was found so far is still trained; during the training it ends that. What came before, while the data
/// were read, ends the training as well.
struct Watches {
  std::function<bool(int done, int total)> choice;
  Watch training;
};

/// `choosing` and `trials` make the line "choosing lambda: 37 of 150 trainings". `line` must outlive the watches.
Watches watches_for(ProgressLine& line, const std::string& choosing, const std::string& trials);

/// What was seen, as the model file holds it: iteration, objective, lower bound.
Matrix trace_of(const std::vector<Progress>& seen);

}  // namespace nadir::cli
