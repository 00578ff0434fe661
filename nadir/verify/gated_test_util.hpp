#pragma once
// The tiny trainer and forger of gated networks: accelerated proximal gradients in long double.
#include "nadir/verify/penalties_test_util.hpp"

namespace nadir::verify::planted {
/// The hash of weights: a title, and the rows of these matrices.
inline std::string hash_of(std::string bytes, const std::vector<const Rows<double>*>& matrices) {
  for (const Rows<double>* matrix : matrices)
    for (const auto& row : *matrix) bytes += bytes_of(row);
  return sha256(bytes);
}

struct GatedModel {
  // What is trained on.
  Sources sources;
  Rows<double> features, gates;
  std::vector<int> labels;
  std::vector<double> targets;  // where classes = 0
  std::size_t classes = 0;
  std::string loss = "squared";
  std::string penalty = "group";
  double lambda = 0.05, delta = 0;
  std::vector<double> weights_of_rows;  // none: all count alike
  // What is written.
  Rows<double> weights, dual;  // (active K) x d, n x K
  Json document;
  std::optional<std::vector<std::uint8_t>> training_rows;

  bool one_hot() const { return loss == "squared" && classes > 0; }
  std::size_t outputs() const { return loss == "softmax" || one_hot() ? classes : 1; }
  Real y(std::size_t i) const { return classes == 0 ? targets[i] : labels[i] == 1 ? 1 : -1; }
  Real share(std::size_t i) const {
    if (weights_of_rows.empty()) return 1 / static_cast<Real>(features.size());
    Real sum = 0;
    for (const double weight : weights_of_rows) sum += weight;
    return weights_of_rows[i] / sum;
  }
  bool open(std::size_t p, std::size_t i) const {  // exact for the short numbers that are drawn here
    Real sum = 0;
    for (std::size_t j = 0; j < gates[p].size(); ++j) sum += static_cast<Real>(gates[p][j]) * features[i][j];
    return sum >= 0;
  }

  Real loss_at(std::size_t i, const std::vector<Real>& f, std::vector<Real>& gradient) const;
  /// -l*(-h)
  Real dual_value(std::size_t i, const std::vector<Real>& h) const;
  /// F at weights of the first v.size() / K gates, and the gradient of the data term by f.
  Real objective(const Rows<Real>& v, Rows<Real>& gradient) const;
  /// X^T D_p g_k for all gates.
  Rows<Real> adjoint(const Rows<Real>& g) const;
  Rows<Real> full_dual() const;  // with a row's own class
  Real lower_bound() const;      // from `dual`
  void train(int iterations);
  void write_claims(double target_gap = 1e-9);
  /// What is claimed of a network of any kind, between these numbers.
  void state_claims(Real upper, Real lower, double target_gap, const Json& evidence) {
    Rows<Real> unused;
    const auto above = static_cast<double>(upper), below = static_cast<double>(lower),
               at_zero = static_cast<double>(objective({}, unused));
    document["certificate"].update(claims_between(above, below, at_zero, target_gap));
    document["certificate"].update({{"samples", features.size()}, {"evidence", evidence}});
  }

  void rehash_weights() {
    document["certificate"]["weights_sha256"] = hash_of("nadir-weights 2\n", {&gates, &weights});
  }
  void rehash_features() {
    const std::vector<std::uint64_t> extents{features.size(), features[0].size()};
    const std::size_t title = (classes == 0 ? 2U : 1U) + (weights_of_rows.empty() ? 0U : 2U);
    std::string bytes = "nadir-features " + std::to_string(title) + "\n" + bytes_of(extents);
    for (const auto& row : features) bytes += bytes_of(row);
    bytes += classes == 0 ? bytes_of(targets) : bytes_of(labels);
    document["certificate"]["features_sha256"] = sha256(bytes + bytes_of(weights_of_rows));
  }
  std::vector<TensorPart> tensors() const {
    std::vector<TensorPart> parts;
    const auto add = [&](const std::string& name, const Rows<double>& rows, std::size_t columns) {
      parts.push_back(matrix_part(name, rows, columns));
    };
    add("gates", gates, features[0].size());
    add("weights", weights, features[0].size());
    add("dual", dual, outputs());
    if (training_rows) parts.push_back({"training_rows", "BOOL", {training_rows->size()}, bytes_of(*training_rows)});
    return parts;
  }
  std::string bytes() const { return Model::sealed(document.dump(), tensors()); }
};

inline Real GatedModel::loss_at(std::size_t i, const std::vector<Real>& f, std::vector<Real>& gradient) const {
  gradient.assign(f.size(), 0);
  if (loss == "softmax") {
    const auto own = static_cast<std::size_t>(labels[i]);
    Real sum = 0;
    for (const Real value : f) sum += std::exp(value - f[own]);
    for (std::size_t r = 0; r < f.size(); ++r) gradient[r] = std::exp(f[r] - f[own]) / sum - (r == own ? 1 : 0);
    return std::log(sum);
  }
  if (one_hot()) {
    Real sum = 0;
    for (std::size_t r = 0; r < f.size(); ++r) {
      gradient[r] = f[r] - (static_cast<int>(r) == labels[i] ? 1 : 0);
      sum += gradient[r] * gradient[r] / 2;
    }
    return sum;
  }
  const Real r = f[0] - y(i), m = y(i) * f[0];
  if (loss == "logistic") {
    gradient[0] = -y(i) / (1 + std::exp(m));
    return m > 0 ? std::log1p(std::exp(-m)) : -m + std::log1p(std::exp(m));
  }
  if (loss == "squared_hinge") {
    const Real missing = std::max<Real>(0, 1 - m);
    gradient[0] = -y(i) * missing;
    return missing * missing / 2;
  }
  const bool inside = loss == "squared" || std::fabs(r) <= delta;
  gradient[0] = inside ? r : r > 0 ? delta : -delta;
  return inside ? r * r / 2 : delta * std::fabs(r) - static_cast<Real>(delta) * delta / 2;
}

inline Real GatedModel::dual_value(std::size_t i, const std::vector<Real>& h) const {
  const auto entropy = [](Real t) { return t > 0 ? -t * std::log(t) : 0; };
  if (loss == "softmax") {
    Real value = 0, own = 1;
    for (std::size_t r = 0; r < h.size(); ++r) {
      if (static_cast<int>(r) == labels[i]) continue;
      value += entropy(-h[r]);
      own += h[r];
    }
    return value + entropy(own);
  }
  if (one_hot()) {
    Real value = h[static_cast<std::size_t>(labels[i])];
    for (const Real entry : h) value -= entry * entry / 2;
    return value;
  }
  if (loss == "logistic") return entropy(y(i) * h[0]) + entropy(1 - y(i) * h[0]);
  return h[0] * y(i) - h[0] * h[0] / 2;  // for the squared hinge as well, as y y = 1
}

inline Real GatedModel::objective(const Rows<Real>& v, Rows<Real>& gradient) const {
  const std::size_t n = features.size(), k = outputs();
  Real total = 0;
  gradient.assign(n, {});
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<Real> f(k);
    for (std::size_t g = 0; g < v.size(); ++g)
      for (std::size_t j = 0; open(g / k, i) && j < v[g].size(); ++j) f[g % k] += v[g][j] * features[i][j];
    total += loss_at(i, f, gradient[i]) * share(i);
    for (Real& value : gradient[i]) value *= share(i);
  }
  return total + lambda * omega(penalty, k, v);
}

inline Rows<Real> GatedModel::adjoint(const Rows<Real>& g) const {
  const std::size_t k = outputs();
  Rows<Real> result(gates.size() * k, std::vector<Real>(features[0].size()));
  for (std::size_t group = 0; group < result.size(); ++group)
    for (std::size_t i = 0; i < features.size(); ++i)
      for (std::size_t j = 0; open(group / k, i) && j < features[i].size(); ++j)
        result[group][j] += features[i][j] * g[i][group % k];
  return result;
}

inline Rows<Real> GatedModel::full_dual() const {
  Rows<Real> g;
  for (std::size_t i = 0; i < dual.size(); ++i) {
    g.emplace_back(dual[i].begin(), dual[i].end());
    Real others = 0;
    for (const Real value : g[i]) others += value;
    if (loss == "softmax") g[i][static_cast<std::size_t>(labels[i])] = -others;
  }
  return g;
}

inline Real GatedModel::lower_bound() const {
  Rows<Real> g = full_dual();
  const Real q = polar(penalty, outputs(), adjoint(g));
  Real sum = 0;
  const Real scale = std::min<Real>(1 - 0x1p-42L, lambda / q);
  for (std::size_t i = 0; i < g.size(); ++i) {
    for (Real& value : g[i]) value *= scale / share(i);
    sum += dual_value(i, g[i]) * share(i);
  }
  return sum;
}

/// Also puts the active gates first.
inline void GatedModel::train(int iterations) {
  const std::size_t k = outputs(), d = features[0].size();
  Real curvature = 0;
  for (std::size_t i = 0; i < features.size(); ++i)
    for (std::size_t p = 0; p < gates.size(); ++p)
      for (const Real x : features[i]) curvature += open(p, i) ? x * x * share(i) : 0;
  Rows<Real> v(gates.size() * k, std::vector<Real>(d)), ahead = v, gradient;
  Real momentum = 1;
  for (int step = 0; step < iterations; ++step) {
    objective(ahead, gradient);
    const Rows<Real> slope = adjoint(gradient);
    const Rows<Real> before = v;
    Real turn = 0;
    for (std::size_t g = 0; g < v.size(); ++g)
      for (std::size_t j = 0; j < d; ++j) v[g][j] = ahead[g][j] - slope[g][j] / curvature;
    shrink(penalty, k, v, lambda / curvature);
    for (std::size_t g = 0; g < v.size(); ++g)
      for (std::size_t j = 0; j < d; ++j) turn += (ahead[g][j] - v[g][j]) * (v[g][j] - before[g][j]);
    const Real next = turn > 0 ? 1 : (1 + std::sqrt(1 + 4 * momentum * momentum)) / 2;
    for (std::size_t g = 0; g < v.size(); ++g)
      for (std::size_t j = 0; j < d; ++j)
        ahead[g][j] = v[g][j] + (turn > 0 ? 0 : (momentum - 1) / next) * (v[g][j] - before[g][j]);
    momentum = next;
  }
  const auto is_active = [&](std::size_t p) {
    Real size = 0;
    for (std::size_t g = p * k; g < (p + 1) * k; ++g) size += norm(v[g]);
    return size > 0;
  };
  Rows<double> active, inactive;
  weights.clear();
  for (std::size_t p = 0; p < gates.size(); ++p) {
    (is_active(p) ? active : inactive).push_back(gates[p]);
    for (std::size_t g = p * k; is_active(p) && g < (p + 1) * k; ++g) weights.emplace_back(v[g].begin(), v[g].end());
  }
  gates = active;
  gates.insert(gates.end(), inactive.begin(), inactive.end());
}

/// The dual point of the weights, and what an honest trainer states: with a margin for rounding.
inline void GatedModel::write_claims(double target_gap) {
  Rows<Real> v, gradient;
  for (const auto& row : weights) v.emplace_back(row.begin(), row.end());
  const Real f = objective(v, gradient);
  dual.assign(features.size(), {});
  for (std::size_t i = 0; i < features.size(); ++i)
    for (std::size_t r = 0; r < outputs(); ++r)
      dual[i].push_back(loss == "softmax" && static_cast<int>(r) == labels[i] ? 0
                                                                              : static_cast<double>(-gradient[i][r]));
  const Real bound = lower_bound(), room = 1e-12L * (1 + f);
  state_claims(f + room, bound - room, target_gap, {{"kind", "dual_point"}});
  rehash_weights();
  rehash_features();
}

/// Everything but the recipe, which must be there.
inline void finish(GatedModel& model, int iterations = 3000) {
  model.document["version"] = 1;
  model.document["program"] = "planted";
  model.document["network"] = {{"kind", "gated"}};
  Json loss = {{"kind", model.loss}};
  if (model.loss == "huber") loss["delta"] = hex(model.delta);
  model.document["objective"].update(
      {{"kind", "penalized"}, {"loss", loss}, {"lambda", hex(model.lambda)}, {"penalty", model.penalty}});
  model.document["notes"] = Json::object();
  model.train(iterations);
  model.write_claims();
}

/// A fourth column, w, of these numbers: what the rows weigh. To be finished anew.
inline void add_weight_column(GatedModel& model, const std::vector<double>& weights) {
  model.weights_of_rows = weights;
  model.document["objective"]["weights"]["column"] = 3;
  Json& recipe = model.document["recipe"];
  recipe["source"]["columns"] = 4;
  recipe["columns"].push_back({{"index", 3}, {"name", "w"}, {"kind", "ignored"}});
  std::string& text = model.sources.data;
  std::size_t end = text.find('\n');
  text.insert(end, ",w");
  for (const double weight : weights) {
    char cell[40];
    std::snprintf(cell, sizeof cell, ",%.17g", weight);
    end = text.find('\n', text.find('\n', end) + 1);
    text.insert(end, cell);
  }
}
enum class Weights { none, column, classes, both };
inline void weigh(GatedModel& model, Weights kind) {
  std::vector<double> column;
  for (std::size_t i = 0; i < model.features.size(); ++i) column.push_back(0.25 + static_cast<double>(i * 5 % 7));
  if (kind == Weights::column || kind == Weights::both) add_weight_column(model, column);
  if (kind == Weights::none || kind == Weights::column) return;
  const std::vector<double> of_class{0.5, 2, 3};
  model.weights_of_rows.resize(model.features.size(), 1);
  for (std::size_t r = 0; r < model.classes; ++r)
    model.document["objective"]["weights"]["classes"].push_back(hex(of_class[r]));
  for (std::size_t i = 0; i < model.labels.size(); ++i)
    model.weights_of_rows[i] *= of_class[static_cast<std::size_t>(model.labels[i])];
}

/// Samples (a, b, 1) of short numbers; a loss, and the classes it needs or a quantity around 2 in units of 4.
inline GatedModel gated_case(const std::string& loss, std::size_t classes, std::size_t samples = 12,
                             int iterations = 3000, Weights weighting = Weights::none) {
  GatedModel model;
  model.loss = loss;
  model.classes = classes;
  if (loss == "huber") model.delta = 0.125;
  const char* const names[] = {"no", "yes", "maybe"};
  model.sources.data = "a,b,y\n";
  for (std::size_t i = 0; i < samples; ++i) {
    const int u = static_cast<int>(i * 37 % 31) - 15, v = static_cast<int>(i * 53 % 29) - 14;
    const double a = u / 8.0, b = v / 8.0, quantity = 2 + 4 * (std::fabs(a) + b / 2);
    model.features.push_back({a, b, 1});
    char line[100];
    std::snprintf(line, sizeof line, "%.17g,%.17g,", a, b);
    model.sources.data += line;
    if (classes == 0) {
      model.targets.push_back((quantity - 2) / 4);
      std::snprintf(line, sizeof line, "%.17g", quantity);
      model.sources.data += line;
    } else {
      model.labels.push_back(u * v > 0 ? 0 : classes == 3 && u > 0 ? 2 : 1);
      model.sources.data += names[model.labels.back()];
    }
    model.sources.data += "\n";
  }
  model.gates = {{1, 0, 0.25}, {-1, 0.5, 0}, {0, 1, -0.5}, {0, 0, 0}, {0.5, -1, 0.125}, {-1, -1, 0}, {0.75, 1, -3}};
  Json target = {{"column", 2}, {"name", "y"}};
  if (classes == 0) {
    target["offset"] = hex(2);
    target["range"] = hex(4);
  } else {
    for (std::size_t r = 0; r < classes; ++r) target["classes"].push_back(names[r]);
  }
  model.document["recipe"] = {{"source", {{"format", "csv"}, {"delimiter", ","}, {"header", true}, {"columns", 3}}},
                              {"target", target},
                              {"columns", {numeric(0, "a", 0, 1), numeric(1, "b", 0, 1)}},
                              {"clip", false},
                              {"map", "identity"},
                              {"complement", false},
                              {"bias", true}};
  weigh(model, weighting);
  finish(model, iterations);
  return model;
}

/// A gate with which the polar of the model's dual point, as `polar` has it, is above lambda; empty if there is none.
template <class OfModel>
std::vector<double> tempting_gate(const GatedModel& model, OfModel polar) {
  std::vector<double> tempting;
  for (double a = -2; a <= 2; a += 0.5)
    for (double b = -2; b <= 2; b += 0.5)
      for (double c = -2; c <= 2; c += 0.5) {
        GatedModel wide = model;
        wide.gates.push_back({a, b, c});
        if (polar(wide) > wide.lambda * 1.001) tempting = {a, b, c};
      }
  return tempting;
}

inline const std::vector<std::pair<const char*, std::size_t>> kLosses = {
    {"squared", 0}, {"huber", 0},   {"logistic", 2}, {"squared_hinge", 2},
    {"softmax", 2}, {"softmax", 3}, {"squared", 2},  {"squared", 3}};
inline Verdict verdict_on(const GatedModel& model) { return verify(model.bytes(), model.sources); }
/// The bound that the check `bound` says it proves, whether that is enough or not.
inline double proven_bound(const Verdict& verdict) {
  const std::string& text = verdict.checks[9].detail;
  const std::size_t only = text.find("proven only ");
  return std::strtod(text.c_str() + (only == std::string::npos ? text.find("proven ") + 7 : only + 12), nullptr);
}
inline double number(const GatedModel& model, const std::string& key) {
  return from_hex(model.document["certificate"][key]);
}
/// States another number, with the gap that follows from it.
inline void restate(GatedModel& model, const std::string& key, double value) {
  Json& certificate = model.document["certificate"];
  certificate[key] = hex(value);
  const double lower = number(model, "lower_bound");
  const double gap = (number(model, "objective") - lower) / (number(model, "objective_at_zero") - lower);
  certificate["relative_gap"] = hex(gap);
  certificate["claim"] = gap <= number(model, "target_gap") ? "certified" : "bounded";
}
inline void expect_accepted(const GatedModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
  EXPECT_EQ(verdict.checks.size(), 11U);
}

}  // namespace nadir::verify::planted
