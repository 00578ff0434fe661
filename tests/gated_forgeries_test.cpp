// Thousands of forged gated models, with every hash and every sum made to agree again: none may be accepted. Honest
// pairs come from the trainer. What makes a forgery false is decided without the verifier, by lie_in(), with the
// trainer's arithmetic and margins that rounding cannot reach.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "nadir/base/hexfloat.hpp"
#include "nadir/base/random.hpp"
#include "nadir/convex/fit.hpp"
#include "nadir/convex/group_problem.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/path/objective_json.hpp"
#include "nadir/path/path.hpp"
#include "nadir/verify/verify.hpp"
#include "tests/honest.hpp"

namespace nadir {
namespace {

using nlohmann::json;

struct GatedPair {
  std::string name, data;
  Model model;
  LossKind loss = LossKind::squared;
  double delta = 1;
};

GatedNetwork& gated(Model& model) { return std::get<GatedNetwork>(model.network); }

/// A quantity that depends on two columns, one of them in words.
std::string quantities() {
  std::string text = "a,job,b,y\n";
  Random random(3);
  for (int i = 0; i < 80; ++i) {
    const double a = random.uniform(-2, 2), b = random.uniform(0, 9);
    const bool clerk = random.integer(0, 1) == 0;
    const double y = 30 + 5 * std::max(0.0, a) - 2 * std::max(0.0, b - 4) + (clerk ? 3 : 0) + random.uniform(-0.5, 0.5);
    text += std::to_string(a) + (clerk ? ",clerk," : ",smith,") + std::to_string(b) + "," + std::to_string(y) + "\n";
  }
  return text;
}

GatedPair honest_gated(const std::string& name, const std::string& data, const std::string& target,
                       const std::string& loss, double lambda, int every = 0, const std::string& weights = "",
                       const std::string& penalty = "group") {
  ReadOptions read;
  read.format = "csv", read.delimiter = ",", read.header = "yes", read.target = target;
  const Table table = read_table_from_bytes(data, name, read);
  std::vector<Index> rows;
  for (Index row = 0; row < table.rows; ++row)
    if (every == 0 || row % every != 0) rows.push_back(row);
  RecipeOptions recipe;
  recipe.scale = "standard";
  convex::GatedOptions options;
  options.loss = loss, options.lambda = lambda, options.gates = 25, options.huber_delta = 0.7;
  options.penalty = penalty, options.weights = weights, options.class_weights = weights.empty() ? "none" : "balanced";
  convex::GatedFit fit = convex::fit(table, rows, recipe, options, 1, 1, {});
  GatedPair pair{name, data, {}, fit.goal.loss, fit.goal.huber_delta};
  pair.model.recipe = fit.recipe;
  pair.model.network = fit.network;
  pair.model.dual = fit.dual;
  pair.model.objective = path::objective_to_json(fit.goal, fit.lambda, penalty);
  pair.model.certificate = fit.certificate;
  if (every != 0) {
    pair.model.training_rows.assign(static_cast<std::size_t>(table.rows), false);
    for (const Index row : rows) pair.model.training_rows[static_cast<std::size_t>(row)] = true;
  }
  return pair;
}

const std::vector<GatedPair>& pairs() {
  static const std::vector<GatedPair> all = {
      honest_gated("iris, softmax", set_of("iris"), "class", "softmax", 0.02),
      honest_gated("seeds, softmax, rows kept out", set_of("seeds"), "class", "softmax", 0.05, 4),
      honest_gated("haberman, logistic", set_of("haberman"), "class", "logistic", 0.01),
      honest_gated("iris, squared, rows kept out", set_of("iris"), "class", "squared", 0.02, 7),
      honest_gated("haberman, logistic, weighted", set_of("haberman"), "class", "logistic", 0.02, 3, "1"),
      honest_gated("iris, softmax, nuclear", set_of("iris"), "class", "softmax", 0.02, 0, "", "nuclear"),
      honest_gated("quantities, squared, l1", quantities(), "y", "squared", 0.01, 0, "", "l1"),
      honest_gated("haberman, logistic, features", set_of("haberman"), "class", "logistic", 0.05, 0, "", "features"),
      honest_gated("untidy, squared hinge", untidy_set(), "class", "squared_hinge", 0.02),
      honest_gated("quantities, squared", quantities(), "y", "squared", 0.01),
      honest_gated("quantities, huber, rows kept out", quantities(), "y", "huber", 0.02, 5),
  };
  return all;
}

/// The training rows as features, or what the recipe refuses.
Dataset features_of_pair(const GatedPair& pair) {
  ReadOptions read;
  read.format = "csv", read.delimiter = ",", read.header = "yes", read.target = pair.model.recipe.target_name;
  const Table table = read_table_from_bytes(pair.data, pair.name, read);
  const std::vector<bool>& flags = pair.model.training_rows;
  std::vector<Index> rows;
  for (Index row = 0; row < table.rows; ++row)
    if (flags.empty() || flags.at(static_cast<std::size_t>(row))) rows.push_back(row);
  if (!flags.empty() && static_cast<Index>(flags.size()) != table.rows) throw InputError("flags do not fit the rows");
  Dataset dataset = apply_recipe(pair.model.recipe, table, rows);
  Weighting weighting;
  const json weights = pair.model.objective.value("weights", json::object());
  weighting.column = weights.value("column", Index{-1});
  for (const std::string& of_class : weights.value("classes", std::vector<std::string>()))
    weighting.classes.push_back(from_hex(of_class));
  dataset.weights = weights_of(weighting, table, rows, dataset.labels);
  return dataset;
}

void reseal_gated(GatedPair& pair) {
  pair.model.certificate.weights_sha256 = weights_sha256(gated(pair.model));
  try {
    pair.model.certificate.features_sha256 = features_sha256(features_of_pair(pair));
  } catch (const std::exception&) {
    return;  // the recipe refuses these data: no features, no hash
  }
}

/// Why the pair says what is false or unproved, beyond what rounding could explain; nothing if it does not.
std::optional<std::string> lie_in_gated(const GatedPair& pair) try {
  const Certificate& c = pair.model.certificate;
  const Dataset dataset = features_of_pair(pair);
  const GatedNetwork& network = std::get<GatedNetwork>(pair.model.network);
  if (c.samples != dataset.samples()) return "samples";
  if ((c.claim == Claim::certified) != (c.relative_gap <= c.target_gap)) return "claim";
  if (!(c.target_gap > 0 && c.target_gap < 1)) return "target";
  if (std::abs(c.relative_gap - relative_gap(c.objective, c.lower_bound, c.objective_at_zero)) >
      1e-14 + 1e-11 * c.relative_gap)
    return "gap";
  const TrainingLoss loss = path::loss_of({pair.loss, pair.delta, dataset.classes(), {}}, dataset);
  if (std::abs(c.objective_at_zero - loss.value_at_zero()) > 1e-11 * c.objective_at_zero) return "zero";
  if (!network.weights.allFinite() || !network.gates.allFinite()) return "not finite";
  const double lambda = from_hex(pair.model.objective["lambda"].get<std::string>());
  const convex::Penalty penalty = convex::penalty_named(pair.model.objective["penalty"]);
  const Matrix f = outputs(network, dataset.features);
  std::vector<Group> groups;
  for (Index g = 0; g < network.weights.rows(); ++g) groups.push_back({g / network.outputs, g % network.outputs});
  const double F = loss.value(f) + lambda * convex::norm_of(penalty, groups, network.weights),
               margin = 1e-11 * (1 + std::abs(F));
  if (!(F <= c.objective + margin && F >= c.objective - 1e-9 * (1 + std::abs(F)) - margin)) return "objective";
  Matrix G = pair.model.dual;
  if (G.rows() != dataset.samples() || G.cols() != loss.outputs() || !G.allFinite()) return "dual point";
  if (pair.loss == LossKind::softmax)
    for (Index i = 0; i < G.rows(); ++i) {
      double& own = G(i, dataset.labels[static_cast<std::size_t>(i)]);
      if (own != 0) return "own class";
      own = -G.row(i).sum();
    }
  if (!(loss.dual_value(G, 1 - 1e-12) > -1e300)) return "domain";
  const Patterns patterns(dataset.features, network.gates);
  const double q = convex::polar_of_all(penalty, MaskedProducts(dataset.features, patterns, 1), G).whole;
  const double most = q > lambda ? lambda / q : 1;
  if (c.lower_bound > loss.dual_value(G, most) + 10 * margin) return "bound";
  return std::nullopt;
} catch (const std::exception& error) {
  return error.what();
}

using Forgery = std::function<void(GatedPair&, Random&)>;

double size_of_change(Random& random) { return std::pow(10.0, -random.integer(1, 7)); }

double& any_entry(Matrix& matrix, Random& random) {
  return matrix.data()[random.integer(0, static_cast<int>(matrix.size()) - 1)];
}

/// The data with one cell of one row changed, the header left alone.
void change_cell(GatedPair& pair, Random& random, bool target) {
  std::vector<std::string> lines;
  std::stringstream text(pair.data);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  std::string& line = lines[static_cast<std::size_t>(random.integer(1, static_cast<int>(lines.size()) - 1))];
  const std::string& other = lines[static_cast<std::size_t>(random.integer(1, static_cast<int>(lines.size()) - 1))];
  const auto cut = [target](const std::string& l) { return target ? l.rfind(',') + 1 : l.find(',') + 1; };
  line = target ? line.substr(0, cut(line)) + other.substr(cut(other))
                : other.substr(0, other.find(',')) + line.substr(line.find(','));
  pair.data.clear();
  for (const std::string& l : lines) pair.data += l + "\n";
}

void scale_lambda(GatedPair& pair, double factor) {
  json& lambda = pair.model.objective["lambda"];
  lambda = to_hex(from_hex(lambda.get<std::string>()) * factor);
}

/// Of the data, and of what is said about them.
std::map<std::string, Forgery> forgeries_of_data() {
  return {
      {"weights left out", [](GatedPair& p, Random&) { p.model.objective.erase("weights"); }},
      {"weights of another column",
       [](GatedPair& p, Random&) {
         if (p.model.objective.contains("weights")) p.model.objective["weights"]["column"] = 1;
       }},
      {"weight of a class changed",
       [](GatedPair& p, Random& r) {
         if (!p.model.objective.contains("weights")) return;
         json& weight = p.model.objective["weights"]["classes"][static_cast<std::size_t>(r.integer(0, 1))];
         weight = to_hex(from_hex(weight.get<std::string>()) * (1 + size_of_change(r)));
       }},
      {"cell changed", [](GatedPair& p, Random& r) { change_cell(p, r, false); }},
      {"target cell changed", [](GatedPair& p, Random& r) { change_cell(p, r, true); }},
      {"scale of a column changed",
       [](GatedPair& p, Random& r) {
         auto& columns = p.model.recipe.columns;
         ColumnRecipe& column = columns[static_cast<std::size_t>(r.integer(0, static_cast<int>(columns.size()) - 1))];
         if (column.kind == ColumnKind::numeric) column.range *= 1 + size_of_change(r);
       }},
      {"scale of the target changed",
       [](GatedPair& p, Random& r) {
         if (p.model.recipe.quantity) p.model.recipe.quantity->offset *= 1 + size_of_change(r);
       }},
      {"classes exchanged",
       [](GatedPair& p, Random&) {
         auto& classes = p.model.recipe.classes;
         if (classes.size() > 1) std::swap(classes.front(), classes.back());
       }},
  };
}

std::map<std::string, Forgery> forgeries() {
  std::map<std::string, Forgery> all = {
      {"bound raised",
       [](GatedPair& p, Random& r) {
         Certificate& c = p.model.certificate;
         c.lower_bound += (r.integer(0, 1) == 0 ? c.objective - c.lower_bound : 1.0) * size_of_change(r);
         restate_gap(c);
       }},
      {"objective lowered",
       [](GatedPair& p, Random& r) {
         Certificate& c = p.model.certificate;
         c.objective -= size_of_change(r);
         c.lower_bound = std::min(c.lower_bound, c.objective);
         restate_gap(c);
       }},
      {"gap understated", [](GatedPair& p, Random& r) { p.model.certificate.relative_gap *= r.uniform(0, 0.99); }},
      {"target changed",
       [](GatedPair& p, Random& r) {
         p.model.certificate.target_gap = r.integer(0, 1) == 0 ? p.model.certificate.relative_gap / 2 : 1.5;
       }},
      {"objective at zero changed",
       [](GatedPair& p, Random& r) {
         p.model.certificate.objective_at_zero *= 1 + size_of_change(r);
         restate_gap(p.model.certificate);
       }},
      {"weight changed", [](GatedPair& p, Random& r) { any_entry(gated(p.model).weights, r) += size_of_change(r); }},
      {"weights scaled", [](GatedPair& p, Random& r) { gated(p.model).weights *= 1 - size_of_change(r); }},
      {"weights of two gates exchanged",
       [](GatedPair& p, Random& r) {
         Matrix& weights = gated(p.model).weights;
         const auto any = [&] { return static_cast<Index>(r.integer(0, static_cast<int>(weights.rows()) - 1)); };
         weights.row(any()).swap(weights.row(any()));
       }},
      {"gate changed", [](GatedPair& p, Random& r) { any_entry(gated(p.model).gates, r) *= r.uniform(-2, 2); }},
      {"gate turned",
       [](GatedPair& p, Random& r) {
         Matrix& gates = gated(p.model).gates;
         gates.row(r.integer(0, static_cast<int>(gates.rows()) - 1)) *= -1;
       }},
      {"dual entry changed",
       [](GatedPair& p, Random& r) {
         any_entry(p.model.dual, r) *= 1 + (r.integer(0, 1) == 0 ? 1 : -1) * size_of_change(r);
       }},
      {"dual entry turned", [](GatedPair& p, Random& r) { any_entry(p.model.dual, r) *= -1; }},
      {"dual point scaled out of its domain", [](GatedPair& p, Random& r) { p.model.dual *= r.uniform(2, 90); }},
      {"dual point scaled down", [](GatedPair& p, Random& r) { p.model.dual *= 1 - size_of_change(r); }},
      {"own class filled in",
       [](GatedPair& p, Random& r) {
         any_entry(p.model.dual, r) = r.uniform(-1, 1) / static_cast<double>(p.model.dual.rows());
       }},
      {"not a number in the dual point", [](GatedPair& p, Random& r) { any_entry(p.model.dual, r) = std::nan(""); }},
      {"lambda lowered", [](GatedPair& p, Random& r) { scale_lambda(p, 1 - size_of_change(r)); }},
      {"lambda raised", [](GatedPair& p, Random& r) { scale_lambda(p, 1 + size_of_change(r)); }},
      {"another penalty",
       [](GatedPair& p, Random&) {
         json& penalty = p.model.objective["penalty"];
         penalty = penalty == "group" ? "nuclear" : "group";
       }},
      {"samples miscounted", [](GatedPair& p, Random&) { ++p.model.certificate.samples; }},
  };
  all.merge(forgeries_of_data());
  return all;
}

verify::Verdict verdict_on(const GatedPair& pair) { return verify::verify(encode_model(pair.model), {pair.data, {}}); }

TEST(GatedForgeries, BeginWithHonestPairs) {
  for (const GatedPair& pair : pairs()) {
    std::string told;
    const verify::Verdict verdict = verdict_on(pair);
    for (const auto& check : verdict.checks) told += check.passed ? "" : check.name + ": " + check.detail + "\n";
    EXPECT_TRUE(verdict.accepted) << pair.name << "\n" << told;
    EXPECT_EQ(lie_in_gated(pair).value_or("none"), "none") << pair.name;
    EXPECT_EQ(pair.model.certificate.claim, Claim::certified) << pair.name;
  }
}

TEST(GatedForgeriesLong, AreRefused) {
  constexpr int tries = 45;
  Random random(77);
  std::map<std::string, int> refused, by_check;
  int total = 0;
  for (const auto& [name, forge] : forgeries())
    for (const GatedPair& pair : pairs())
      for (int k = 0; k < tries; ++k) {
        GatedPair forged = pair;
        forge(forged, random);
        reseal_gated(forged);
        const std::optional<std::string> lie = lie_in_gated(forged);
        if (!lie) continue;  // still true: a change too small to matter, or of nothing
        const verify::Verdict verdict = verdict_on(forged);
        EXPECT_FALSE(verdict.accepted) << name << ", " << pair.name << ": " << *lie;
        for (const auto& check : verdict.checks)
          if (!check.passed) {
            ++by_check[check.name];
            break;
          }
        ++refused[name], ++total;
      }
  for (const auto& [name, count] : refused) std::printf("%6d  %s\n", count, name.c_str());
  for (const auto& [name, count] : by_check) std::printf("%6d  first refused by %s\n", count, name.c_str());
  std::printf("%6d  forgeries\n", total);
  EXPECT_GE(total, 4500);
  EXPECT_EQ(refused.size(), forgeries().size());
}

}  // namespace
}  // namespace nadir
