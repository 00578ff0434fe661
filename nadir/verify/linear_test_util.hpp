#pragma once
// The tiny trainer and forger of deep linear networks, in long double; and what is true of them: the least loss over
// all networks of the same widths, and the bound that the evidence proves in exact numbers.
#include "nadir/verify/dense_test_util.hpp"
#include "nadir/verify/lies_test_util.hpp"

namespace nadir::verify::planted {
struct LinearModel {
  // What is trained on.
  Sources sources;
  Rows<double> features;
  std::vector<int> labels;
  std::vector<double> targets;  // where classes = 0
  std::size_t classes = 0;
  // What is written.
  std::vector<Rows<double>> layers, biases;  // a bias has one row, or none
  Rows<double> triangle, relations, factor;
  Json document;

  std::size_t outputs() const { return classes > 0 ? classes : 1; }
  std::size_t inputs() const { return features[0].size(); }
  bool biased() const {
    return std::any_of(biases.begin(), biases.end(), [](const auto& bias) { return !bias.empty(); });
  }
  std::vector<std::size_t> columns() const { return document["certificate"]["evidence"]["columns"]; }
  std::size_t narrowest() const {
    std::size_t k = inputs();
    for (const auto& layer : layers) k = std::min(k, layer.size());
    return k;
  }
  Real y(std::size_t i, std::size_t k) const {
    return classes == 0 ? targets[i] : static_cast<std::size_t>(labels[i]) == k ? 1 : 0;
  }
  /// Less their means where there are biases.
  Dense centred(std::size_t width, const std::function<Real(std::size_t, std::size_t)>& at, bool with_biases) const {
    const std::size_t n = features.size();
    Dense m = zeros(n, width);
    for (std::size_t j = 0; j < width; ++j) {
      Real mean = 0;
      for (std::size_t i = 0; i < n; ++i) mean += at(i, j) / static_cast<Real>(n);
      for (std::size_t i = 0; i < n; ++i) m[i][j] = at(i, j) - (with_biases ? mean : 0);
    }
    return m;
  }
  Dense x(const std::vector<std::size_t>& of, bool with_biases) const {
    return centred(
        of.size(), [&](std::size_t i, std::size_t j) { return static_cast<Real>(features[i][of[j]]); }, with_biases);
  }
  Dense y(bool with_biases) const {
    return centred(
        outputs(), [&](std::size_t i, std::size_t k) { return y(i, k); }, with_biases);
  }
  Real objective() const {
    Real total = 0;
    for (std::size_t i = 0; i < features.size(); ++i) {
      std::vector<Real> h(features[i].begin(), features[i].end());
      for (std::size_t l = 0; l < layers.size(); ++l) {
        std::vector<Real> next;
        for (std::size_t j = 0; j < layers[l].size(); ++j) {
          next.push_back(biases[l].empty() ? 0 : biases[l][0][j]);
          for (std::size_t m = 0; m < h.size(); ++m) next[j] += layers[l][j][m] * h[m];
        }
        h = next;
      }
      for (std::size_t k = 0; k < outputs(); ++k) total += (h[k] - y(i, k)) * (h[k] - y(i, k)) / 2;
    }
    return total / static_cast<Real>(features.size());
  }
  Real at_zero() const { return squares(y(false)) / 2 / static_cast<Real>(features.size()); }

  /// Orthonormal columns that span the (centred) features, by Gram and Schmidt, twice; and those that were needed.
  Dense basis(bool with_biases, std::vector<std::size_t>& needed) const {
    Dense q;  // by column
    for (std::size_t j = 0; j < inputs(); ++j) {
      Dense column = transposed(x({j}, with_biases), 1);
      const Real before = squares(column);
      for (int round = 0; round < 2; ++round)
        for (const auto& other : q) {
          Real inner = 0;
          for (std::size_t i = 0; i < other.size(); ++i) inner += other[i] * column[0][i];
          for (std::size_t i = 0; i < other.size(); ++i) column[0][i] -= inner * other[i];
        }
      const Real left = squares(column);
      if (!(left > 1e-28L * before) || !(before > 1e-25L)) continue;
      for (Real& entry : column[0]) entry /= std::sqrt(left);
      q.push_back(column[0]);
      needed.push_back(j);
    }
    return q;
  }
  /// The least objective over all networks of these widths.
  Real optimum(bool with_biases, std::size_t k) const {
    std::vector<std::size_t> needed;
    const Dense q = basis(with_biases, needed), target = y(with_biases), c = times(q, target);
    const std::vector<Real> values = eigen_of(times(transposed(c, outputs()), c)).values;
    Real sum = squares(target);
    for (std::size_t i = 0; i < std::min(k, values.size()); ++i) sum -= values[i];
    return sum / 2 / static_cast<Real>(features.size());
  }
  Real optimum() const { return optimum(biased(), narrowest()); }
  bool dependent() const;
  /// In exact numbers; nothing where the evidence has not its shape, or nothing follows from it.
  std::optional<Real> proven_by_evidence() const;

  void train(const std::vector<std::size_t>& hidden, bool with_biases);
  void write_claims(double target_gap = 1e-6);
  void rehash() {
    std::string bytes = "nadir-weights 4\n";
    for (const auto* matrices : {&layers, &biases})
      for (const auto& matrix : *matrices)
        for (const auto& row : matrix) bytes += bytes_of(row);
    document["certificate"]["weights_sha256"] = sha256(bytes);
  }
  std::string file() const {
    std::vector<TensorPart> parts;
    const auto add = [&](const std::string& name, const Rows<double>& rows, std::size_t width) {
      parts.push_back(matrix_part(name, rows, width));
    };
    for (std::size_t i = 0; i < layers.size(); ++i)
      add("layer." + std::to_string(i + 1), layers[i], i == 0 ? inputs() : layers[i - 1].size());
    for (std::size_t i = 0; i < biases.size(); ++i)
      if (!biases[i].empty()) add("bias." + std::to_string(i + 1), biases[i], 0);
    const Json& evidence = document["certificate"]["evidence"];
    const std::size_t r = evidence.contains("columns") ? evidence["columns"].size() : 0;
    add("triangle", triangle, r);
    add("relations", relations, r + 1);
    add("factor", factor, 0);
    return Model::sealed(document.dump(), parts);
  }
};

inline bool LinearModel::dependent() const {
  const std::vector<std::size_t> of = columns();
  std::size_t row = 0;
  for (std::size_t j = 0; j < inputs(); ++j) {
    if (std::count(of.begin(), of.end(), j) > 0) continue;
    for (const auto& sample : features) {  // exact for the short numbers that are drawn here
      Real sum = relations[row].back();
      for (std::size_t l = 0; l < of.size(); ++l) sum += static_cast<Real>(relations[row][l]) * sample[of[l]];
      if (sum != sample[j]) return false;
    }
    ++row;
  }
  return true;
}

inline std::optional<Real> LinearModel::proven_by_evidence() const {
  const std::vector<std::size_t> of = columns();
  const std::size_t r = of.size(), d = inputs();
  for (std::size_t i = 0; i < r; ++i)
    if (of[i] >= d || (i > 0 && of[i] <= of[i - 1])) return std::nullopt;
  if (triangle.size() != r || relations.size() != d - r || factor.size() != outputs()) return std::nullopt;
  for (const auto* matrix : {&triangle, &relations, &factor})
    for (const auto& row : *matrix)
      for (const double entry : row)
        if (!std::isfinite(entry)) return std::nullopt;
  Dense g = zeros(r, r), z = zeros(outputs(), factor[0].size());
  for (std::size_t i = 0; i < r; ++i)
    for (std::size_t j = 0; j < r; ++j) {
      g[i][j] = triangle[i][j];
      if ((j < i && g[i][j] != 0) || (j == i && g[i][j] == 0)) return std::nullopt;
    }
  for (const auto& row : relations)
    if (row.back() != 0 && !biased()) return std::nullopt;
  for (std::size_t k = 0; k < z.size(); ++k)
    for (std::size_t j = 0; j < z[k].size(); ++j) z[k][j] = factor[k][j];
  const Real t = from_hex(document["certificate"]["evidence"]["level"]);
  const Dense b = times(x(of, biased()), g), target = y(biased());
  Dense omega = times(transposed(b, r), b);
  for (std::size_t i = 0; i < r; ++i) omega[i][i] -= 1;
  const Real off = std::sqrt(squares(omega));
  const Dense c = times(transposed(target, outputs()), b), n = times(c, transposed(c, r)),
              zz = times(z, transposed(z, z[0].size()));
  Dense rest = zeros(outputs(), outputs());
  for (std::size_t k = 0; k < outputs(); ++k)
    for (std::size_t l = 0; l < outputs(); ++l) rest[k][l] = zz[k][l] - n[k][l] + (k == l ? t : 0);
  if (!(off < 1) || !(t >= 0) || !(eigen_of(rest).values.back() >= 0)) return std::nullopt;
  Real sum = squares(target) - (static_cast<Real>(std::min(narrowest(), r)) * t + squares(z)) / (1 - off);
  if (!dependent()) sum -= squares(target) - squares(c) / (1 + off);
  return std::max<Real>(0, sum / 2 / static_cast<Real>(features.size()));
}

/// The global minimizer, not balanced: W_1 reduces to as many numbers as there are eigenvectors to be used, the layers
/// between hand them on, and the last one leads out. And its evidence.
inline void LinearModel::train(const std::vector<std::size_t>& hidden, bool with_biases) {
  std::vector<std::size_t> needed;
  const Dense q = basis(with_biases, needed), target = y(with_biases);
  const std::size_t r = needed.size(), n = features.size(), outs = outputs();
  std::size_t k = std::min(outs, inputs());
  for (const std::size_t width : hidden) k = std::min(k, width);
  // X_J = Q^T R with R upper triangular, and G its inverse, column by column.
  const Dense upper = times(q, x(needed, with_biases));
  Dense g = zeros(r, r);
  for (std::size_t j = 0; j < r; ++j)
    for (std::size_t i = j + 1; i-- > 0;) {
      Real sum = i == j ? 1 : 0;
      for (std::size_t l = i + 1; l <= j; ++l) sum -= upper[i][l] * g[l][j];
      g[i][j] = sum / upper[i][i];
    }
  const Dense c = transposed(times(q, target), outs);  // K x r
  const Eigen spectrum = eigen_of(times(c, transposed(c, r)));
  const Real scale = squares(target) + 1e-30L, level = (k < outs ? spectrum.values[k] : 0) + 1e-12L * scale;
  const auto rounded = [](const Dense& m) {
    Rows<double> result;
    for (const auto& row : m) result.emplace_back(row.begin(), row.end());
    return result;
  };
  triangle = rounded(g);
  factor.assign(outs, {});
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t l = 0; l < outs; ++l)
      factor[l].push_back(static_cast<double>(
          std::sqrt(std::max<Real>(0, spectrum.values[i] - level + 1e-12L * scale)) * spectrum.vectors[i][l]));
  relations.clear();
  for (std::size_t j = 0; j < inputs(); ++j) {
    if (std::count(needed.begin(), needed.end(), j) > 0) continue;
    const Dense h = times(g, times(q, x({j}, with_biases)));
    auto& row = relations.emplace_back();
    Real constant = features[0][j];
    for (std::size_t l = 0; l < r; ++l) {
      row.push_back(static_cast<double>(std::round(h[l][0])));
      constant -= static_cast<Real>(row[l]) * features[0][needed[l]];
    }
    row.push_back(with_biases ? static_cast<double>(constant) : 0);
  }
  // R* = U U^T C G^T on the columns needed.
  const Dense out(spectrum.vectors.begin(), spectrum.vectors.begin() + static_cast<std::ptrdiff_t>(k));  // k x K
  const Dense in = times(times(out, c), transposed(g, r));                                               // k x r
  std::vector<std::size_t> widths = hidden;
  widths.insert(widths.begin(), inputs());
  widths.push_back(outs);
  layers.clear();
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    Rows<double>& layer = layers.emplace_back(widths[l + 1], std::vector<double>(widths[l]));
    const bool first = l == 0, last = l + 2 == widths.size();
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t a = 0; a < widths[l + 1]; ++a)
        for (std::size_t b = 0; b < (first ? r : widths[l]); ++b)
          layer[a][first ? needed[b] : b] += static_cast<double>((last     ? out[i][a]
                                                                  : a == i ? 1
                                                                           : 0) *
                                                                 (first    ? in[i][b]
                                                                  : b == i ? 1
                                                                           : 0));
  }
  biases.assign(layers.size(), {});
  if (with_biases) {
    std::vector<double> bias;
    for (std::size_t o = 0; o < outs; ++o) {
      Real mean = 0;
      for (std::size_t i = 0; i < n; ++i) {
        Real f = 0;
        for (std::size_t i2 = 0; i2 < k; ++i2)
          for (std::size_t b = 0; b < r; ++b) f += out[i2][o] * in[i2][b] * features[i][needed[b]];
        mean += (y(i, o) - f) / static_cast<Real>(n);
      }
      bias.push_back(static_cast<double>(mean));
    }
    biases.back() = {bias};
  }
  document["certificate"]["evidence"] = {
      {"kind", "reduced_rank"}, {"columns", needed}, {"level", hex(static_cast<double>(level))}};
}

/// What an honest trainer states: with a margin for rounding.
inline void LinearModel::write_claims(double target_gap) {
  const Real f = objective(), zero = at_zero(), margin = 1e-10L * (zero + 1e-300L);
  const auto upper = static_cast<double>(f + 1e-12L * (1 + f)),
             lower = static_cast<double>(std::max<Real>(0, proven_by_evidence().value() - margin));
  const std::vector<std::uint64_t> extents{features.size(), inputs()};
  std::string bytes = std::string("nadir-features ") + (classes == 0 ? "2\n" : "1\n") + bytes_of(extents);
  for (const auto& row : features) bytes += bytes_of(row);
  bytes += classes == 0 ? bytes_of(targets) : bytes_of(labels);
  document["certificate"].update(claims_between(upper, lower, static_cast<double>(zero), target_gap));
  document["certificate"].update({{"samples", features.size()}, {"features_sha256", sha256(bytes)}});
  rehash();
}

/// Samples (a, b) of short numbers; with `extra` columns also a + b, 1 and 3: dependent, next to biases the constants
/// as well. A quantity, or so many classes.
inline LinearModel linear_case(std::size_t classes, const std::vector<std::size_t>& hidden, bool biases, bool extra,
                               double shift = 0, std::size_t samples = 14) {
  LinearModel model;
  model.classes = classes;
  const char* const names[] = {"no", "yes", "maybe"};
  model.sources.data = extra ? "a,b,s,one,three,y\n" : "a,b,y\n";
  for (std::size_t i = 0; i < samples; ++i) {
    const int u = static_cast<int>(i * 37 % 31) - 15, v = static_cast<int>(i * 53 % 29) - 14;
    const double a = u / 8.0 + shift, b = v / 8.0, quantity = a / 2 - b + 0.25 * static_cast<double>(i % 3) - shift / 4;
    std::vector<double> row{a, b};
    if (extra) row.insert(row.end(), {a + b, 1, 3});
    char cell[40];
    for (const double value : row) {
      std::snprintf(cell, sizeof cell, "%.17g,", value);
      model.sources.data += cell;
    }
    std::snprintf(cell, sizeof cell, "%.17g", quantity);
    if (classes == 0) model.targets.push_back(quantity);
    if (classes > 0) model.labels.push_back(u * v > 0 ? 0 : classes == 3 && u > 0 ? 2 : 1);
    model.sources.data += classes == 0 ? cell : names[model.labels.back()];
    model.sources.data += "\n";
    model.features.push_back(row);
  }
  const int width = static_cast<int>(model.inputs());
  Json target = {{"column", width}, {"name", "y"}};
  if (classes == 0) target.update({{"offset", hex(0)}, {"range", hex(1)}});
  for (std::size_t r = 0; r < classes; ++r) target["classes"].push_back(names[r]);
  Json columns = Json::array();
  const char* const titles[] = {"a", "b", "s", "one", "three"};
  for (int j = 0; j < width; ++j) columns.push_back(numeric(j, titles[j], 0, 1));
  model.document = {{"version", 1},
                    {"program", "planted"},
                    {"notes", Json::object()},
                    {"network", {{"kind", "linear"}}},
                    {"objective", {{"kind", "mean_loss"}, {"loss", {{"kind", "squared"}}}}},
                    {"recipe",
                     {{"source", {{"format", "csv"}, {"delimiter", ","}, {"header", true}, {"columns", width + 1}}},
                      {"target", target},
                      {"columns", columns},
                      {"clip", false},
                      {"map", "identity"},
                      {"complement", false},
                      {"bias", false}}}};
  model.train(hidden, biases);
  model.write_claims();
  return model;
}

inline Verdict verdict_on(const LinearModel& model) { return verify(model.file(), model.sources); }
inline double number(const LinearModel& model, const std::string& key) {
  return from_hex(model.document["certificate"][key]);
}
/// States another number, with the gap that follows from it.
inline void restate(LinearModel& model, const std::string& key, double value) {
  Json& certificate = model.document["certificate"];
  certificate[key] = hex(value);
  const double gap = (number(model, "objective") - number(model, "lower_bound")) /
                     (number(model, "objective_at_zero") - number(model, "lower_bound"));
  certificate["relative_gap"] = hex(gap);
  certificate["claim"] = gap <= number(model, "target_gap") ? "certified" : "bounded";
}

/// Why the model says what is false or unproved, beyond what rounding could explain; nothing if it does not. The data
/// and the recipe are as they were made.
inline std::optional<std::string> lie_in(const LinearModel& model) {
  const auto stated = [&](const char* key) { return static_cast<Real>(number(model, key)); };
  const Real objective = stated("objective"), lower = stated("lower_bound"), zero = stated("objective_at_zero"),
             gap = stated("relative_gap"), target = stated("target_gap");
  for (const auto* matrices : {&model.layers, &model.biases})
    for (const auto& matrix : *matrices)
      for (const auto& row : matrix)
        for (const double entry : row)
          if (!std::isfinite(entry)) return "not finite";
  const Real f = model.objective(), margin = 2e-12L * (1 + f);
  if (!(f <= objective + margin && objective <= f + 1e-9L * (1 + f) + margin)) return "objective";
  if (!(std::fabs(zero - model.at_zero()) <= 1e-11L * zero)) return "zero";
  const Real truth = (objective - lower) / std::max<Real>(zero - lower, 0x1p-1022L);
  if (!(objective >= lower && std::fabs(gap - truth) <= 1e-14L + 1e-11L * truth)) return "gap";
  if ((model.document["certificate"]["claim"] == "certified") != (gap <= target)) return "claim";
  if (!(lower <= model.optimum() + 1e-14L * zero)) return "a better network";
  const std::optional<Real> proven = model.proven_by_evidence();
  if (!proven) return "evidence";
  if (!(lower <= *proven + 1e-13L * zero)) return "bound";
  return std::nullopt;
}
inline void expect_accepted(const LinearModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
  EXPECT_EQ(verdict.checks.size(), 11U);
  EXPECT_EQ(lie_in(model).value_or("none"), "none");
}
inline double told_bound(const Verdict& verdict) {
  const std::string& text = verdict.checks[9].detail;
  const std::size_t only = text.find("proven only ");
  return std::strtod(text.c_str() + (only == std::string::npos ? text.find("proven ") + 7 : only + 12), nullptr);
}

}  // namespace nadir::verify::planted
