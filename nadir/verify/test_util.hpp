#pragma once
// A tiny trainer of its own, in long double, that makes valid (data, model) pairs to be tested and to be falsified.
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "nadir/verify/verify.hpp"

namespace nadir::verify::planted {
using Json = nlohmann::json;
using Real = long double;
template <class T>
using Rows = std::vector<std::vector<T>>;

inline std::string hex(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%a", value);
  return text;
}
inline double from_hex(const Json& value) { return std::strtod(value.get<std::string>().c_str(), nullptr); }

inline std::string sha256(const std::string& bytes) {
  unsigned char digest[32];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  std::string text;
  char two[3];
  for (const unsigned char byte : digest) {
    std::snprintf(two, sizeof two, "%02x", byte);
    text += two;
  }
  return text;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

struct TensorPart {
  std::string name, dtype;
  std::vector<std::size_t> shape;
  std::string bytes;
};

/// A matrix as a tensor; `columns` where it has no rows.
inline TensorPart matrix_part(const std::string& name, const Rows<double>& rows, std::size_t columns) {
  std::string bytes;
  for (const auto& row : rows) bytes += bytes_of(row);
  return {name, "F64", {rows.size(), rows.empty() ? columns : rows[0].size()}, bytes};
}

/// What is claimed between these numbers.
inline Json claims_between(double upper, double lower, double at_zero, double target_gap) {
  const double gap = (upper - lower) / (at_zero - lower);
  return {{"claim", gap <= target_gap ? "certified" : "bounded"},
          {"objective", hex(upper)},
          {"lower_bound", hex(lower)},
          {"objective_at_zero", hex(at_zero)},
          {"relative_gap", hex(gap)},
          {"target_gap", hex(target_gap)}};
}

/// The file of a header and a data section, nothing checked.
inline std::string file_of(std::string header, const std::string& data) {
  while (header.size() % 8 != 0) header += ' ';
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), 8) + header + data;
}

/// Layers of a network: z[layer][unit][input]; the last is the output.
using Network = std::vector<Rows<Real>>;

struct Model {
  // What is trained on.
  Sources sources;
  Rows<double> features;
  std::vector<int> labels;
  int classes = 2;
  // The network and its norms; the last entries of p, radius, per_unit, mask are the output's.
  Rows<double> exponents;
  Rows<double> p;
  std::vector<double> radius;
  std::vector<bool> per_unit;
  std::vector<Rows<int>> mask;  // by hidden layer; empty: all exist
  double epsilon = 1e-3;
  // What is written.
  std::vector<Rows<double>> weights;
  Json document;
  std::optional<std::vector<std::uint8_t>> training_rows;

  bool exists(std::size_t j, std::size_t k, std::size_t m) const {
    return j >= mask.size() || mask[j].empty() || mask[j][k][m] == 1;
  }
  std::size_t units(std::size_t j) const {
    return j < exponents.size() ? exponents[j].size() : static_cast<std::size_t>(classes);
  }
  std::size_t inputs(std::size_t j) const { return j == 0 ? features[0].size() : exponents[j - 1].size(); }
  double p_of(std::size_t j, std::size_t k) const { return p[j][per_unit[j] ? k : 0]; }

  /// -F and its gradient.
  Real phi(const Network& z, Network& gradient) const;
  /// Norms of the blocks: sum of z^p over each.
  void for_each_block(
      const std::function<void(std::size_t, double, double, std::vector<std::pair<std::size_t, std::size_t>>)>&) const;
  /// The fixed-point map, damped on a logarithmic scale.
  void train(int iterations);
  Real lower_bound(const Network& z) const;
  Network as_network() const;
  void write_claims(double target_gap);

  std::string weights_bytes() const;
  void rehash_weights() { document["certificate"]["weights_sha256"] = sha256("nadir-weights 1\n" + weights_bytes()); }
  void rehash_features();
  std::vector<TensorPart> tensors() const;
  std::string bytes() const { return sealed(document.dump(), tensors()); }
  static std::string sealed(const std::string& text, const std::vector<TensorPart>& parts);
};

inline Real Model::phi(const Network& z, Network& gradient) const {
  const std::size_t hidden = exponents.size(), n = features.size();
  gradient = z;
  for (auto& layer : gradient)
    for (auto& row : layer) std::fill(row.begin(), row.end(), epsilon);
  Real total = 0;
  for (const auto& layer : z)
    for (const auto& row : layer)
      for (const Real weight : row) total += epsilon * weight;
  for (std::size_t i = 0; i < n; ++i) {
    Rows<Real> a{std::vector<Real>(features[i].begin(), features[i].end())}, slope{{}};
    for (std::size_t j = 0; j <= hidden; ++j) {
      std::vector<Real> sum, derivative;
      for (std::size_t k = 0; k < units(j); ++k) {
        Real g = 0;
        for (std::size_t m = 0; m < inputs(j); ++m) g += z[j][k][m] * a[j][m];
        const Real alpha = j < hidden ? exponents[j][k] : 1;
        sum.push_back(std::pow(g, alpha));
        derivative.push_back(alpha == 1 ? 1 : alpha * std::pow(g, alpha - 1));
      }
      a.push_back(sum);
      slope.push_back(derivative);
    }
    const std::vector<Real>& f = a.back();
    const auto y = static_cast<std::size_t>(labels[i]);
    Real sum = 0, outputs = 0;
    for (const Real value : f) {
      sum += std::exp(value - f[y]);
      outputs += value;
    }
    total += (outputs - std::log(sum)) / static_cast<Real>(n);
    std::vector<Real> delta;
    for (std::size_t r = 0; r < f.size(); ++r)
      delta.push_back((1 + (r == y ? 1 : 0) - std::exp(f[r] - f[y]) / sum) / static_cast<Real>(n));
    for (std::size_t j = hidden + 1; j-- > 0;) {
      std::vector<Real> below(inputs(j), 0);
      for (std::size_t k = 0; k < units(j); ++k)
        for (std::size_t m = 0; m < inputs(j); ++m) {
          gradient[j][k][m] += delta[k] * a[j][m];
          below[m] += delta[k] * z[j][k][m] * (j > 0 ? slope[j][m] : 0);
        }
      delta = below;
    }
  }
  return total;
}

inline void Model::for_each_block(
    const std::function<void(std::size_t, double, double, std::vector<std::pair<std::size_t, std::size_t>>)>& visit)
    const {
  for (std::size_t j = 0; j <= exponents.size(); ++j) {
    std::vector<std::pair<std::size_t, std::size_t>> entries;
    for (std::size_t k = 0; k < units(j); ++k) {
      for (std::size_t m = 0; m < inputs(j); ++m)
        if (exists(j, k, m)) entries.emplace_back(k, m);
      if (!per_unit[j] && k + 1 < units(j)) continue;
      visit(j, p_of(j, k), radius[j], entries);
      entries.clear();
    }
  }
}

inline void Model::train(int iterations) {
  Network z, gradient;
  for (std::size_t j = 0; j <= exponents.size(); ++j) {
    z.emplace_back(units(j), std::vector<Real>(inputs(j), 0));
    for (std::size_t k = 0; k < units(j); ++k)
      for (std::size_t m = 0; m < inputs(j); ++m) z[j][k][m] = exists(j, k, m) ? 0.3L + 0.1L * ((k + 2 * m) % 3) : 0;
  }
  for (int step = 0; step <= iterations; ++step) {
    phi(z, gradient);
    for_each_block([&](std::size_t j, double exponent, double rho, const auto& entries) {
      const Real q = exponent / (exponent - 1.0L);
      Real norm = 0, size = 0;
      for (const auto& [k, m] : entries) norm += std::pow(gradient[j][k][m], q);
      for (const auto& [k, m] : entries) {
        const Real image = rho * std::pow(std::pow(gradient[j][k][m], q) / norm, 1.0L / exponent);
        if (step < iterations) z[j][k][m] = std::sqrt(z[j][k][m] * image);
        size += std::pow(z[j][k][m] / rho, exponent);
      }
      // The last step only scales to the sphere, and a little inside.
      if (step == iterations)
        for (const auto& [k, m] : entries)
          z[j][k][m] *= std::pow(size, -1 / static_cast<Real>(exponent)) * (1 - 1e-14L);
    });
  }
  weights.clear();
  for (const auto& layer : z) {
    weights.emplace_back();
    for (const auto& row : layer) weights.back().emplace_back(row.begin(), row.end());
  }
}

inline Network Model::as_network() const {
  Network z;
  for (const auto& layer : weights) {
    z.emplace_back();
    for (const auto& row : layer) z.back().emplace_back(row.begin(), row.end());
  }
  return z;
}

inline Real Model::lower_bound(const Network& z) const {
  Network gradient;
  Real bound = -phi(z, gradient);
  for_each_block([&](std::size_t j, double exponent, double rho, const auto& entries) {
    Real peak = -HUGE_VALL, inner = 0;
    for (const auto& [k, m] : entries) {
      const Real log_z = std::log(z[j][k][m]);
      peak =
          std::max(peak, std::log(gradient[j][k][m]) + log_z + exponent * (std::log(static_cast<Real>(rho)) - log_z));
      inner += gradient[j][k][m] * z[j][k][m];
    }
    bound -= (std::exp(peak) - inner) / exponent;
  });
  return bound;
}

inline std::string Model::weights_bytes() const {
  std::string bytes;
  for (const auto& layer : weights)
    for (const auto& row : layer) bytes += bytes_of(row);
  for (const auto& layer : mask)
    for (const auto& row : layer)
      for (const int flag : row) bytes += static_cast<char>(flag);
  return bytes;
}

inline void Model::rehash_features() {
  const std::vector<std::uint64_t> extents{features.size(), features[0].size()};
  std::string bytes = "nadir-features 1\n" + bytes_of(extents);
  for (const auto& row : features) bytes += bytes_of(row);
  document["certificate"]["features_sha256"] = sha256(bytes + bytes_of(labels));
}

inline std::vector<TensorPart> Model::tensors() const {
  std::vector<TensorPart> parts;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    std::string bytes;
    for (const auto& row : weights[j]) bytes += bytes_of(row);
    const std::string name = j + 1 == weights.size() ? "output" : "hidden." + std::to_string(j + 1);
    parts.push_back({name, "F64", {weights[j].size(), weights[j][0].size()}, bytes});
  }
  for (std::size_t j = 0; j < mask.size(); ++j) {
    if (mask[j].empty()) continue;
    std::string bytes;
    for (const auto& row : mask[j])
      for (const int flag : row) bytes += static_cast<char>(flag);
    parts.push_back({"mask." + std::to_string(j + 1), "BOOL", {mask[j].size(), mask[j][0].size()}, bytes});
  }
  if (training_rows) parts.push_back({"training_rows", "BOOL", {training_rows->size()}, bytes_of(*training_rows)});
  return parts;
}

inline std::string Model::sealed(const std::string& text, const std::vector<TensorPart>& parts) {
  std::string data;
  Json header;
  for (const TensorPart& part : parts) {
    header[part.name] = {{"dtype", part.dtype}, {"shape", part.shape}};
    header[part.name]["data_offsets"] = {data.size(), data.size() + part.bytes.size()};
    data += part.bytes;
  }
  header["__metadata__"] = {{"format", "nadir-model 1"}, {"nadir", text}, {"sha256", sha256(text + data)}};
  return file_of(header.dump(), data);
}

/// Objective, bound and gap as an honest trainer states them: with a margin for rounding.
inline void Model::write_claims(double target_gap) {
  Network gradient;
  const Network z = as_network();
  const Real f = -phi(z, gradient), bound = lower_bound(z);
  const auto objective = static_cast<double>(f + 1e-12L * (1 + std::fabs(f)));
  const auto lower = static_cast<double>(bound - 1e-12L * (1 + std::fabs(bound)));
  const double at_zero = std::log(static_cast<double>(classes)), gap = (objective - lower) / (at_zero - lower);
  document["certificate"] = {{"claim", gap <= target_gap ? "certified" : "bounded"},
                             {"objective", hex(objective)},
                             {"lower_bound", hex(lower)},
                             {"objective_at_zero", hex(at_zero)},
                             {"relative_gap", hex(gap)},
                             {"target_gap", hex(target_gap)},
                             {"samples", features.size()},
                             {"evidence", {{"kind", "hidden_concavity"}}}};
  rehash_weights();
  rehash_features();
}

/// Everything but the recipe, which must be there, from what the model holds.
inline void finish(Model& model, int iterations = 400, double target_gap = 1e-9) {
  Json network_layers = Json::array(), norms = Json::array();
  for (std::size_t j = 0; j < model.exponents.size(); ++j) {
    Json exponents = Json::array(), p = Json::array();
    for (const double alpha : model.exponents[j]) exponents.push_back(hex(alpha));
    for (const double value : model.p[j]) p.push_back(hex(value));
    network_layers.push_back({{"exponents", exponents}});
    norms.push_back({{"norm", model.per_unit[j] ? "unit" : "matrix"}, {"p", p}, {"radius", hex(model.radius[j])}});
  }
  model.p.back().assign(static_cast<std::size_t>(model.classes), model.p.back()[0]);
  model.per_unit.back() = true;
  model.document["version"] = 1;
  model.document["program"] = "planted";
  model.document["network"] = {{"kind", "polynomial"}, {"hidden", network_layers}};
  model.document["objective"] = {{"kind", "softmax_minus_outputs"},
                                 {"epsilon", hex(model.epsilon)},
                                 {"hidden", norms},
                                 {"output", {{"p", hex(model.p.back()[0])}, {"radius", hex(model.radius.back())}}}};
  model.document["notes"] = Json::object();
  model.train(iterations);
  model.write_claims(target_gap);
}

inline Json numeric(int index, const std::string& name, double offset, double range, const Json& missing = nullptr) {
  return {{"index", index},        {"name", name},        {"kind", "numeric"},
          {"offset", hex(offset)}, {"range", hex(range)}, {"missing", missing}};
}

/// Case A of the reference values (and B with other norms): four samples, two features, two classes.
inline Model case_a(double p_hidden = 42, double p_output = 24, double radius = 1, double output_radius = 1) {
  Model model;
  model.sources.data = "a,b,class\n0.1,0.5,no\n0.4,0.2,yes\n0.7,0.1,yes\n0.3,0.6,no\n";
  model.features = {{0.1, 0.5}, {0.4, 0.2}, {0.7, 0.1}, {0.3, 0.6}};
  model.labels = {0, 1, 1, 0};
  model.exponents = {{1, 2}};
  model.p = {{p_hidden}, {p_output}};
  model.radius = {radius, output_radius};
  model.per_unit = {false, true};
  model.document["recipe"] = {{"source", {{"format", "csv"}, {"delimiter", ","}, {"header", true}, {"columns", 3}}},
                              {"target", {{"column", 2}, {"name", "class"}, {"classes", {"no", "yes"}}}},
                              {"columns", {numeric(0, "a", 0, 1), numeric(1, "b", 0, 1)}},
                              {"clip", true},
                              {"map", "identity"},
                              {"complement", false},
                              {"bias", false}};
  finish(model);
  return model;
}

inline std::vector<std::string> failed(const Verdict& verdict) {
  std::vector<std::string> names;
  for (const Check& check : verdict.checks)
    if (!check.passed && !check.detail.starts_with("not run: ")) names.push_back(check.name);
  return names;
}

inline std::string told(const Verdict& verdict) {
  std::string text;
  for (const Check& check : verdict.checks)
    text += (check.passed ? "pass " : "FAIL ") + check.name + ": " + check.detail + "\n";
  return text;
}

inline void expect_accepted(const Model& model) {
  const Verdict verdict = verify(model.bytes(), model.sources);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
  EXPECT_EQ(verdict.checks.size(), 11U);
}

/// Exactly this check fails; those that build on it are listed as not run, and nothing else fails.
inline void expect_refused(const std::string& bytes, const Sources& sources, const std::string& check) {
  const Verdict verdict = verify(bytes, sources);
  EXPECT_FALSE(verdict.accepted);
  EXPECT_EQ(verdict.checks.size(), 11U);
  EXPECT_EQ(failed(verdict), std::vector<std::string>{check}) << told(verdict);
}
inline void expect_refused(const Model& model, const std::string& check) {
  expect_refused(model.bytes(), model.sources, check);
}
}  // namespace nadir::verify::planted
