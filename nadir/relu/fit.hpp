#pragma once
// From a table to a ReLU network with proven bounds: recipe, lambda by cross-validation over a warm-started path,
// column generation, bounds over the patterns found and over every width. With a radius there is no lambda, and
// conditional gradient steps are taken in place of column generation.
#include "nadir/claim/polar_evidence.hpp"
#include "nadir/net/relu.hpp"
#include "nadir/path/fit.hpp"
#include "nadir/relu/options.hpp"

namespace nadir::relu {

struct ReluFit : path::Fit {
  ReluNetwork network;
  PolarEvidence evidence;
  double skip_weight = 0;  ///< of the linear part; 0: there is none
  bool shared = false;     ///< units feed all outputs
  long nodes = 0;          ///< of branch and bound
};

struct ReluWatch : path::FitWatch {
  std::function<bool(double objective, double lower_bound, long nodes)> proof;  ///< answers whether to go on

  ReluWatch closing() const { return {path::FitWatch::closing(), stage.closed_by(proof)}; }
};

/// Fits on `rows` of the table, at the lambda of an earlier choice if there is one. `begin_with`: a network to begin
/// the training with, in place of larger lambdas, not together with a checkpoint; one of another shape is not looked
/// at. Throws UsageError and InputError; UsageError also for a radius beside a lambda, and for steps without a radius.
ReluFit fit(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe, const ReluOptions& options,
            std::uint64_t seed, int threads, const ReluWatch& watch, const path::PathChoice* chosen = nullptr,
            const ReluNetwork* begin_with = nullptr);

/// The cross-validation alone, of the lambda given or of the path; not for a radius.
path::PathChoice choose(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                        const ReluOptions& options, std::uint64_t seed, int threads, const path::FitWatch& watch);

}  // namespace nadir::relu
