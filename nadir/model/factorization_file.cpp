#include "nadir/model/factorization_file.hpp"

#include <span>

#include "nadir/base/error.hpp"
#include "nadir/base/hexfloat.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/model/tensors.hpp"

namespace nadir {
namespace {

using nlohmann::json;

std::string norm_name(bool l1) { return l1 ? "l1" : "l2"; }

json source_to_json(const Source& source) {
  json told = {{"format", source.format}, {"columns", source.columns}};
  if (source.format == "csv") told.update({{"delimiter", std::string(1, source.delimiter)}, {"header", source.header}});
  if (source.format == "npz") told["array"] = source.array;
  return told;
}

Source source_from_json(const json& told) {
  Source source;
  source.format = told.at("format").get<std::string>();
  source.columns = told.at("columns").get<Index>();
  if (source.format == "csv") {
    const auto delimiter = told.at("delimiter").get<std::string>();
    if (delimiter.size() != 1) throw InputError("the delimiter is not one byte");
    source.delimiter = delimiter[0], source.header = told.at("header").get<bool>();
  }
  if (source.format == "npz") source.array = told.at("array").get<std::string>();
  return source;
}

FactorizationModel read_factorization_model(const SealedFile& sealed) {
  const auto& [file, document] = sealed;
  if (document.at("network").at("kind") != "factorization") throw InputError("it is no factorization");
  FactorizationModel model;
  model.source = source_from_json(document.at("recipe").at("source"));
  model.left = to_matrix(need(file, "left")), model.right = to_matrix(need(file, "right"));
  const json& objective = document.at("objective");
  model.penalty.lambda = from_hex(objective.at("lambda").get<std::string>());
  for (std::size_t k = 0; k < 2; ++k) {
    model.penalty.l1[k] = objective.at("norms").at(k) == "l1";
    model.penalty.non_negative[k] = objective.at("non_negative").at(k).get<bool>();
  }
  model.certificate = certificate_from_json(document.at("certificate"));
  model.notes = document.at("notes");
  FactorEvidence& evidence = model.evidence;
  for (const auto& [name, part] : {std::pair{"dual", &evidence.dual},
                                   {"above", &evidence.above},
                                   {"left_added", &evidence.left_added},
                                   {"right_added", &evidence.right_added}})
    if (const Tensor* const tensor = find_tensor(file, name)) *part = to_matrix(*tensor);
  if (model.left.cols() != model.right.cols() || evidence.dual.rows() != model.left.rows() ||
      evidence.dual.cols() != model.right.rows())
    throw InputError("the factors and the dual point do not fit one another");
  return model;
}

}  // namespace

std::string encode_factorization(const FactorizationModel& model) {
  SealedFile sealed;
  std::vector<Tensor>& tensors = sealed.file.tensors;
  tensors = {to_tensor("left", model.left), to_tensor("right", model.right), to_tensor("dual", model.evidence.dual)};
  for (const auto& [name, part] : {std::pair{"above", &model.evidence.above},
                                   {"left_added", &model.evidence.left_added},
                                   {"right_added", &model.evidence.right_added}})
    if (part->size() > 0) tensors.push_back(to_tensor(name, *part));
  const FactorPenalty& penalty = model.penalty;
  sealed.document = {{"recipe", {{"source", source_to_json(model.source)}}},
                     {"network", {{"kind", "factorization"}}},
                     {"objective",
                      {{"kind", "factorization"},
                       {"lambda", to_hex(penalty.lambda)},
                       {"norms", {norm_name(penalty.l1[0]), norm_name(penalty.l1[1])}},
                       {"non_negative", {penalty.non_negative[0], penalty.non_negative[1]}}}},
                     {"certificate", to_json(model.certificate)},
                     {"notes", model.notes}};
  return seal(std::move(sealed));
}

bool is_factorization(const SealedFile& sealed) {
  const json::json_pointer kind("/network/kind");
  return sealed.document.contains(kind) && sealed.document.at(kind) == "factorization";
}

bool is_factorization(std::string_view bytes) {
  try {
    return is_factorization(unseal(bytes, ""));
  } catch (const std::exception&) {
    return false;
  }
}

FactorizationModel decode_factorization(std::string_view bytes, const std::string& name) {
  return decode_factorization(unseal(bytes, name), name);
}

FactorizationModel decode_factorization(const SealedFile& sealed, const std::string& name) {
  return read_sealed(sealed, name, read_factorization_model);
}

std::string matrix_sha256(const Matrix& Y) {
  const std::uint64_t shape[] = {static_cast<std::uint64_t>(Y.rows()), static_cast<std::uint64_t>(Y.cols())};
  Sha256 hash;
  hash.add("nadir-features 5\n");
  hash.add(std::as_bytes(std::span(shape)));
  hash.add(Y);
  return hash.finish();
}

std::string factors_sha256(const Matrix& left, const Matrix& right) {
  Sha256 hash;
  hash.add("nadir-weights 7\n");
  hash.add(left), hash.add(right);
  return hash.finish();
}

}  // namespace nadir
