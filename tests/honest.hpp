#pragma once
// Honest pairs of data and model, made by the trainer, and a judge of what a changed pair says: whether it is still
// true. The judge computes with the trainer's arithmetic and never asks the verifier.
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "nadir/base/error.hpp"
#include "nadir/base/hexfloat.hpp"
#include "nadir/base/random.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/spectral/architecture_json.hpp"
#include "nadir/spectral/concavity.hpp"
#include "nadir/spectral/fit.hpp"

namespace nadir {

struct Pair {
  std::string name;
  std::string data;  ///< a CSV
  Model model;
};

inline std::string set_of(const std::string& name) {
  std::ifstream file(std::string(NADIR_SOURCE_DIR) + "/data/" + name + ".csv", std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Text columns and missing cells, of both kinds.
inline std::string untidy_set() {
  std::string text = "length,job,width,class\n";
  Random random(7);
  const std::vector<std::string> jobs = {"smith", "clerk", "miller", "NA"};
  for (int row = 0; row < 60; ++row) {
    const int label = row % 3 == 0 ? 0 : 1;
    text += std::to_string(10 * label + random.integer(0, 12)) + ",";
    text += jobs[static_cast<std::size_t>(random.integer(label, 3))] + ",";
    text += (row % 7 == 3 ? "?" : std::to_string(random.integer(0, 90) - 40 * label)) + ",";
    text += label == 0 ? "no\n" : "yes\n";
  }
  return text;
}

/// Every network of these pairs is of this kind.
inline PolynomialNetwork& polynomial(Model& model) { return std::get<PolynomialNetwork>(model.network); }
inline const PolynomialNetwork& polynomial(const Model& model) { return std::get<PolynomialNetwork>(model.network); }

inline ReadOptions csv_with_class() {
  ReadOptions read;
  read.format = "csv", read.delimiter = ",", read.header = "yes", read.target = "class";
  return read;
}

/// `every`: each so-manieth row is not trained on; 0: all are.
inline Pair honest(const std::string& name, std::string data, const spectral::SpectralOptions& options, int every = 0,
                   const RecipeOptions& recipe = {}) {
  const Table table = read_table_from_bytes(data, name, csv_with_class());
  std::vector<Index> rows;
  for (Index row = 0; row < table.rows; ++row)
    if (every == 0 || row % every != 0) rows.push_back(row);
  const spectral::Fit fit = spectral::fit(table, rows, recipe, options, 1, 1, {});
  Model model;
  model.recipe = fit.recipe;
  model.network = fit.result.network;
  model.objective = spectral::objective_to_json(fit.architecture);
  model.certificate = fit.result.certificate;
  if (every != 0) {
    model.training_rows.assign(static_cast<std::size_t>(table.rows), false);
    for (const Index row : rows) model.training_rows[static_cast<std::size_t>(row)] = true;
  }
  return {name, std::move(data), std::move(model)};
}

inline std::vector<Pair> honest_pairs() {
  const auto with = [](const auto& change) {
    spectral::SpectralOptions options;
    options.model = "given", options.hidden = {6}, options.rho_w = 5;
    change(options);
    return options;
  };
  using S = spectral::SpectralOptions;
  RecipeOptions unit;
  unit.scale = "unit";
  std::vector<Pair> pairs;
  pairs.push_back(honest("iris, dense", set_of("iris"), with([](S&) {})));
  pairs.push_back(honest("iris, two layers", set_of("iris"), with([](S& s) { s.hidden = {4, 3}, s.rho_u = {2, 1}; })));
  pairs.push_back(honest("haberman, masks, unit norms", set_of("haberman"),
                         with([](S& s) { s.mask = "random", s.norm = "unit", s.bias = true; })));
  pairs.push_back(honest("haberman, single, complement, bias", set_of("haberman"), with([](S& s) {
                           s.mask = "single", s.norm = "unit", s.bias = s.complement = true, s.epsilon = 1e-3;
                         })));
  pairs.push_back(honest("haberman, rows kept out, roots", set_of("haberman"), with([](S& s) { s.map = "root"; }), 5));
  pairs.push_back(honest("iris, rows kept out, two layers, masks", set_of("iris"), with([](S& s) {
                           s.hidden = {4, 4}, s.mask = "random", s.mask_density = 0.7, s.norm = "unit";
                         }),
                         4));
  pairs.push_back(honest("seeds, scaled as one", set_of("seeds"), with([](S&) {}), 0, unit));
  pairs.push_back(
      honest("seeds, published", set_of("seeds"), with([](S& s) { s.model = "published", s.draws = 2, s.folds = 2; })));
  pairs.push_back(honest("haberman, best", set_of("haberman"), with([](S& s) { s.model = "best", s.folds = 2; })));
  pairs.push_back(honest("untidy", untidy_set(), with([](S& s) { s.bias = true; })));
  pairs.push_back(honest("untidy, two layers", untidy_set(), with([](S& s) { s.hidden = {3, 3}, s.alpha = {1}; }), 6));
  pairs.push_back(honest("iris, ended early", set_of("iris"), with([](S& s) { s.max_iterations = 3; })));
  pairs.push_back(honest("seeds, ended early", set_of("seeds"), with([](S& s) {
                           s.max_iterations = 2, s.hidden = {3, 3}, s.complement = true;
                         })));
  pairs.push_back(honest("box", "a,b,class\n0.1,0.5,no\n0.4,0.2,yes\n0.7,0.1,yes\n0.3,0.6,no\n", with([](S& s) {
                           s.hidden = {2}, s.p_rule = "given", s.p_u = {2.8}, s.p_w = 2.8, s.epsilon = 0.1;
                           s.rho_u = {0.5}, s.rho_w = 0.5;
                         })));
  return pairs;
}

inline Dataset features_of(const Model& model, const std::string& data) {
  const Table table = read_table_from_bytes(data, "data", csv_with_class());
  std::vector<Index> rows;
  for (Index row = 0; row < table.rows; ++row)
    if (model.training_rows.empty() || model.training_rows.at(static_cast<std::size_t>(row))) rows.push_back(row);
  if (!model.training_rows.empty() && static_cast<Index>(model.training_rows.size()) != table.rows)
    throw InputError("flags do not fit the rows");
  return apply_recipe(model.recipe, table, rows, Sign::non_negative);
}

/// Makes hashes and the gap agree with everything else, so that only the mathematics can tell.
inline void reseal(Model& model, const std::string& data) {
  model.certificate.weights_sha256 = weights_sha256(polynomial(model));
  try {
    model.certificate.features_sha256 = features_sha256(features_of(model, data));
  } catch (const std::exception&) {
    return;  // the recipe refuses these data: no features, no hash
  }
}

inline void restate_gap(Certificate& c) {
  c.relative_gap = relative_gap(c.objective, c.lower_bound, c.objective_at_zero);
  c.claim = c.relative_gap <= c.target_gap ? Claim::certified : Claim::bounded;
}

/// The bound of section 6.1 at the network, to within some roundings.
inline double tangent_bound(const spectral::Packing& packing, const Vector& z, const Vector& gain, double objective) {
  for (const spectral::Block& block : packing.blocks()) {
    double peak = 0, inner = 0;
    for (Index j = block.first; j < block.first + block.count; ++j) {
      peak = std::max(peak, gain[j] * z[j] * std::pow(block.radius / z[j], block.p));
      inner += gain[j] * z[j];
    }
    objective -= (peak - inner) / block.p;
  }
  return objective;
}

/// Why the pair says what is false, or what its evidence does not prove; nothing if it does not, or by too little to
/// be sure.
inline std::optional<std::string> lie_in(const Model& model, const std::string& data) {
  try {
    const Certificate& c = model.certificate;
    const Dataset dataset = features_of(model, data);
    const spectral::Architecture architecture = spectral::architecture_from_json(model.objective, polynomial(model));
    if (c.samples != dataset.samples()) return "samples";
    if ((c.claim == Claim::certified) != (c.relative_gap <= c.target_gap)) return "claim";
    if (!(c.target_gap > 0 && c.target_gap < 1)) return "target";
    if (std::abs(c.relative_gap - relative_gap(c.objective, c.lower_bound, c.objective_at_zero)) >
        1e-14 + 1e-11 * c.relative_gap)
      return "gap";
    const bool concave = c.evidence.kind == "hidden_concavity";
    if (concave && spectral::degree(architecture) > 1 + 1e-12) return "degree";
    spectral::Objective objective(architecture, dataset.features, dataset.labels, 1);
    const spectral::Packing& packing = objective.packing();
    Vector gain, z = packing.pack(polynomial(model));
    for (const PolynomialLayer& layer : polynomial(model).hidden)
      for (Index i = 0; i < layer.mask.size(); ++i)
        if (!layer.mask.data()[i] && layer.weights.data()[i] != 0) return "masked weight";
    if (!z.allFinite() || (z.array() < 0).any() || (concave && (z.array() == 0).any())) return "weights";
    const double f = objective.evaluate(polynomial(model), gain).objective, margin = 1e-12 * (1 + std::abs(f));
    if (f > c.objective + margin || f < c.objective - 1e-9 * (1 + std::abs(f)) - margin) return "objective";
    if (c.lower_bound > f + margin) return "bound above the objective";
    if (concave && c.lower_bound > tangent_bound(packing, z, gain, f) + 10 * margin) return "bound";
    for (const spectral::Block& block : packing.blocks()) {
      const double norm = std::exp(spectral::log_norm(z.segment(block.first, block.count).array().log(), block.p));
      if (norm > block.radius * (1 + 1e-11)) return "norm";
      if (norm > 0) z.segment(block.first, block.count) *= block.radius * (1 - 1e-14) / norm;
    }
    PolynomialNetwork better = polynomial(model);  // every norm filled: a network that the bound speaks of
    packing.unpack(z, better);
    if (objective.evaluate(better, gain).objective < c.lower_bound - margin) return "a better network";
    return std::nullopt;
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace nadir
