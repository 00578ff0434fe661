#pragma once
// What the trainings of ReLU networks that go by rounds share (column_generation.hpp, conditional_gradient.hpp): what
// is asked for and found, how units are moved, and when it is over.
#include <chrono>
#include <limits>
#include <optional>

#include "nadir/base/watch.hpp"
#include "nadir/claim/claim.hpp"
#include "nadir/path/state.hpp"
#include "nadir/relu/effort.hpp"

namespace nadir::relu {

struct SearchOptions {
  double distinct = 2;  ///< units found whose cosine with one of the same output and sign is larger are left out
  double gap = 1e-7;    ///< relative, as estimated by the largest polar value found
  int max_rounds = 200;
  int patience = 0;  ///< it ends when so many rounds together lower F by no more than `gap` times F; 0: never for that
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
  int slide_iterations = 300;                                   ///< a round
  Effort effort{16, 50, 16};
  std::optional<Effort> last_effort = Effort{256, 50, 64};  ///< it ends only where this finds nothing either
  std::uint64_t seed = 1;
};

struct Found {
  Iterate at;
  double polar = 0;          ///< the largest polar value found at the end
  double estimated_gap = 1;  ///< relative
  int rounds = 0, iterations = 0;
  Stop stop = Stop::no_progress;
  std::vector<Progress> trace;  ///< lower_bound: the estimate
};

/// Moves all units together (slide.hpp): freely, then, those that have become one merged, along planes that samples
/// keep them on. Returns the iterations.
int move_units(const Problem& problem, const SearchOptions& options, Iterate& at);

/// What a search for units has come to: sets polar, estimated gap and a line of the trace. Of the penalized form.
void note_search(const Problem& problem, double at_zero, double largest, Found& found);

/// Units, and what was found, as the parts of a state; and back, with all that follows from units and linear part
/// evaluated anew.
/// Throws as path::State does.
void put(path::State& state, const Units& units);
Units units_of(const path::State& state, Index inputs, Index outputs);
path::State state_of(const Found& found);
Found found_of(const path::State& state, const Problem& problem);

/// Whether a round was the last. Its clock starts when it is made.
class RoundEnd {
 public:
  /// `options` must outlive it.
  explicit RoundEnd(const SearchOptions& options) : options_(options) {}

  /// For the search of the next round.
  const Effort& effort() const { return hard_ > 0 ? *options_.last_effort : options_.effort; }
  /// Why it ends after this round's search, if it does. `may_rise`: F need not fall from round to round.
  std::optional<Stop> after(const Found& found, bool may_rise, const Watch& watch);
  /// What it remembers of the rounds before, but for its clock.
  void put_into(path::State& state) const;
  void restore(const path::State& state);

 private:
  bool is_slow(const Found& found) const;
  std::optional<Stop> why_stop(const Found& found, bool reached, bool fell, const Watch& watch) const;

  const SearchOptions& options_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  int hard_ = 0;  ///< 1: the next search is from many starts; 2: the one before was so, too, and its units are in
  double last_ = std::numeric_limits<double>::infinity();
};

/// At the beginning of a round: all that this round and later ones depend on.
path::State state_of(const Found& found, const RoundEnd& end);

}  // namespace nadir::relu
