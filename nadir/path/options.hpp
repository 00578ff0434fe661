#pragma once
// What a user of any penalized method can ask for: the problem, the choice of lambda, the gap. Defaults are at the
// members; ranges and help are in the table.
#include <limits>
#include <string>
#include <vector>

#include "nadir/base/options.hpp"

namespace nadir::path {

struct PathOptions {
  // The problem.
  std::string loss = "auto";           ///< squared for quantities, logistic for two classes, softmax for more
  double huber_delta = 1;              ///< in units of the scaled target
  std::string weights;                 ///< column with a weight for each row; empty: there is none
  std::string class_weights = "none";  ///< or balanced: n / (K n_c) for each row of class c
  double lambda = 0;                   ///< 0: chosen by cross-validation over the path
  double lambda_ratio = 0;             ///< or lambda as a share of the largest one; 0: not given
  std::string intercept = "on";        ///< a constant feature 1, penalized as every other

  // The choice of lambda.
  int path = 30;                ///< values of lambda, evenly on a logarithmic scale
  double path_ratio = 1e-3;     ///< the last one over the largest
  int selection_rows = 4000;    ///< cross-validation sees at most so many rows, drawn by class or by quantile
  int folds = 5;                ///< of the cross-validation
  std::string rule = "one-se";  ///< the largest lambda within a standard error of the best; or best

  // The proof.
  double gap = 1e-6;
  double time_limit = std::numeric_limits<double>::infinity();

  bool operator==(const PathOptions&) const = default;
};

/// The lines of the table that S, which has these options among others, begins with.
template <class S>
std::vector<Option<S>> path_option_table() {
  return {
      one_of<S>(
          "loss", &S::loss,
          "squared (quantities, or classes as vectors of 0 and 1), huber (quantities), logistic and squared_hinge (two "
          "classes), softmax (classes); auto: squared for quantities, logistic for two classes, softmax for more",
          {"auto", "squared", "huber", "logistic", "squared_hinge", "softmax"}),
      {"huber-delta", &S::huber_delta, "where Huber's loss turns from square to line, in deviations of the target", 0,
       HUGE_VAL, true},
      {"weights", &S::weights,
       "column of numbers above 0, by name or number: how much each row counts in training; it gives no feature (csv, "
       "npy, npz)"},
      one_of<S>("class-weights", &S::class_weights,
                "balanced: rows of a class with n_c of the n rows count n / (classes * n_c) times",
                {"none", "balanced"}),
      {"lambda", &S::lambda, "weight of the penalty; 0: chosen by cross-validation", 0, HUGE_VAL},
      {"lambda-ratio", &S::lambda_ratio,
       "instead of --lambda: its share of the largest one, at which all weights are 0 (kernel: at which at most half "
       "of "
       "the target is met); 0: not given",
       0, 1},
      one_of<S>("intercept", &S::intercept, "a constant feature, penalized as every other", {"on", "off"}),
      {"path", &S::path, "values of lambda that cross-validation chooses among", 1, 1000},
      {"path-ratio", &S::path_ratio, "the smallest lambda of the path over the largest", 0, 1, true},
      {"folds", &S::folds, "parts of the cross-validation", 2, 1000},
      {"selection-rows", &S::selection_rows, "rows that the cross-validation sees at most", 2, 1e9},
      one_of<S>("rule", &S::rule,
                "one-se: the largest lambda whose loss is above the best by no more than the standard error of that "
                "difference, over folds; or best",
                {"one-se", "best"}),
      {"gap", &S::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
      {"time-limit", &S::time_limit, "seconds for the final training", 0, HUGE_VAL, true},
  };
}

}  // namespace nadir::path
