#pragma once
// The certificate as a value and as text (docs/certificate-format.md, section 6).
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nadir/claim/claim.hpp"

namespace nadir {

/// How a stranger proves the bound again.
struct Evidence {
  std::string kind = "hidden_concavity";  ///< or "box"; "dual_point", "relu_polar", "layer_norms", "layer_units",
                                          ///< "given_units", ..: tensors too
  int steps = 0;                          ///< for "box": how often the box is cut
  double patterns_lower_bound = 0;        ///< for "relu_polar": over networks with the patterns of the units found
  double patterns_relative_gap = 0;
  double tau = 0, patterns_tau = 0;  ///< of constrained problems: what scales the dual point for each bound; else 0
  double bias_scale = 0;             ///< for "relu_polar": M of hidden biases at no cost; else 0
  std::vector<long> columns = {};    ///< for "reduced_rank": the features that span all others
  double level = 0;                  ///< for "reduced_rank": t
  double features_norm = 0;          ///< for "layer_norms": at least the largest singular value of the features,
  double dual_norm = 0;              ///< and of the dual point, where there are several outputs; else 0

  bool operator==(const Evidence&) const = default;
};

struct Certificate {
  Claim claim = Claim::undecided;
  double objective = 0;          ///< proven upper bound on the objective at the network
  double lower_bound = 0;        ///< proven lower bound on the objective anywhere on the feasible set
  double objective_at_zero = 0;  ///< the objective of the zero network
  double relative_gap = 0;
  double target_gap = 0;
  long samples = 0;
  Evidence evidence;
  std::string features_sha256;
  std::string weights_sha256;

  /// Ties it to the data and the network that it is about.
  void bind(long rows, std::string of_features, std::string of_weights) {
    samples = rows, features_sha256 = std::move(of_features), weights_sha256 = std::move(of_weights);
  }

  bool operator==(const Certificate&) const = default;
};

/// The claim that these numbers allow: certified if the relative gap is at most the target, else bounded; undecided if
/// a number is NaN or the bound lies above the objective.
Certificate make_certificate(double objective, ProvenLowerBound bound, double objective_at_zero, double target_gap,
                             Evidence evidence);

nlohmann::json to_json(const Certificate& certificate);

/// Throws InputError naming the key that is missing or wrong.
Certificate certificate_from_json(const nlohmann::json& document);

}  // namespace nadir
