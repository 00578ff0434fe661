#pragma once
// The tiny trainer of kernel machines, in long double, on the data of gated networks.
#include "nadir/verify/lies_test_util.hpp"

namespace nadir::verify::planted {
/// The mean of (v.x)_+^power (v.y)_+^power over the unit sphere, as docs/certificate-format.md has it.
inline Real arc_cosine(const std::vector<double>& x, const std::vector<double>& y, int power) {
  constexpr Real pi = 3.14159265358979323846264338327950288L;
  Real xx = 0, yy = 0, apart = 0, together = 0;
  const auto d = static_cast<Real>(x.size());
  for (std::size_t j = 0; j < x.size(); ++j) xx += Real(x[j]) * x[j], yy += Real(y[j]) * y[j];
  if (xx == 0 || yy == 0) return 0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    const Real u = x[j] / std::sqrt(xx), v = y[j] / std::sqrt(yy);
    apart += (u - v) * (u - v), together += (u + v) * (u + v);
  }
  const Real theta = 2 * std::atan2(std::sqrt(apart), std::sqrt(together)), c = std::cos(theta), s = std::sin(theta);
  const Real rest = pi - theta, product = std::sqrt(xx * yy);
  if (power == 0) return rest / (2 * pi);
  if (power == 1) return product * (s + rest * c) / (2 * pi * d);
  return product * product * (3 * s * c + rest * (1 + 2 * c * c)) / (2 * pi * d * (d + 2));
}

struct KernelModel : GatedModel {
  int power = 1;
  Rows<double> samples, coefficients;
  bool with_dual = false;

  Rows<Real> kernel() const {
    Rows<Real> values(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i)
      for (const auto& other : samples) values[i].push_back(arc_cosine(samples[i], other, power));
    return values;
  }
  static Rows<Real> product(const Rows<Real>& kernel, const Rows<Real>& a) {
    Rows<Real> f(kernel.size(), std::vector<Real>(a[0].size()));
    for (std::size_t i = 0; i < f.size(); ++i)
      for (std::size_t j = 0; j < a.size(); ++j)
        for (std::size_t k = 0; k < f[i].size(); ++k) f[i][k] += kernel[i][j] * a[j][k];
    return f;
  }
  Rows<Real> exact() const {
    Rows<Real> a;
    for (const auto& row : coefficients) a.emplace_back(row.begin(), row.end());
    return a;
  }
  static Real inner_product(const Rows<Real>& a, const Rows<Real>& b) {
    Real sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      for (std::size_t k = 0; k < a[i].size(); ++k) sum += a[i][k] * b[i][k];
    return sum;
  }
  Real machine_objective() const {
    const Rows<Real> a = exact(), f = product(kernel(), a);
    Real total = lambda / 2 * inner_product(a, f);
    std::vector<Real> unused;
    for (std::size_t i = 0; i < f.size(); ++i) total += share(i) * loss_at(i, f[i], unused);
    return total;
  }
  Real machine_bound() const {
    constexpr Real tau = 1 - 0x1p-42L;
    Rows<Real> a = exact();
    for (std::size_t i = 0; loss == "softmax" && i < a.size(); ++i) {
      Real& own = a[i][static_cast<std::size_t>(labels[i])];
      own = 0;
      for (std::size_t k = 0; k < a[i].size(); ++k) own -= static_cast<int>(k) == labels[i] ? 0 : a[i][k];
    }
    Real total = -tau * tau * lambda / 2 * inner_product(a, product(kernel(), a));
    for (std::size_t i = 0; i < a.size(); ++i) {
      std::vector<Real> h = a[i];
      for (Real& entry : h) entry *= tau * lambda / share(i);
      total += share(i) * dual_value(i, h);
    }
    return total;
  }
  /// Steps that keep the coefficients in the domain of the conjugate.
  void train_machine(int steps) {
    const Rows<Real> values = kernel();
    Rows<Real> a(samples.size(), std::vector<Real>(outputs())), gradient(samples.size());
    Real steepest = lambda;
    for (std::size_t i = 0; i < values.size(); ++i) steepest += share(i) * values[i][i];
    for (int step = 0; step < steps; ++step) {
      const Rows<Real> f = product(values, a);
      for (std::size_t i = 0; i < a.size(); ++i) {
        loss_at(i, f[i], gradient[i]);
        for (std::size_t k = 0; k < a[i].size(); ++k)
          a[i][k] -= (share(i) * gradient[i][k] + lambda * a[i][k]) / steepest;
      }
    }
    coefficients.clear();
    for (const auto& row : a) coefficients.emplace_back(row.begin(), row.end());
  }

  void rehash_machine() {
    document["certificate"]["weights_sha256"] = hash_of("nadir-weights 5\n", {&samples, &coefficients});
  }
  void write_machine_claims(double target_gap = 1e-9) {
    const Real f = machine_objective(), bound = machine_bound(), room = 1e-12L * (1 + f);
    state_claims(f + room, bound - room, target_gap, {{"kind", "coefficients"}});
    rehash_machine();
  }
  std::string file() const {
    std::vector<TensorPart> parts;
    const auto add = [&](const std::string& name, const Rows<double>& rows) {
      parts.push_back(matrix_part(name, rows, outputs()));
    };
    add("samples", samples);
    add("coefficients", coefficients);
    if (with_dual) add("dual", coefficients);
    if (training_rows) parts.push_back({"training_rows", "BOOL", {training_rows->size()}, bytes_of(*training_rows)});
    return Model::sealed(document.dump(), parts);
  }
};

inline KernelModel kernel_case(const std::string& loss, std::size_t classes, int power, std::size_t samples = 12,
                               Weights weighting = Weights::none, int steps = 20000) {
  KernelModel model;
  static_cast<GatedModel&>(model) = gated_case(loss, classes, samples, 0, weighting);
  model.power = power;
  model.samples = model.features;
  model.document["network"] = {{"kind", "kernel"}, {"power", power}};
  model.document["objective"]["penalty"] = "kernel_norm";
  model.train_machine(steps);
  model.write_machine_claims();
  return model;
}
inline Verdict verdict_on(const KernelModel& model) { return verify(model.file(), model.sources); }
inline void expect_accepted(const KernelModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
}
}  // namespace nadir::verify::planted
