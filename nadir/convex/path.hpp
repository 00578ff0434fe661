#pragma once
// Lambda without guessing: a path from the largest useful lambda downward, each solution the start of the next, and its
// cross-validation.
#include <functional>

#include "nadir/convex/fit.hpp"
#include "nadir/convex/working_set.hpp"

namespace nadir::convex {

/// `count` values from `largest` to ratio · largest, evenly on a logarithmic scale.
std::vector<double> lambda_path(double largest, double ratio, int count);

/// One fold: rows to train on and rows left out, with features of their own.
struct Fold {
  Dataset training, validation;
  std::vector<Index> places;  ///< of the rows left out, among all that take part
  Quantity quantity;          ///< of this fold's target, where it is one
};

struct PathProblem {
  LossKind loss;
  double huber_delta = 1;
  int classes = 0;    ///< 0 for quantities
  Quantity quantity;  ///< of the whole
  Matrix gates;       ///< for all folds, if given; else each draws its own
  int gate_count = 0;
  bool intercept = true;
  std::uint64_t seed = 0;
};

TrainingLoss loss_of(const PathProblem& problem, const Dataset& dataset);

/// Trains every fold on the path, all folds at one lambda before the next; ends early once five lambdas in a row were
/// worse than the best by more than its standard error. Errors and losses are means over rows; standard errors those of
/// the folds' means.
PathChoice cross_validate(const PathProblem& problem, const std::vector<Fold>& folds, Index rows,
                          const std::vector<double>& lambdas, const std::string& rule, int threads,
                          const std::function<bool(int, int)>& watch);

/// The place chosen among losses: the best one, or the first (largest lambda) within its standard error.
std::size_t choose_lambda(const std::vector<double>& losses, const std::vector<double>& standard_errors,
                          const std::string& rule);

}  // namespace nadir::convex
