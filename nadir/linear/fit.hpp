#pragma once
// From a table to a deep linear network of the least squared loss, in closed form (linear/optimum.hpp), or to where
// descent comes from random weights (linear/descent.hpp), with a certificate. With an intercept the last layer has a
// bias, and the weights are those of centred features and targets (docs/math/linear.md, section 9).
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "nadir/base/options.hpp"
#include "nadir/claim/certificate.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/linear/rank_proof.hpp"

namespace nadir::linear {

struct LinearOptions {
  std::vector<int> hidden;             ///< widths of the hidden layers, perhaps none
  std::string intercept = "on";        ///< a bias of the last layer
  std::string solver = "closed-form";  ///< or gradient, or lbfgs
  int max_iterations = 5000;           ///< of these two
  double gap = 1e-6;

  bool operator==(const LinearOptions&) const = default;
};
std::span<const Option<LinearOptions>> option_table();

/// A network with what is proved of it.
struct Certified {
  RankEvidence evidence;
  Certificate certificate;
  bool dependent = true;  ///< features that were left out of the columns are proven to add nothing
};

struct LinearFit : Certified {
  Recipe recipe;
  std::vector<IgnoredColumn> ignored;
  Dataset training;
  BiasedChain network;
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
  int iterations = 0;  ///< of descent
};

/// n × K: quantities as they are, or the classes as vectors of 0 and 1.
Matrix target_matrix(const Dataset& dataset);

/// What the certificate of any such network says on these data. Throws InputError where nothing can be stated: an
/// objective that is not finite, or that rounding hides.
Certified certify(const Dataset& dataset, const BiasedChain& network, double gap, int threads);

/// Fits on `rows` of the table; `seed`: of the weights that descent begins with. Throws UsageError, InputError and
/// ResourceError.
LinearFit fit(const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe,
              const LinearOptions& options, std::uint64_t seed, int threads);

}  // namespace nadir::linear
