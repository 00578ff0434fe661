#pragma once
// Parallel sub-networks that were trained elsewhere, an ordinary deep network being one of them: their objective and
// stationarity in the user's definition, a sub-network that lowers the objective where the search finds one, and a
// lower bound over any number of sub-networks of their depth, of any widths (docs/math/homogeneous.md).
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "nadir/base/options.hpp"
#include "nadir/data/table.hpp"
#include "nadir/homogeneous/meta_algorithm.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/relu/convention.hpp"
#include "nadir/train/follower.hpp"

namespace nadir::train {

/// The convention's `penalty` besides: norms, λ Σ Π_k ‖W_k‖ over the sub-networks; powers, (λ/K) Σ Σ_k ‖W_k‖^K. Weight
/// decay and squares are for two layers only.
struct ParallelOptions : relu::Convention {
  std::string loss = "auto";
  double huber_delta = 1;
  double gap = 1e-2;  ///< relative, that is wanted
  double time_limit = std::numeric_limits<double>::infinity();
  int nodes = 0;  ///< of branch and bound, for all outputs together; 0: a number by the table
  int max_rounds = 20;
  bool improve = false;  ///< whether training goes on, and the better network is the one in the model

  bool operator==(const ParallelOptions&) const = default;
};

std::span<const Option<ParallelOptions>> parallel_option_table();

struct ParallelRequest {
  std::string network, data;  ///< file names, for the model's notes and for messages
  std::string source;         ///< what the network was read from, in words
  bool constant = false;      ///< the network's last feature is the constant 1
  ParallelOptions options;
  std::uint64_t seed = 0;
};

/// In the user's definition, but for the model's certificate, whose objective has the mean loss and products of norms.
struct CertifiedParallel {
  ParallelRequest request;
  ParallelNetwork given;
  relu::Theirs at;      ///< the given network
  double balanced = 0;  ///< objective of the same functions with layers of equal norms
  double at_zero = 0;   ///< of the zero network
  double best = 0;      ///< of the better network, by products of norms; `balanced` unless --improve
  double lower_bound = 0;
  double relative_gap = 0;         ///< of the given network
  double correlation = 0;          ///< the largest found of a sub-network of cost 1 with minus the gradient, over λ
  double decrease = 0;             ///< that appending it brings
  double lambda = 0;               ///< the model's
  Claim claim = Claim::undecided;  ///< of the given network
  std::string loss;                ///< by its name
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
  Model model;

  /// The objective, in words.
  std::string definition() const;
};

/// On all usable rows of the table. Throws UsageError for a penalty of another degree than the network, InputError
/// where network and data do not fit.
CertifiedParallel certify_parallel(const Table& table, const RecipeOptions& recipe, const ParallelNetwork& network,
                                   const ParallelRequest& request, Follower& follower);

/// `seconds` it took; `model`: the file written, if one was.
nlohmann::json to_json(const CertifiedParallel& told, double seconds, const std::string& model);

}  // namespace nadir::train
