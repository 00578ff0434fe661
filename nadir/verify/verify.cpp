#include "nadir/verify/verify.hpp"

#include <gmpxx.h>

#include <cfenv>
#include <cstdio>
#include <set>

#include "nadir/verify/factorization.hpp"
#include "nadir/verify/given_units.hpp"
#include "nadir/verify/kernel.hpp"
#include "nadir/verify/linear.hpp"
#include "nadir/verify/parallel.hpp"
#include "nadir/verify/powers.hpp"
#include "nadir/verify/relu.hpp"

namespace nadir::verify {
namespace {
std::string digits(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}
std::string same(const std::string& claimed, const std::string& found) {
  require(claimed == found, "claimed " + claimed + ", found " + found);
  return found;
}

std::string weights_sha256(const Container& container) {
  const char* const titles[] = {"nadir-weights 1\n", "nadir-weights 2\n", "nadir-weights 3\n", "nadir-weights 4\n",
                                "nadir-weights 5\n", "nadir-weights 6\n", "nadir-weights 7\n"};  // as in Kind
  const bool linear = container.kind == Kind::linear;
  const std::string layer = container.kind == Kind::parallel ? "parallel." : linear ? "layer." : "hidden.";
  std::vector<std::string> names;
  if (container.kind == Kind::gated) names = {"gates", "weights"};
  if (container.kind == Kind::relu) names = {"units", "unit_outputs", "output_bias", "skip"};
  if (container.kind == Kind::kernel) names = {"samples", "coefficients"};
  if (container.kind == Kind::factorization) names = {"left", "right"};
  for (std::size_t j = 1; j <= container.layers; ++j) names.push_back(layer + std::to_string(j));
  if (container.kind == Kind::polynomial) names.emplace_back("output");
  for (std::size_t j = 1; j <= container.layers; ++j) names.push_back((linear ? "bias." : "mask.") + std::to_string(j));
  std::vector<std::string_view> pieces{titles[static_cast<int>(container.kind)]};
  for (const std::string& name : names)
    if (const Tensor* tensor = container.find(name)) pieces.push_back(tensor->bytes);
  return sha256(pieces);
}
/// The gap from a lower bound, in exact rationals of the numbers claimed.
void require_gap(const Claims& claims, double bound, double claimed, const std::string& name) {
  const mpq_class lower(bound), tiny(0x1p-1022), absolute(1e-15);
  const mpq_class distance = mpq_class(claims.objective) - lower, scale = mpq_class(claims.objective_at_zero) - lower;
  require(distance >= 0, "the lower bound of " + name + " is above the objective");
  const mpq_class gap = distance / std::max(scale, tiny), off = abs(mpq_class(claimed) - gap);
  require(off <= std::max(mpq_class(mpq_class(1e-12) * gap), absolute),
          name + " " + digits(claimed) + ", but the numbers give " + digits(gap.get_d()));
}
std::string check_claim(const Document& document, Interval at_zero) {
  const Claims& claims = document.claims;
  require(at_zero.lo <= claims.objective_at_zero && claims.objective_at_zero <= at_zero.hi,
          "objective_at_zero is " + digits(claims.objective_at_zero));
  require_gap(claims, claims.lower_bound, claims.relative_gap, "relative_gap");
  if (document.polar())
    require_gap(claims, claims.patterns_lower_bound, claims.patterns_relative_gap, "patterns_relative_gap");
  const bool small = claims.relative_gap <= claims.target_gap;
  const std::string numbers = digits(claims.relative_gap) + (small ? " <= " : " > ") + digits(claims.target_gap);
  require(small == claims.certified, "relative gap " + numbers + " does not fit the claim");
  return (claims.certified ? "certified, relative gap " : "bounded, relative gap ") + numbers;
}
/// That a claim is at most what is proven.
std::string at_most(const std::string& name, double claimed, double proven) {
  require(claimed <= proven, name + " " + digits(claimed) + " proven only " + digits(proven));
  return name + " " + digits(claimed) + " proven " + digits(proven);
}
/// The checks of section 7: what one of them establishes is there for the later ones.
class Examination {
 public:
  Verdict run(const std::string& model_bytes, const Sources& sources);

 private:
  template <class Body>
  void check(const std::string& name, const std::set<std::string>& needs, Body body) {
    Check result{name, false, "unknown failure"};
    try {
      for (const Check& other : verdict_.checks)
        require(other.passed || needs.count(other.name) == 0, "not run: " + other.name + " did not pass");
      result.detail = body();
      result.passed = true;
    } catch (const std::exception& error) {
      result.detail = error.what();
    } catch (...) {
    }
    verdict_.checks.push_back(result);
  }
  bool polynomial() const { return document_.kind == Kind::polynomial; }
  bool kernel() const { return document_.kind == Kind::kernel; }
  bool given() const { return document_.given(); }
  bool linear() const { return document_.kind == Kind::linear; }
  bool parallel() const { return document_.kind == Kind::parallel; }
  bool factorization() const { return document_.kind == Kind::factorization; }
  bool nonnegative() const { return document_.claims.nonnegative; }
  Interval enclosed_objective() {
    if (document_.kind == Kind::gated) return gated_objective(document_, dataset_, gated_);
    if (document_.given()) return given_units_objective(document_, dataset_, relu_);
    if (document_.kind == Kind::relu) return relu_objective(document_, dataset_, relu_);
    if (linear()) return linear_objective(document_, dataset_, linear_);
    if (parallel()) return parallel_objective(document_, dataset_, parallel_);
    if (factorization()) return factorization_objective(document_, dataset_.features, factors_);
    if (kernel()) return kernel_objective(document_, dataset_, values_ = kernel_values(document_, dataset_, dual_));
    at_network_ = evaluate(document_, dataset_, network_.weights, network_.weights);
    return verify::objective(document_.epsilon, network_, network_.weights, *at_network_);
  }
  std::string objective() {
    const double claimed = document_.claims.objective;
    const Interval proven = enclosed_objective();
    const std::string numbers =
        "objective " + digits(claimed) + " proven " + digits(proven.lo) + " .. " + digits(proven.hi);
    require(proven.hi <= claimed, numbers + ": not proven to be an upper bound");
    const double least_size = std::max({proven.lo, -proven.hi, 0.0});
    require(claimed - proven.lo <= (kernel() ? 1e-7 : 1e-9) * (1 + least_size), numbers + ": more above than allowed");
    return numbers;
  }
  std::string convexity() {
    if (linear()) {
      reduction_ = read_reduction(container_, document_, linear_);
      return std::to_string(reduction_.columns.size()) + " columns span the features";
    }
    if (nonnegative()) {
      require_nonnegative(relu_);
      return "no output weight is negative";
    }
    if (factorization()) {
      factor_evidence_ = read_factor_evidence(container_, document_);
      return "the dual point fits";
    }
    if (kernel()) {
      require_dual_coefficients(document_, dataset_, dual_);
      return "the coefficients fit";
    }
    if (!polynomial()) {
      dual_ = read_dual_point(container_, document_, dataset_);
      return "the dual point fits";
    }
    if (!document_.claims.box) return "degree " + digits(require_hidden_concavity(document_, network_));
    require(document_.epsilon > 0, "a box needs an epsilon above 0");
    return "epsilon " + digits(document_.epsilon);
  }
  /// Those of section 6.12, where it asks for them.
  void require_factor_tensors() const {
    const bool definite = factorization() && !document_.l1[0] && !document_.l1[1];
    const bool left = definite && document_.non_negative[0], right = definite && document_.non_negative[1];
    for (const auto& [name, needed] : {std::pair{"left_added", left}, {"right_added", right}, {"above", left && right}})
      require((container_.find(name) != nullptr) == needed, std::string(name) + " is not where the norms ask for it");
  }
  std::string bound() {
    const Claims& claims = document_.claims;
    if (polynomial()) {
      require(at_network_.has_value(), "the network could not be evaluated");
      return at_most(
          "lower bound", claims.lower_bound,
          claims.box ? box_bound(document_, dataset_, network_) : concavity_bound(document_, network_, *at_network_));
    }
    if (linear()) {
      const RankBound proven = rank_bound(document_, dataset_, linear_, reduction_);
      return at_most("lower bound", claims.lower_bound, proven.bound) + ", omega " + digits(proven.omega) +
             (proven.dependent ? "" : ", with features that are not proven dependent");
    }
    if (factorization())
      return at_most("lower bound", claims.lower_bound,
                     factorization_bound(document_, dataset_.features, factor_evidence_));
    if (nonnegative()) return at_most("lower bound", claims.lower_bound, nonnegative_bound(dataset_));
    if (kernel()) {
      require(!values_.norms.empty(), "the network could not be evaluated");
      return at_most("lower bound", claims.lower_bound, kernel_bound(document_, dataset_, dual_, values_));
    }
    const bool powers = document_.powers(), relu = document_.polar();
    const DualBound dual = powers         ? power_bound(container_, document_, dataset_, dual_)
                           : given()      ? given_units_bound(document_, dataset_, relu_, dual_)
                           : relu         ? relu_bound(container_, document_, dataset_, dual_)
                           : claims.units ? parallel_units_bound(container_, document_, dataset_, dual_)
                           : parallel()   ? parallel_bound(document_, dataset_, dual_)
                                          : dual_bound(document_, dataset_, gated_.gates, dual_);
    const std::string told = at_most("lower bound", claims.lower_bound, dual.bound) + ", q " + digits(dual.adjoint) +
                             ", tau " + digits(dual.scale);
    if (!relu) return told;
    const DualBound patterns = patterns_bound(container_, document_, dataset_, relu_, dual_);
    return told + "; " + at_most("patterns lower bound", claims.patterns_lower_bound, patterns.bound);
  }
  std::string claim() {
    // Of a polynomial network, neighbours: two units in the last place reach one further.
    const double tolerance = polynomial() ? 0 : 1e-12;
    const Interval zero = factorization() ? factorization_objective(document_, dataset_.features, {})
                          : polynomial()  ? log_of_count(document_.recipe.classes.size())
                                          : objective_at_zero(document_, dataset_);
    return check_claim(document_, {next_down(zero.lo * (1 - tolerance)), next_up(zero.hi * (1 + tolerance))});
  }
  Verdict verdict_;
  Container container_;
  Document document_;
  Dataset dataset_;
  Network network_;
  std::optional<Evaluation> at_network_;
  GatedNetwork gated_;
  ReluNetwork relu_;
  LinearNetwork linear_;
  ParallelNetwork parallel_;
  Reduction reduction_;
  Factors factors_;
  FactorEvidence factor_evidence_;
  Matrix dual_;  // of kernel machines: the coefficients
  KernelValues values_;
};

Verdict Examination::run(const std::string& model_bytes, const Sources& sources) {
  const Claims& claims = document_.claims;
  check("file", {}, [&] {
    container_ = read_container(model_bytes);
    return std::to_string(container_.tensors.size()) + " tensors, " + std::to_string(model_bytes.size()) + " bytes";
  });
  check("document", {"file"}, [&] {
    document_ = read_document(container_.document);
    require(document_.kind == container_.kind, "the tensors are those of another kind of network");
    require((container_.find("dual") != nullptr) ==
                (document_.kind == Kind::relu ? !nonnegative()
                                              : parallel() || factorization() || document_.kind == Kind::gated),
            "a dual point is not where the evidence asks for it");
    require_factor_tensors();
    require((container_.find("cones") != nullptr) == document_.powers(), "cones are not where the power asks for them");
    require((container_.find("tree") != nullptr) == (document_.polar() || claims.units),
            "a tree is not where the evidence asks for it");
    if (document_.powers()) return "units of power " + std::to_string(document_.power) + ", by a dual point and cones";
    if (nonnegative()) return std::string("sum of ReLU units, by outputs that are not negative");
    if (kernel()) return std::string("kernel machine, by its coefficients");
    if (given()) return std::string("given units, by a dual point");
    if (document_.kind == Kind::gated) return std::string("gated, by a dual point");
    if (document_.kind == Kind::relu) return std::string("ReLU, by a dual point and a tree of cones");
    if (parallel())
      return "parallel, " + std::to_string(container_.layers) + " layers, by " +
             (claims.units ? "the units of the first layer" : "the norms of layers");
    if (factorization()) return std::string("factorization, by a dual point");
    if (linear()) return "linear, " + std::to_string(container_.layers) + " layers, by the targets' reduced rank";
    return std::to_string(container_.layers) + " hidden layers, by " + (claims.box ? "a box" : "hidden concavity");
  });
  check("data", {"document"}, [&] {
    std::optional<Flags> training_rows;
    if (const Tensor* rows = container_.find("training_rows")) training_rows = rows->flags();
    dataset_ = factorization() ? make_matrix(document_.recipe, sources)
                               : make_features(document_.recipe, sources, training_rows);
    require(dataset_.features.rows == claims.samples, "the certificate names another number of samples");
    return std::to_string(claims.samples) + " samples, " + std::to_string(dataset_.features.columns) + " features";
  });
  check("features_hash", {"data"}, [&] { return same(claims.features_sha256, dataset_.sha256()); });
  check("weights_hash", {"document"}, [&] { return same(claims.weights_sha256, weights_sha256(container_)); });
  check("weights", {kernel() ? "data" : "document"}, [&] {
    if (kernel()) dual_ = read_coefficients(container_, document_, dataset_);
    if (kernel()) return std::to_string(dual_.rows) + " samples with coefficients, arc-cosine kernel";
    if (document_.kind == Kind::gated) gated_ = read_gated_network(container_, document_);
    if (document_.kind == Kind::gated) return std::to_string(gated_.gates.rows) + " gates";
    if (document_.kind == Kind::relu) relu_ = read_relu_network(container_, document_);
    if (document_.kind == Kind::relu) return std::to_string(relu_.units.rows) + " units";
    if (parallel()) parallel_ = read_parallel_network(container_, document_);
    if (parallel()) return std::to_string(parallel_.subnetworks.size()) + " sub-networks";
    if (factorization()) factors_ = read_factors(container_, document_);
    if (factorization()) return std::to_string(factors_.left.columns) + " pairs of factors";
    if (linear()) linear_ = read_linear_network(container_, document_);
    if (linear()) return std::to_string(linear_.layers.size()) + (linear_.biased ? " layers with biases" : " layers");
    network_ = read_network(container_, document_);
    return std::to_string(network_.blocks.size()) + " blocks of weights";
  });
  check("feasible", {"weights"}, [&] {
    if (polynomial()) return require_feasible(network_);
    if (factorization()) return require_signs(document_, factors_);
    if (!(document_.radius > 0)) return std::string("every weight is feasible");
    const double norm = relu_norm(relu_, false).hi;
    const std::string numbers = digits(norm) + ", radius " + digits(document_.radius);
    require(norm <= document_.radius, "norm " + numbers + ": not proven to be in the ball");
    return "norm " + numbers;
  });
  check("objective", {"data", "weights"}, [&] { return objective(); });
  check("convexity", {polynomial() || linear() || nonnegative() || kernel() ? "weights" : "data"},
        [&] { return convexity(); });
  check("bound", {"data", "weights", "convexity"}, [&] { return bound(); });
  check("claim", {polynomial() ? "document" : "data"}, [&] { return claim(); });
  verdict_.accepted = verdict_.checks.size() == 11;
  for (const Check& check : verdict_.checks) verdict_.accepted = verdict_.accepted && check.passed;
  return verdict_;
}
}  // namespace

Verdict verify(const std::string& model_bytes, const Sources& sources) {
  std::fenv_t before;
  std::fegetenv(&before);
  std::fesetenv(FE_DFL_ENV);  // round to nearest, subnormals kept
  const Verdict verdict = Examination().run(model_bytes, sources);
  std::fesetenv(&before);
  return verdict;
}
}  // namespace nadir::verify
