#include "nadir/verify/verify.hpp"

#include <gmpxx.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <cstdio>
#include <functional>

#include "nadir/verify/rules.hpp"

namespace nadir::verify {
namespace {

std::string digits(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

std::string weights_sha256(const Container& container) {
  Sha256 hash;
  hash.add("nadir-weights 1\n");
  for (std::size_t j = 1; j <= container.layers; ++j) hash.add(container.find("hidden.", j)->bytes);
  hash.add(container.find("output")->bytes);
  for (std::size_t j = 1; j <= container.layers; ++j)
    if (const Tensor* mask = container.find("mask.", j)) hash.add(mask->bytes);
  return hash.hex();
}

std::string check_objective(const Document& document, const Dataset& dataset, const Network& network) {
  const double claimed = document.claims.objective;
  const Interval mean_loss = evaluate(document, dataset, network.weights, network.weights, false).mean_loss;
  const Interval proven = objective(mean_loss, document.epsilon, network.blocks, network.weights);
  const std::string numbers =
      "objective " + digits(claimed) + " proven in [" + digits(proven.lo) + ", " + digits(proven.hi) + "]";
  require(proven.hi <= claimed, numbers + ": not proven to be an upper bound");
  const double least_size = std::max({proven.lo, -proven.hi, 0.0});
  require(claimed - proven.lo <= 1e-9 * (1 + least_size), numbers + ": more above than allowed");
  return numbers;
}

std::string check_bound(const Document& document, const Dataset& dataset, const Network& network) {
  const double claimed = document.claims.lower_bound;
  const double proven = (document.claims.box ? box_bound : concavity_bound)(document, dataset, network);
  const std::string numbers = "lower bound " + digits(claimed) + " proven " + digits(proven);
  require(claimed <= proven, numbers);
  return numbers;
}

/// In exact rationals of the numbers claimed.
std::string check_claim(const Claims& claims, std::size_t classes) {
  const Interval zero =
      log_of_count(classes);  // neighbours: two units in the last place reach one further on each side
  require(next_down(zero.lo) <= claims.objective_at_zero && claims.objective_at_zero <= next_up(zero.hi),
          "objective_at_zero " + digits(claims.objective_at_zero) + " is not the logarithm of the number of classes");
  const mpq_class lower(claims.lower_bound), tiny(0x1p-1022), absolute(1e-15);
  const mpq_class distance = mpq_class(claims.objective) - lower, scale = mpq_class(claims.objective_at_zero) - lower;
  require(distance >= 0, "the lower bound is above the objective");
  const mpq_class gap = distance / std::max(scale, tiny), off = abs(mpq_class(claims.relative_gap) - gap);
  require(off <= std::max(mpq_class(mpq_class(1e-12) * gap), absolute),
          "relative_gap " + digits(claims.relative_gap) + ", but the numbers claimed give " + digits(gap.get_d()));
  const bool small = claims.relative_gap <= claims.target_gap;
  const std::string numbers = digits(claims.relative_gap) + (small ? " <= " : " > ") + digits(claims.target_gap);
  require(small == claims.certified, "relative gap " + numbers + " does not fit the claim");
  return (claims.certified ? "certified, relative gap " : "bounded, relative gap ") + numbers;
}

/// Runs the checks one after the other and lists every one.
class Examination {
 public:
  void check(const std::string& name, std::initializer_list<std::string> needs,
             const std::function<std::string()>& body) {
    Check result{name, false, ""};
    for (const std::string& needed : needs)
      if (!passed(needed)) result.detail = "not run: " + needed + " did not pass";
    if (result.detail.empty()) try {
        result.detail = body();
        result.passed = true;
      } catch (const std::exception& error) {
        result.detail = error.what();
      } catch (...) {
        result.detail = "unknown failure";
      }
    checks_.push_back(result);
  }

  Verdict verdict() const {
    const bool all = std::all_of(checks_.begin(), checks_.end(), [](const Check& check) { return check.passed; });
    return {all && checks_.size() == 11, checks_};
  }

 private:
  bool passed(const std::string& name) const {
    return std::any_of(checks_.begin(), checks_.end(), [&](const Check& c) { return c.name == name && c.passed; });
  }
  std::vector<Check> checks_;
};

Verdict examine(const std::string& model_bytes, const Sources& sources) {
  Examination examination;
  Container container;
  Document document;
  Dataset dataset;
  Network network;
  const Claims& claims = document.claims;
  examination.check("file", {}, [&] {
    container = read_container(model_bytes);
    return std::to_string(container.tensors.size()) + " tensors, " + std::to_string(model_bytes.size()) + " bytes";
  });
  examination.check("document", {"file"}, [&] {
    document = read_document(container.document);
    return std::to_string(document.hidden.size()) + " hidden layers, by " + (claims.box ? "a box" : "hidden concavity");
  });
  examination.check("data", {"document"}, [&] {
    std::optional<std::vector<std::uint8_t>> training_rows;
    if (const Tensor* rows = container.find("training_rows")) training_rows = rows->flags();
    dataset = make_features(document.recipe, sources, training_rows);
    require(dataset.labels.size() == claims.samples, "the certificate names another number of samples");
    return std::to_string(claims.samples) + " samples, " + std::to_string(dataset.features.columns) + " features";
  });
  examination.check("features_hash", {"data"}, [&] {
    require(dataset.sha256() == claims.features_sha256, "the features are not those of the certificate");
    return claims.features_sha256;
  });
  examination.check("weights_hash", {"document"}, [&] {
    require(weights_sha256(container) == claims.weights_sha256, "the weights are not those of the certificate");
    return claims.weights_sha256;
  });
  examination.check("weights", {"document"}, [&] {
    network = read_network(container, document);
    return std::to_string(network.blocks.size()) + " blocks of weights";
  });
  examination.check("feasible", {"weights"},
                    [&] { return "sums of (z / radius)^p at most " + digits(require_feasible(network)); });
  examination.check("objective", {"data", "weights"}, [&] { return check_objective(document, dataset, network); });
  examination.check("convexity", {"weights"}, [&] {
    if (!claims.box) return "degree " + digits(require_hidden_concavity(document, network));
    require(document.epsilon > 0, "a box needs an epsilon above 0");
    return "epsilon " + digits(document.epsilon);
  });
  examination.check("bound", {"data", "weights", "convexity"}, [&] { return check_bound(document, dataset, network); });
  examination.check("claim", {"document"}, [&] { return check_claim(claims, document.recipe.classes.size()); });
  return examination.verdict();
}

}  // namespace

Verdict verify(const std::string& model_bytes, const Sources& sources) {
  std::fenv_t before;
  std::fegetenv(&before);
  std::fesetenv(FE_DFL_ENV);  // round to nearest, subnormals kept
  const Verdict verdict = examine(model_bytes, sources);
  std::fesetenv(&before);
  return verdict;
}

bool needs_labels_file(const std::string& model_bytes) try {
  const Recipe recipe = read_document(read_container(model_bytes).document).recipe;
  return recipe.format == Recipe::Format::idx || (recipe.format == Recipe::Format::npy && !recipe.target_column);
} catch (const std::exception&) {
  return false;
}

}  // namespace nadir::verify
