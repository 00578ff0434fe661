#pragma once
// Networks as tensors and back (docs/certificate-format.md, sections 1 and 4): names, shapes, and what is refused.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nadir/data/safetensors.hpp"
#include "nadir/model/model_file.hpp"

namespace nadir {

Tensor to_tensor(const std::string& name, const Matrix& matrix);
/// Throws InputError unless the tensor is a matrix of numbers.
Matrix to_matrix(const Tensor& tensor);

/// Null where there is none.
const Tensor* find_tensor(const TensorFile& file, const std::string& name);

/// Throws InputError where there is none.
const Tensor& need(const TensorFile& file, const std::string& name);

/// `network` of the document.
nlohmann::json network_to_json(const Network& network);
/// The tensors of numbers, then those of flags; the file holds others between them.
std::vector<Tensor> weight_tensors(const Network& network);
std::vector<Tensor> mask_tensors(const Network& network);

/// Whether the objective is over the output weights of a ReLU network alone.
inline bool has_given_units(const nlohmann::json& objective) {
  return objective.contains("penalty") && objective["penalty"] == "output_weights";
}

/// The network of a file whose recipe and objective are known: `document` is its `network`. Throws InputError for
/// shapes that do not fit one another, the features or the outputs, and for numbers that section 4 refuses.
Network read_network(const TensorFile& file, const nlohmann::json& document, const Recipe& recipe,
                     const nlohmann::json& objective);

/// The dual point of a gated, ReLU or parallel network, `samples` rows; empty for others. Throws InputError.
Matrix read_dual(const TensorFile& file, const Network& network, long samples);
/// What proves the bounds of a ReLU network; empty for others. Throws InputError.
PolarEvidence read_evidence(const TensorFile& file, const Network& network, const Certificate& certificate);
/// What proves the bound of a linear network, of so many columns; empty for others. Throws InputError.
RankEvidence read_rank_evidence(const TensorFile& file, const Network& network, std::size_t columns);
/// All of them as tensors.
std::vector<Tensor> evidence_tensors(const Model& model);

/// The seal covers the tensors' bytes but not their names: throws InputError for a name that this kind of network
/// does not have. `polar`: whether a ReLU network's evidence is about every unit.
void require_known_tensors(const TensorFile& file, const Network& network, bool polar);

}  // namespace nadir
