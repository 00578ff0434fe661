#include "nadir/model/model_file.hpp"

#include "nadir/base/error.hpp"
#include "nadir/model/tensors.hpp"

namespace nadir {
namespace {

using nlohmann::json;

/// Section 6: evidence and network belong together.
void require_evidence(const std::string& evidence, const Network& network) {
  const nlohmann::json document = network_to_json(network);
  const std::string kind = document.at("kind");
  const bool powers = kind == "relu" && document.contains("power");
  const bool given = evidence == "given_units" && kind == "relu";
  const bool fits = given                ? true
                    : kind == "gated"    ? evidence == "dual_point"
                    : powers             ? evidence == "power_cones"
                    : kind == "relu"     ? evidence == "relu_polar" || evidence == "nonnegative_outputs"
                    : kind == "linear"   ? evidence == "reduced_rank"
                    : kind == "kernel"   ? evidence == "coefficients"
                    : kind == "parallel" ? evidence == "layer_norms" || evidence == "layer_units"
                                         : evidence == "hidden_concavity" || evidence == "box";
  if (!fits) throw InputError("the evidence '" + evidence + "' is not one of a " + kind + " network");
}

Model read_model(const SealedFile& sealed) {
  const auto& [file, document] = sealed;
  if (document.at("network").at("kind") == "factorization")
    throw InputError(
        "it holds the factorization of a matrix, which is no network; nadir inspect and nadir verify take it");
  Model model;
  model.recipe = Recipe::from_json(document.at("recipe"));
  model.objective = document.at("objective");
  model.certificate = certificate_from_json(document.at("certificate"));
  model.notes = document.at("notes");
  const std::string& evidence = model.certificate.evidence.kind;
  const bool sum = evidence == "nonnegative_outputs", given = evidence == "given_units";
  model.network = read_network(file, document.at("network"), model.recipe, model.objective);
  require_known_tensors(file, model.network, !sum && !given);
  require_evidence(evidence, model.network);
  if (given != has_given_units(model.objective))
    throw InputError("the evidence '" + evidence + "' is not that of the objective");
  if (sum && model.objective.at("kind") != "mean_loss")
    throw InputError("the evidence 'nonnegative_outputs' is not one of a penalized objective");
  if (!sum) model.dual = read_dual(file, model.network, model.certificate.samples);
  if (!sum && !given) model.evidence = read_evidence(file, model.network, model.certificate);
  model.rank = read_rank_evidence(file, model.network, model.certificate.evidence.columns.size());
  if (const Tensor* rows = find_tensor(file, "training_rows")) {
    if (!rows->boolean || rows->shape.size() != 1) throw InputError("tensor 'training_rows' is not a list of flags");
    for (const char flag : rows->bytes) model.training_rows.push_back(flag != 0);
  }
  if (const Tensor* trace = find_tensor(file, "trace")) model.trace = to_matrix(*trace);
  return model;
}

}  // namespace

void mark_training_rows(Model& model, const std::vector<Index>& rows, Index all) {
  model.training_rows.clear();
  if (static_cast<Index>(rows.size()) == all) return;
  model.training_rows.assign(static_cast<std::size_t>(all), false);
  for (const Index row : rows) model.training_rows[static_cast<std::size_t>(row)] = true;
}

std::string encode_model(const Model& model) {
  TensorFile file;
  file.tensors = weight_tensors(model.network);
  for (Tensor& tensor : evidence_tensors(model)) file.tensors.push_back(std::move(tensor));
  if (model.trace.size() > 0) file.tensors.push_back(to_tensor("trace", model.trace));
  for (Tensor& mask : mask_tensors(model.network)) file.tensors.push_back(std::move(mask));
  if (!model.training_rows.empty()) {
    Tensor rows{"training_rows", true, {model.training_rows.size()}, {}};
    for (const bool used : model.training_rows) rows.bytes.push_back(used ? 1 : 0);
    file.tensors.push_back(std::move(rows));
  }
  return seal({std::move(file),
               {{"recipe", model.recipe.to_json()},
                {"network", network_to_json(model.network)},
                {"objective", model.objective},
                {"certificate", to_json(model.certificate)},
                {"notes", model.notes}}});
}

Model decode_model(std::string_view bytes, const std::string& name) { return decode_model(unseal(bytes, name), name); }

Model decode_model(const SealedFile& sealed, const std::string& name) { return read_sealed(sealed, name, read_model); }

}  // namespace nadir
