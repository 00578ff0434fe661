#pragma once
// A two-layer network that was trained elsewhere, certified: a model with its certificate, and what is told of it.
#include <nlohmann/json.hpp>
#include <string>

#include "nadir/data/table.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/relu/certify.hpp"
#include "nadir/train/follower.hpp"

namespace nadir::train {

struct CertifyRequest {
  std::string network, data;  ///< file names, for the model's notes
  std::string source;         ///< what the network was read from, in words
  relu::CertifyOptions options;
  std::uint64_t seed = 0;
};

/// What was certified, and how it is told.
struct CertifiedNetwork {
  CertifyRequest request;
  TwoLayerNetwork network;
  relu::Certified result;
  Model model;

  /// Whether a unit lowers the objective.
  bool unit_helps() const { return result.step.decrease > 1e-12 * std::max(result.at_zero, result.given.objective); }
  bool has_biases() const { return network.hidden_biases.size() + network.output_biases.size() > 0; }
  /// The objective, in words.
  std::string definition() const;
};

/// On all usable rows of the table. Throws as relu::certify does.
CertifiedNetwork certify(const Table& table, const RecipeOptions& recipe, const TwoLayerNetwork& network,
                         const CertifyRequest& request, Follower& follower);

/// `seconds` it took; `model`: the file written, if one was.
nlohmann::json to_json(const CertifiedNetwork& told, double seconds, const std::string& model);

}  // namespace nadir::train
