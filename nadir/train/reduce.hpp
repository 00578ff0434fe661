#pragma once
// A model of a two-layer network with fewer units: the same predictions on its training rows, and no larger norm.
#include <nlohmann/json.hpp>
#include <string>

#include "nadir/data/table.hpp"
#include "nadir/model/model_file.hpp"

namespace nadir::train {

struct ReducedModel {
  Model model;  ///< with the old lower bounds and evidence, and the objective of the new network
  Index units_before = 0, units = 0;
  double objective_before = 0;
  double change = 0;  ///< the largest of an output at a training row
};

/// `table`: read for the model's recipe. Throws InputError where the network is none of ReLU units or their powers,
/// where its units are given, and where the table's training rows are not those of the certificate.
ReducedModel reduce(const Model& model, const Table& table, int threads);

nlohmann::json to_json(const ReducedModel& told, const std::string& model);

}  // namespace nadir::train
