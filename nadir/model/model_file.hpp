#pragma once
// A trained model as one file (docs/certificate-format.md): recipe, network, objective, certificate, notes.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "nadir/claim/certificate.hpp"
#include "nadir/claim/polar_evidence.hpp"
#include "nadir/claim/rank_evidence.hpp"
#include "nadir/data/recipe.hpp"
#include "nadir/model/sealed_file.hpp"
#include "nadir/net/gated.hpp"
#include "nadir/net/kernel_machine.hpp"
#include "nadir/net/linear_chain.hpp"
#include "nadir/net/parallel.hpp"
#include "nadir/net/polynomial.hpp"
#include "nadir/net/relu.hpp"

namespace nadir {

/// Section 4 of the format: a closed set.
using Network = std::variant<PolynomialNetwork, GatedNetwork, ReluNetwork, BiasedChain, KernelMachine, ParallelNetwork>;

struct Model {
  Recipe recipe;
  Network network;
  Matrix dual;             ///< gated, ReLU and parallel networks: training rows × outputs, the dual point; else empty
  PolarEvidence evidence;  ///< ReLU networks, and parallel ones by units: what proves the bounds
  RankEvidence rank;       ///< linear networks: what proves the bound
  nlohmann::json objective;  ///< section 5 of the format, as the trainer's room writes it
  Certificate certificate;
  nlohmann::json notes = nlohmann::json::object();  ///< for people; no verifier reads it
  std::vector<bool> training_rows;                  ///< per row of the data file; empty: all
  Matrix trace;  ///< iterations × 3: iteration, objective, lower bound; may be empty
};

/// Sets training_rows: these, of so many in the data file.
void mark_training_rows(Model& model, const std::vector<Index>& rows, Index all);

/// The file's bytes: the same for the same model.
std::string encode_model(const Model& model);

/// Throws InputError, in one line that begins with `name`, for whatever is not such a file.
Model decode_model(std::string_view bytes, const std::string& name);
Model decode_model(const SealedFile& sealed, const std::string& name);

}  // namespace nadir
