#include "nadir/spectral/plan.hpp"

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"
#include "nadir/spectral/contraction.hpp"

namespace nadir::spectral {
namespace {

double radius_of(const Plan& plan, std::size_t layer) { return plan.radii[std::min(layer, plan.radii.size() - 1)]; }

/// One draw as in section 5 of the paper: (n1, α, ρ_w, ρ_u) from [2, 20] × [1, 4]^n1 × (0, 1]², and for more layers
/// widths from [2, 10].
Plan random_draw(int layers, bool masked, int number, Random& random) {
  Plan plan;
  plan.name = "draw " + std::to_string(number + 1);
  plan.p_rule = PRule::published;
  plan.radii.clear();
  for (int j = 0; j < layers; ++j) {
    Vector exponents(random.integer(2, layers == 1 ? 20 : 10));
    for (double& alpha : exponents) alpha = random.uniform(1, 4);
    plan.exponents.push_back(std::move(exponents));
    plan.radii.push_back(1 - random.uniform());
  }
  plan.output_radii = {1 - random.uniform()};
  if (masked) {
    plan.bias = true;
    plan.mask = MaskKind::random;
    plan.mask_seed = static_cast<std::uint64_t>(random.integer(0, 1 << 30));
  }
  return plan;
}

/// The families of model "best": additive networks, one feature a unit, on scaled columns or on their square roots.
/// How they were found, and what else was tried: docs/results.md.
std::vector<Plan> best_plans() {
  Plan plan;
  plan.bias = plan.complement = true;
  plan.mask = MaskKind::single;
  plan.scope = NormScope::unit;
  plan.output_p = 2;
  plan.epsilon = 1;
  for (double exponent = 1.5; exponent <= 6; exponent += 0.5) plan.output_radii.push_back(std::pow(10.0, exponent));
  Plan linear = plan, root = plan;
  linear.name = "linear";
  linear.exponents = {Vector::Constant(1, 1.0)};
  root.name = "root";
  root.map = "root";
  root.exponents = {Vector::LinSpaced(2, 1, 2)};
  return {linear, root};
}

Plan given_plan(const SpectralOptions& options, std::uint64_t seed) {
  Plan plan;
  plan.name = "given";
  plan.bias = options.bias, plan.complement = options.complement, plan.map = options.map;
  plan.mask = options.mask == "dense"    ? MaskKind::dense
              : options.mask == "random" ? MaskKind::random
                                         : MaskKind::single;
  if (options.alpha.empty() || options.hidden.empty() || options.rho_u.empty())
    throw UsageError("--alpha, --hidden and --rho-u need at least one number each");
  if (plan.mask == MaskKind::single && options.hidden.size() > 1)
    throw UsageError("--mask single allows one hidden layer; leave --hidden out");
  for (const int units : options.hidden) {
    const Index count = plan.mask == MaskKind::single ? static_cast<Index>(options.alpha.size()) : units;
    Vector exponents(count);
    for (Index l = 0; l < count; ++l) exponents[l] = options.alpha[static_cast<std::size_t>(l) % options.alpha.size()];
    plan.exponents.push_back(std::move(exponents));
  }
  plan.mask_density = options.mask_density, plan.mask_seed = seed;
  plan.scope = options.norm == "matrix" ? NormScope::matrix : NormScope::unit;
  plan.radii = options.rho_u;
  plan.p_rule = options.p_rule == "published" ? PRule::published
                : options.p_rule == "concave" ? PRule::concave
                                              : PRule::given;
  plan.output_p = options.p_w, plan.hidden_p = options.p_u;
  plan.epsilon = options.epsilon;
  plan.output_radii = {options.rho_w};
  return plan;
}

Mask random_mask(Index units, Index inputs, double density, Random& random) {
  Mask mask(units, inputs);
  for (Index l = 0; l < units; ++l) {
    for (Index m = 0; m < inputs; ++m) mask(l, m) = random.uniform() < density;
    if (!mask.row(l).any()) mask(l, random.integer(0, static_cast<int>(inputs) - 1)) = true;
  }
  return mask;
}

/// A unit for each feature and exponent; the bias feature, which is last, only for exponent 1.
HiddenShape single_layer(const Plan& plan, Index inputs) {
  std::vector<std::pair<Index, double>> units;
  const Index varying = inputs - (plan.bias ? 1 : 0);
  for (const double alpha : plan.exponents[0])
    for (Index m = 0; m < varying; ++m) units.emplace_back(m, alpha);
  if (plan.bias) units.emplace_back(varying, 1.0);
  HiddenShape layer;
  const Index count = static_cast<Index>(units.size());
  layer.exponents.resize(count);
  layer.mask = Mask::Constant(count, inputs, false);
  for (Index l = 0; l < count; ++l) {
    layer.exponents[l] = units[static_cast<std::size_t>(l)].second;
    layer.mask(l, units[static_cast<std::size_t>(l)].first) = true;
  }
  return layer;
}

/// The smallest p for which the degree is at most 1 at the output's p: every layer takes an equal part of what
/// 1/p_w leaves, and under a norm per unit each unit its own p. Raised by 1e-12 to stay on the safe side of rounding.
void set_concave_p(Architecture& architecture) {
  const double share = (1 - 1 / architecture.output_p) / static_cast<double>(architecture.hidden.size());
  double above = 1;
  for (std::size_t j = architecture.hidden.size(); j-- > 0;) {
    HiddenShape& layer = architecture.hidden[j];
    const auto p_for = [&](double alpha) { return std::max(1.01, above * alpha / share * (1 + 1e-12)); };
    layer.p.clear();
    if (layer.scope == NormScope::matrix)
      layer.p.push_back(p_for(layer.exponents.maxCoeff()));
    else
      for (const double alpha : layer.exponents) layer.p.push_back(p_for(alpha));
    above *= layer.exponents.maxCoeff();
  }
}

}  // namespace

std::vector<Plan> plans_of(const SpectralOptions& options, std::uint64_t seed) {
  if (options.model == "best") return best_plans();
  if (options.model == "given") return {given_plan(options, seed)};
  std::vector<Plan> plans;
  Random random(seed);
  for (int i = 0; i < options.draws; ++i)
    plans.push_back(random_draw(options.layers, options.model == "masked", i, random));
  return plans;
}

RecipeOptions recipe_options(const Plan& plan, RecipeOptions base) {
  base.bias = plan.bias, base.complement = plan.complement, base.map = plan.map;
  return base;
}

Architecture build(const Plan& plan, double output_radius, const Dataset& dataset) {
  Architecture architecture;
  architecture.inputs = dataset.features.cols();
  architecture.classes = dataset.classes();
  architecture.output_radius = output_radius;
  architecture.output_p = plan.output_p;
  architecture.epsilon = plan.epsilon;
  Random random(plan.mask_seed);
  Index width = architecture.inputs;
  for (std::size_t j = 0; j < plan.exponents.size(); ++j) {
    HiddenShape layer;
    if (plan.mask == MaskKind::single)
      layer = single_layer(plan, width);
    else
      layer.exponents = plan.exponents[j];
    if (plan.mask == MaskKind::random && j == 0)
      layer.mask = random_mask(layer.units(), width, plan.mask_density, random);
    layer.scope = plan.scope;
    layer.radius = radius_of(plan, j);
    width = layer.units();
    architecture.hidden.push_back(std::move(layer));
  }
  switch (plan.p_rule) {
    case PRule::published:
      set_published_p(architecture, dataset.features, 1.001);
      break;
    case PRule::concave:
      set_concave_p(architecture);
      break;
    case PRule::given:
      for (std::size_t j = 0; j < architecture.hidden.size(); ++j) {
        HiddenShape& layer = architecture.hidden[j];
        const double p = plan.hidden_p[std::min(j, plan.hidden_p.size() - 1)];
        layer.p.assign(layer.scope == NormScope::matrix ? 1 : static_cast<std::size_t>(layer.units()), p);
      }
  }
  architecture.validate();
  return architecture;
}

}  // namespace nadir::spectral
