#include "nadir/report/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "nadir/report/ticks.hpp"

namespace nadir::report {
namespace {

constexpr std::size_t line_width = 96;

/// Do the numbers carry the claim? Written so that NaN does not.
bool consistent(const Certificate& c) {
  if (c.claim != Claim::certified && c.claim != Claim::bounded) return true;
  if (!(c.lower_bound <= c.objective) || !(c.relative_gap >= 0)) return false;
  return c.claim == Claim::certified ? c.relative_gap <= c.target_gap : c.relative_gap > c.target_gap;
}

bool is_proven(const Certificate& c) {
  return (c.claim == Claim::certified || c.claim == Claim::bounded) && consistent(c);
}

bool is_factors(const Certificate& c) { return c.evidence.kind == "factor_polar"; }

std::string on_samples(const Certificate& c) {
  if (is_factors(c))
    return c.samples == 1 ? "the matrix's 1 row" : "the matrix's " + std::to_string(c.samples) + " rows";
  return c.samples == 1 ? "the 1 training sample" : "the " + std::to_string(c.samples) + " training samples";
}

bool has_gates(const Certificate& c) { return c.evidence.kind == "dual_point"; }
bool has_powers(const Certificate& c) { return c.evidence.kind == "power_cones"; }
bool any_width(const Certificate& c) { return c.evidence.kind == "relu_polar" || has_powers(c); }

bool has_radius(const Certificate& c) { return c.evidence.tau > 0; }

bool is_linear(const Certificate& c) { return c.evidence.kind == "reduced_rank"; }
bool is_kernel(const Certificate& c) { return c.evidence.kind == "coefficients"; }
bool is_given(const Certificate& c) { return c.evidence.kind == "given_units"; }
bool is_parallel(const Certificate& c) { return c.evidence.kind == "layer_norms" || c.evidence.kind == "layer_units"; }
bool is_sum(const Certificate& c) { return c.evidence.kind == "nonnegative_outputs"; }

std::string thing(const Certificate& c) { return is_factors(c) ? "factorization" : "network"; }

/// What the lower bound speaks of.
std::string shape(const Certificate& c) {
  if (any_width(c))
    return std::string(has_powers(c) ? "of units of this power, of any width" : "of ReLU units, of any width") +
           (has_radius(c) ? " and of a norm within the radius," : ",");
  if (is_linear(c)) return "of linear layers of these widths";
  if (is_sum(c)) return "that is a sum of any number of ReLU units";
  if (is_parallel(c)) return "of any number of sub-networks of this depth, of any widths,";
  if (is_kernel(c)) return "of infinitely many units with a density of weights";
  if (is_given(c)) return "of these units";
  if (is_factors(c)) return "of these norms and signs, with any number of columns,";
  return has_gates(c) ? "of this shape (with these gates)" : "of this shape";
}

std::string statement(const Certificate& c) {
  if (!consistent(c))
    return "INCONSISTENT. The file claims '" + std::string(to_string(c.claim)) +
           "', but its numbers contradict that. Nothing is proved.";
  switch (c.claim) {
    case Claim::certified:
      return "CERTIFIED: a global optimum, up to a relative gap of " + rounded_up(c.relative_gap) + " (target " +
             significant(c.target_gap, 6) + "). On " + on_samples(c) + " no " + thing(c) + " " + shape(c) +
             (is_factors(c) || has_gates(c) || any_width(c) || is_linear(c) || is_sum(c) || is_kernel(c) ||
                      is_parallel(c) || is_given(c)
                  ? ""
                  : ", with weights in the feasible set,") +
             " has an objective below the lower bound; this " + thing(c) +
             "'s objective is above it by no more than the "
             "difference stated here.";
    case Claim::bounded:
      return "BOUNDED: a proven interval, wider than asked for. On " + on_samples(c) +
             " the best possible objective lies between the lower bound and this " + thing(c) +
             "'s objective. The relative gap of " + rounded_up(c.relative_gap) + " is above the target of " +
             significant(c.target_gap, 6) + ", so a better " + thing(c) + " may exist.";
    case Claim::undecided:
      return "UNDECIDED: no lower bound could be proven. How far this network is from the best one is not known.";
    case Claim::not_applicable:
      return "NOT APPLICABLE: the assumptions of the theorem do not hold for this shape and feasible set. How far this "
             "network is from the best one is not known.";
  }
  return "?";
}

/// Texts come from a file: whatever a terminal could take as a command is shown as a question mark.
std::string printable(std::string text) {
  for (char& c : text)
    if (c < ' ' || c > '~') c = '?';
  return text;
}

/// In one sentence why the bound holds.
std::string reason(const Evidence& evidence) {
  if (evidence.kind == "hidden_concavity")
    return "Evidence: hidden concavity. After a change of variables (every weight to the power p of its norm) the "
           "objective is convex, so its slope at this network alone bounds it from below everywhere.";
  if (evidence.kind == "box")
    return "Evidence: box. Every minimizer stays in a box of weights that was cut " + std::to_string(evidence.steps) +
           (evidence.steps == 1 ? " time" : " times") +
           ", and the objective falls with every weight, so its value at the last box's upper corner is a lower bound.";
  if (evidence.kind == "dual_point")
    return "Evidence: dual point. The objective is convex in the weights, and every feasible point of its dual "
           "problem, of which the file holds one, bounds it from below.";
  if (evidence.kind == "relu_polar" || evidence.kind == "power_cones")
    return std::string(
               evidence.tau > 0
                   ? "Evidence: dual point and polar. With any point of the dual problem, less the radius times "
                     "the largest correlation that a unit has with it, the objective is bounded from below over "
                     "networks of every width; that correlation"
                   : "Evidence: dual point and polar. A feasible point of the dual problem bounds the objective "
                     "from below over networks of every width; that it is feasible") +
           " is proven on cones that cover all possible units, of which the "
           "file holds the list." +
           (evidence.kind == "power_cones"
                ? ""
                : " Over the activation patterns of this network's own units alone the lower bound is " +
                      significant(evidence.patterns_lower_bound, 6) + ", a relative gap of " +
                      rounded_up(evidence.patterns_relative_gap) + ".");
  if (evidence.kind == "reduced_rank")
    return "Evidence: reduced rank. The outputs have at most the rank of the narrowest layer, so they take from the "
           "targets at most the largest eigenvalues of what the features explain of them, of which the file holds an "
           "upper bound. " +
           std::to_string(evidence.columns.size()) + " of the features span all of them.";
  if (evidence.kind == "nonnegative_outputs")
    return "Evidence: outputs that are not negative. A sum of ReLU units with output weights of at least 0 is nowhere "
           "below 0, so it misses each target below 0 by at least that target.";
  if (evidence.kind == "coefficients")
    return "Evidence: coefficients. The objective is convex in the function, and lambda times the coefficients is a "
           "point of its dual problem, each of which bounds it from below.";
  if (evidence.kind == "given_units")
    return "Evidence: given units. The objective is convex in the output weights, and every feasible point of its dual "
           "problem, of which the file holds one, bounds it from below.";
  if (evidence.kind == "layer_norms")
    return "Evidence: norms of layers. No sub-network of cost 1 has a larger correlation with the dual point, of which "
           "the "
           "file holds one, than the product of the largest singular values of the features and of it: no layer makes "
           "more of what it takes than its norm. Scaled by that it bounds the objective from below.";
  if (evidence.kind == "layer_units")
    return "Evidence: units of the first layer. No sub-network of cost 1 has a larger correlation with the dual point, "
           "of "
           "which the file holds one, than its single units can have, and those are bounded by cones that cover them "
           "all. Scaled by that it bounds the objective from below.";
  if (evidence.kind == "factor_polar")
    return "Evidence: a dual matrix. No pair of columns that the norms and signs allow has a larger product with it, "
           "for "
           "its cost, than lambda, which is proven from the numbers of the file; so it bounds the objective from "
           "below.";
  return "Evidence: '" + printable(evidence.kind) + "', which this program does not know.";
}

std::string shortened(const std::string& hash) {
  if (hash.empty()) return "(none)";
  return hash.size() <= 16 ? printable(hash) : printable(hash.substr(0, 16)) + "...";
}

std::string table(const Certificate& c) {
  const bool proven = is_proven(c);
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"claim", std::string(to_string(c.claim))},
      {"objective", significant(c.objective, 6) + (proven ? "  (proven upper bound at this " + thing(c) + ")" : "")},
      {"lower bound", significant(c.lower_bound, 6) +
                          (proven ? "  (proven, for every " + thing(c) + " " + shape(c) + ")" : "  (not proven)")},
      {"difference", rounded_up(c.objective - c.lower_bound)},
      {is_factors(c) ? "zero matrix" : "zero network",
       significant(c.objective_at_zero, 6) +
           (is_factors(c) ? "  (objective of no factors)" : "  (objective with all weights 0)")},
      {"relative gap", rounded_up(c.relative_gap) + "  (difference / (" +
                           std::string(is_factors(c) ? "zero matrix" : "zero network") + " - lower bound))"},
      {"target gap", significant(c.target_gap, 6)},
      {"samples", std::to_string(c.samples)},
      {"features", "sha256 " + shortened(c.features_sha256)},
      {"weights", "sha256 " + shortened(c.weights_sha256)},
  };
  std::string text;
  for (const auto& [name, value] : lines) text += "  " + name + std::string(14 - name.size(), ' ') + value + "\n";
  return text;
}

/// A paragraph with lines broken at blanks.
std::string wrapped(std::string_view words) {
  std::string text;
  std::size_t used = 0;
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (used > 0) text += used + 1 + end > line_width ? '\n' : ' ';
    used = used > 0 && used + 1 + end <= line_width ? used + 1 + end : end;
    text += words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return text + "\n";
}

}  // namespace

std::string describe(const Certificate& certificate) {
  const bool proven = is_proven(certificate);
  std::string text = wrapped(statement(certificate)) + "\n" + table(certificate) + "\n";
  if (proven) text += wrapped(reason(certificate.evidence)) + "\n";
  if (is_factors(certificate))
    return text +
           wrapped(
               "Not claimed: anything about another matrix, about other norms and signs, or that these factors "
               "are the only ones. The numbers above are rounded, and this text is no proof: the model file holds "
               "them exactly, and nadir-verify proves them again from the matrix.");
  return text + wrapped(
                    "Not claimed: anything about data other than the training samples, about networks of another "
                    "shape or " +
                    std::string(any_width(certificate) || is_parallel(certificate) ? "with other activations"
                                : has_gates(certificate)                           ? "with other gates"
                                : is_linear(certificate)                           ? "with activations"
                                : is_kernel(certificate)                           ? "with another kernel"
                                                                                   : "feasible set") +
                    ", or about how good the predictions are. The numbers above are "
                    "rounded, and this text is no proof: the model file holds them exactly, and nadir-verify "
                    "proves them again from the data.");
}

}  // namespace nadir::report
