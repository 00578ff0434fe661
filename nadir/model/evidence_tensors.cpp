#include <variant>

#include "nadir/base/error.hpp"
#include "nadir/model/tensors.hpp"

namespace nadir {
namespace {

void require_shapes(const PolarEvidence& evidence, long samples) {
  if (evidence.linear.cols() != samples || evidence.tree.cols() != 5)
    throw InputError("the evidence does not have the shape that the training rows ask for");
}

/// Of parallel sub-networks: empty where they are bounded by norms.
PolarEvidence read_units_evidence(const TensorFile& file, const Network& network, const Certificate& certificate) {
  const auto* const parallel = std::get_if<ParallelNetwork>(&network);
  const bool units = certificate.evidence.kind == "layer_units";
  if (parallel == nullptr) return {};
  PolarEvidence evidence;
  const auto take = [&](const char* name, Matrix& part, bool wanted) {
    if ((find_tensor(file, name) != nullptr) != wanted)
      throw InputError(std::string("tensor '") + name + "' is not where the evidence asks for it");
    if (wanted) part = to_matrix(need(file, name));
  };
  take("tree", evidence.tree, units), take("relaxed", evidence.relaxed, units);
  take("linear", evidence.linear, units);
  take("output_cones", evidence.output_cones, units && find_tensor(file, "output_cones") != nullptr);
  take("scalings", evidence.scalings, units && parallel->layers.size() > 2);
  if (units) require_shapes(evidence, certificate.samples);
  return evidence;
}

/// Whether a dual point goes with the network, unless its evidence is another one.
bool has_dual(const Network& network) {
  return std::holds_alternative<GatedNetwork>(network) || std::holds_alternative<ReluNetwork>(network) ||
         std::holds_alternative<ParallelNetwork>(network);
}

}  // namespace

Matrix read_dual(const TensorFile& file, const Network& network, long samples) {
  if (!has_dual(network)) return {};
  const auto* const gated = std::get_if<GatedNetwork>(&network);
  const auto* const parallel = std::get_if<ParallelNetwork>(&network);
  const Index outputs = gated != nullptr      ? gated->outputs
                        : parallel != nullptr ? parallel->outputs
                                              : std::get<ReluNetwork>(network).outputs();
  Matrix dual = to_matrix(need(file, "dual"));
  if (dual.rows() != samples || dual.cols() != outputs)
    throw InputError("the dual point does not have a row for each training row and a column for each output");
  if (!dual.allFinite()) throw InputError("an entry of the dual point is not a finite number");
  return dual;
}

PolarEvidence read_evidence(const TensorFile& file, const Network& network, const Certificate& certificate) {
  const auto* const relu = std::get_if<ReluNetwork>(&network);
  const long samples = certificate.samples;
  if (relu == nullptr) return read_units_evidence(file, network, certificate);
  PolarEvidence evidence;
  if (relu->power != 1) {
    evidence.cones = to_matrix(need(file, "cones"));
    if (evidence.cones.cols() != 4) throw InputError("the evidence does not have four columns");
    return evidence;
  }
  evidence = {to_matrix(need(file, "cells")), to_matrix(need(file, "tree")), to_matrix(need(file, "relaxed")),
              to_matrix(need(file, "linear"))};
  if (evidence.cells.cols() != samples)
    throw InputError("the evidence does not have the shape that the training rows ask for");
  require_shapes(evidence, samples);
  if (const Tensor* const cones = find_tensor(file, "output_cones")) evidence.output_cones = to_matrix(*cones);
  if (const Tensor* const cones = find_tensor(file, "simplices")) evidence.simplices = to_matrix(*cones);
  if (evidence.simplices.size() > 0 && evidence.simplices.cols() != 1 + relu->inputs())
    throw InputError("the evidence does not have a column more than there are inputs");
  return evidence;
}

RankEvidence read_rank_evidence(const TensorFile& file, const Network& network, std::size_t columns) {
  const auto* const linear = std::get_if<BiasedChain>(&network);
  if (linear == nullptr) return {};
  RankEvidence evidence{to_matrix(need(file, "triangle")), to_matrix(need(file, "relations")),
                        to_matrix(need(file, "factor"))};
  const auto r = static_cast<Index>(columns);
  if (evidence.triangle.rows() != r || evidence.triangle.cols() != r || evidence.relations.cols() != r + 1 ||
      evidence.relations.rows() != linear->chain.inputs() - r || evidence.factor.rows() != linear->chain.outputs())
    throw InputError("the evidence does not have the shape that the network and its columns ask for");
  return evidence;
}

std::vector<Tensor> evidence_tensors(const Model& model) {
  if (std::holds_alternative<BiasedChain>(model.network))
    return {to_tensor("triangle", model.rank.triangle), to_tensor("relations", model.rank.relations),
            to_tensor("factor", model.rank.factor)};
  if (!has_dual(model.network) || model.certificate.evidence.kind == "nonnegative_outputs") return {};
  std::vector<Tensor> tensors = {to_tensor("dual", model.dual)};
  const bool units = model.certificate.evidence.kind == "layer_units";
  if (model.certificate.evidence.kind == "given_units") return tensors;
  if (!std::holds_alternative<ReluNetwork>(model.network) && !units) return tensors;
  if (!units && std::get<ReluNetwork>(model.network).power != 1) {
    tensors.push_back(to_tensor("cones", model.evidence.cones));
    return tensors;
  }
  if (!units) tensors.push_back(to_tensor("cells", model.evidence.cells));
  tensors.push_back(to_tensor("tree", model.evidence.tree));
  tensors.push_back(to_tensor("relaxed", model.evidence.relaxed));
  tensors.push_back(to_tensor("linear", model.evidence.linear));
  if (model.evidence.output_cones.size() > 0) tensors.push_back(to_tensor("output_cones", model.evidence.output_cones));
  if (model.evidence.simplices.size() > 0) tensors.push_back(to_tensor("simplices", model.evidence.simplices));
  if (model.evidence.scalings.size() > 0) tensors.push_back(to_tensor("scalings", model.evidence.scalings));
  return tensors;
}

}  // namespace nadir
