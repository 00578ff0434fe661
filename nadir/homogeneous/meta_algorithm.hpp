#pragma once
// The meta-algorithm of Haeffele and Vidal (2017, theorem 2), from any start, with each of its steps logged:
//   1. local descent in all weights, by L-BFGS, then in the sizes of the sub-networks alone, where F is convex;
//   2. a sub-network that is zero: the point is globally optimal if it is a local minimum (theorem 1); see step 4;
//   3. sub-networks whose outputs depend linearly on one another: fewer of them with the same outputs (reduce.hpp);
//   4. else the direction in which an appended zero sub-network lowers F, Ω°(G) > λ; it ends where none is found.
//      Before it ends for one ReLU unit and one output, the proof is asked, too: it may come upon one that was missed.
// Width grows only as needed. What is claimed at the end rests on the proven bound of the polar alone (polar.hpp):
// where there is none, or a loose one, "no descent found" is all that is said. The bound has a margin for rounding;
// what a model file states of it, and the verifier proves again, is that of proof.hpp.
#include <limits>

#include "nadir/base/watch.hpp"
#include "nadir/claim/claim.hpp"
#include "nadir/homogeneous/polar.hpp"

namespace nadir::homogeneous {

struct MetaOptions {
  double gap = 1e-6;  ///< relative, that is wanted
  int max_rounds = 200;
  int descent_iterations = 1000;                                ///< a round
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds, for whole rounds
  long nodes = 300;                                             ///< of branch and bound at the end
  PolarSearch search;                                           ///< its go_on is not read
  GoOn go_on;  ///< asked inside rounds; where not, it ends with what it has
};

enum class Step { descended, resized, found_zero, reduced, appended, ended };

struct StepRecord {
  Step step;
  double objective;
  Index width;
  double polar;  ///< the largest value found over λ; 0 where none was looked for
};

struct MetaResult {
  Iterate at;
  PolarWitness polar;             ///< at the end
  Matrix dual;                    ///< G that the bound is proven from: that of the end, or one nearby
  PolarUpper upper;               ///< of its polar, proven
  double lower_bound = 0;         ///< of F over every width; −∞ where no polar bound is known
  double relative_gap = 0;        ///< infinite where no bound is known
  bool no_descent_found = false;  ///< the search for an appended sub-network ended without one
  Claim claim = Claim::undecided;
  Stop stop = Stop::no_progress;  ///< gap_reached: as the search sees it, which proves nothing
  std::vector<StepRecord> log;
};

/// What appending a witness brings: its weights at the size that lowers F the most. F is convex in the size, as the
/// loss is, and linear in the cost.
Vector at_best_size(const Problem& problem, const Iterate& at, const PolarWitness& witness);

/// `start`: sub-networks, of any number. Throws UsageError for an unbalanced pair (regularizer.hpp) and for data,
/// targets and sub-networks of shapes that do not fit. Never ends above its start.
MetaResult train(const Problem& problem, const std::vector<Vector>& start, const MetaOptions& options,
                 const Watch& watch = {});

}  // namespace nadir::homogeneous
