#pragma once
// A gated network that was trained elsewhere: how far its weights are from the best ones for its gates. Training of the
// weights is convex, so it is trained on from them to the gap asked for; the dual point at the end bounds the objective
// over all weights, which tells the gap of the given ones.
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nadir/base/options.hpp"
#include "nadir/data/table.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/relu/convention.hpp"
#include "nadir/train/follower.hpp"

namespace nadir::train {

/// The convention, with λ Ω in place of its `penalty`: group, nuclear, l1 or features.
struct GatedCertifyOptions : relu::Convention {
  std::string loss = "auto";
  double huber_delta = 1;
  std::string gated_penalty = "group";
  double gap = 1e-6;  ///< relative, that is wanted
  double time_limit = std::numeric_limits<double>::infinity();
  bool improve = false;  ///< whether the better weights are those in the model

  bool operator==(const GatedCertifyOptions&) const = default;
};

std::span<const Option<GatedCertifyOptions>> gated_certify_option_table();

struct GatedRequest {
  std::string network, data;  ///< file names, for the model's notes and for messages
  std::string source;         ///< what the network was read from, in words
  GatedCertifyOptions options;
  std::vector<Index> strict;  ///< gates that the file has as g·x > 0
  int threads = 0;            ///< 0: all processors
};

/// In the user's definition, but for the model's certificate, whose objective has the mean loss.
struct CertifiedGated {
  GatedRequest request;
  Index gates = 0, outputs = 1;
  double objective = 0, penalty = 0;  ///< of the given weights; the latter its part
  double at_zero = 0, best = 0, lower_bound = 0;
  double relative_gap = 0;  ///< of the given weights
  double lambda = 0;        ///< the model's
  Claim claim = Claim::undecided;
  std::string loss;
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
  int iterations = 0;
  Model model;

  /// The objective, in words.
  std::string definition() const;
};

/// On all usable rows of the table. Throws UsageError and InputError, also where g·x of a strict gate is 0 on a row
/// that is not: gates of the model are open there. The network takes the features, or these and a constant 1 behind
/// them.
CertifiedGated certify_gated(const Table& table, const RecipeOptions& recipe, const GatedNetwork& network,
                             const GatedRequest& request, Follower& follower);

/// `seconds` it took; `model`: the file written, if one was.
nlohmann::json to_json(const CertifiedGated& told, double seconds, const std::string& model);

}  // namespace nadir::train
