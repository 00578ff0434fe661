#pragma once
// Runs that are stopped, killed and taken up again, for the tests of the methods.
#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "nadir/path/fit.hpp"

namespace nadir::path {

/// A checkpoint whose files are kept in memory: one for every state that was kept, as if each had come after a minute.
struct KeptRun {
  std::vector<std::string> files;
  Checkpoint checkpoint;

  explicit KeptRun(double pause = 0, const nlohmann::json& options = {})
      : checkpoint(
            options, [this](const std::string& bytes, bool) { files.push_back(bytes); }, pause) {}
};

/// To the bit, but for the networks.
inline void expect_same_fit(const Fit& one, const Fit& other) {
  EXPECT_EQ(one.dual, other.dual);
  EXPECT_EQ(one.certificate, other.certificate);
  EXPECT_EQ(one.lambda, other.lambda);
  EXPECT_EQ(one.iterations, other.iterations);
  EXPECT_EQ(one.stop_sentence, other.stop_sentence);
  EXPECT_EQ(one.path.has_value(), other.path.has_value());
  if (one.path && other.path) {
    EXPECT_EQ(one.path->losses, other.path->losses);
    EXPECT_EQ(one.path->out_of_fold, other.path->out_of_fold);
    EXPECT_EQ(one.path->complete, other.path->complete);
  }
  ASSERT_EQ(one.trace.size(), other.trace.size());
  for (std::size_t i = 0; i < one.trace.size(); ++i) {
    EXPECT_EQ(one.trace[i].objective, other.trace[i].objective);
    EXPECT_EQ(one.trace[i].lower_bound, other.trace[i].lower_bound);
  }
}

/// `run`: a fit from its watch; `same`: whether a fit is the uninterrupted one, to the bit. Takes the run up from
/// `count` of the files that it leaves on its way, evenly, and from the file of a run that is told to stop at `count`
/// of the times that its training is asked whether to go on. Returns how often the last one of these asked.
template <class Fit>
void expect_the_same_when_taken_up(const std::function<Fit(const FitWatch&)>& run,
                                   const std::function<void(const Fit&, const Fit&)>& expect_same, std::size_t count) {
  KeptRun kept;
  int asked = 0;
  const auto told_at = [&](int last, KeptRun& keeps) {
    const auto answer = [&asked, last] { return ++asked < last; };
    return FitWatch{{}, [answer](const Progress&) { return answer(); }, {&keeps.checkpoint, "method"}, answer};
  };
  constexpr int never = std::numeric_limits<int>::max();
  const Fit whole = run(told_at(never, kept));
  ASSERT_GT(kept.files.size(), count);
  const int asked_by_whole = asked;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = (i + 1) * (kept.files.size() - 1) / count;
    SCOPED_TRACE("killed after state " + std::to_string(place));
    KeptRun resumed(1e9);
    resumed.checkpoint.load(kept.files[place], "c");
    asked = 0;
    expect_same(whole, run(told_at(never, resumed)));
  }
  EXPECT_LT(asked, asked_by_whole / 2);  // the last state is near the end, and what was before it is not done again
  for (std::size_t i = 0; i < count; ++i) {
    const int last = 1 + static_cast<int>(i) * (asked_by_whole - 1) / static_cast<int>(count);
    SCOPED_TRACE("told to stop when asked " + std::to_string(last));
    KeptRun stopped(1e9);
    asked = 0;
    run(told_at(last, stopped));
    ASSERT_EQ(stopped.files.size(), 1U);
    KeptRun resumed(1e9);
    resumed.checkpoint.load(stopped.files[0], "c");
    expect_same(whole, run({{}, {}, {&resumed.checkpoint, "method"}}));
  }
}

}  // namespace nadir::path
