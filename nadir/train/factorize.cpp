#include "nadir/train/factorize.hpp"

#include <algorithm>
#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/base/printed.hpp"

namespace nadir::train {
namespace {

using nlohmann::json;

FactorPenalty factor_penalty_of(const FactorizeOptions& options) {
  if (options.norms.size() != 2) throw UsageError("--norms must be two of l1 and l2, such as l1,l2");
  FactorPenalty penalty;
  for (std::size_t k = 0; k < 2; ++k) penalty.l1[k] = options.norms[k] == "l1";
  const bool both = options.non_negative == "both";
  penalty.non_negative = {both || options.non_negative == "left", both || options.non_negative == "right"};
  return penalty;
}

std::string stop_in_words(const homogeneous::FactorRun& result, std::size_t rounds) {
  if (result.closed_form) return "closed form";
  return printed("%s after %zu round%s of the meta-algorithm%s", std::string(to_string(result.stop)).c_str(), rounds,
                 rounds == 1 ? "" : "s", result.no_descent_found ? "; no further pair was found that helps" : "");
}

}  // namespace

std::span<const Option<FactorizeOptions>> factorize_option_table() {
  using F = FactorizeOptions;
  static const std::vector<Option<F>> table = {
      {"lambda", &F::lambda, "weight of the norms, in the scale of the matrix; 0: by --lambda-ratio", 0, HUGE_VAL},
      {"lambda-ratio", &F::lambda_ratio,
       "lambda as a part of the largest one that was found at which the factorization is not 0", 0, 1, true},
      {"norms",
       &F::norms,
       "of the columns of U, and of those of V: l1, under which they are sparse, or l2",
       -HUGE_VAL,
       HUGE_VAL,
       false,
       {"l1", "l2"}},
      one_of<F>("non-negative", &F::non_negative, "which factors have no entry below 0: left is U, right is V",
                {"none", "left", "right", "both"}),
      {"gap", &F::gap,
       "relative gap to certify: (objective - bound) / (objective at zero - bound); 0: 1e-6, and 1e-5 for non-negative "
       "factors under l2 norms",
       0, 0.999999},
      {"max-rounds", &F::max_rounds,
       "most rounds of training non-negative factors under l2 norms: each may add a pair of columns", 1, 1e6},
      {"sweeps", &F::sweeps, "most passes over all factors in a round", 1, 1e6},
      {"search-starts", &F::search_starts, "random ones, of each search for a further pair", 0, 1e6},
      {"nodes", &F::nodes,
       "supports that the search for a missed pair looks at, of non-negative factors under l2 norms", 1, 1e6},
      {"time-limit", &F::time_limit, "seconds, looked at after each round", 0, HUGE_VAL, true},
      {"seed", &F::seed, "of the searches"},
  };
  return table;
}

Matrix matrix_of(const Table& table) {
  const std::string& format = table.source.format;
  if (format != "csv" && format != "npy" && format != "npz")
    throw UsageError(table.path + ": a matrix to be factorized is a csv, npy or npz file, not " + format);
  Matrix Y(table.rows, table.source.columns);
  RowReader reader(table);
  for (Index i = 0; i < Y.rows(); ++i) {
    reader.go_to(i);
    for (Index j = 0; j < Y.cols(); ++j) {
      const Cell cell = reader.cell(j);
      if (cell.missing || !cell.is_number || !std::isfinite(cell.number))
        throw InputError(table.place(i, j) + (cell.missing ? "is missing" : "is not a finite number") +
                         "; every cell is an entry of the matrix");
      Y(i, j) = cell.number + 0.0;  // -0 becomes 0
    }
  }
  return Y;
}

FactorizationModel certified_factorization(const Matrix& Y, const Source& source, const FactorPenalty& penalty,
                                           homogeneous::FactorPair factors, double gap, std::optional<Matrix> added,
                                           const GoOn& go_on) {
  const auto fits = [](const Matrix& factor, Index rows, bool non_negative) {
    return factor.rows() == rows && factor.allFinite() && !(non_negative && factor.size() > 0 && factor.minCoeff() < 0);
  };
  if (!fits(factors.left, Y.rows(), penalty.non_negative[0]) ||
      !fits(factors.right, Y.cols(), penalty.non_negative[1]) || factors.left.cols() != factors.right.cols())
    throw InputError("the factors do not fit the matrix, one another, or the signs asked for");
  homogeneous::FactorizationProof proof =
      homogeneous::prove_factorization(Y, penalty, factors, std::move(added), go_on);
  FactorizationModel model;
  model.source = source, model.penalty = penalty;
  model.source.labels.clear();
  model.certificate =
      make_certificate(proof.objective, proof.lower_bound, proof.at_zero, gap, {.kind = "factor_polar"});
  model.certificate.bind(Y.rows(), matrix_sha256(Y), factors_sha256(factors.left, factors.right));
  model.left = std::move(factors.left), model.right = std::move(factors.right);
  model.evidence = std::move(proof.evidence);
  return model;
}

Factorized factorize(const Table& table, const std::string& data, const FactorizeOptions& options, Follower& follower) {
  validate(options, factorize_option_table());
  FactorPenalty penalty = factor_penalty_of(options);
  const Matrix Y = matrix_of(table);
  const Watches watches = watches_for(follower, "", "");
  const double gap = options.gap > 0 ? options.gap : penalty.is_copositive() ? 1e-5 : 1e-6;
  homogeneous::MetaOptions meta;
  meta.gap = gap, meta.max_rounds = options.max_rounds, meta.descent_iterations = options.sweeps;
  meta.time_limit = options.time_limit, meta.nodes = options.nodes, meta.go_on = watches.go_on;
  meta.search.starts = options.search_starts, meta.search.seed = options.seed;
  Factorized told;
  told.largest_lambda = homogeneous::largest_lambda(Y, penalty, meta.search);
  penalty.lambda = options.lambda > 0 ? options.lambda : options.lambda_ratio * told.largest_lambda;
  if (!(penalty.lambda < told.largest_lambda))
    throw UsageError(printed("--lambda is %.6g; from %.6g on nothing better than 0 is known of this matrix",
                             penalty.lambda, told.largest_lambda));
  homogeneous::FactorRun result = homogeneous::factorize(Y, penalty, meta, [&](const Progress& now) {
    ++told.rounds;
    return !watches.training || watches.training(now);
  });
  told.no_descent_found = result.no_descent_found, told.stop = result.stop;
  told.stop_sentence = stop_in_words(result, static_cast<std::size_t>(told.rounds) + 1);
  told.model = certified_factorization(Y, table.source, penalty, std::move(result.factors), gap,
                                       std::move(result.added), watches.go_on);
  told.trainer_lower_bound = std::max(result.lower_bound, told.model.certificate.lower_bound);
  told.model.notes = {{"method", "factorize"},         {"data", data},
                      {"stop", to_string(told.stop)},  {"stop_sentence", told.stop_sentence},
                      {"iterations", told.rounds + 1}, {"seed", options.seed}};
  return told;
}

json to_json(const Factorized& told, double seconds, const std::string& model) {
  const FactorizationModel& m = told.model;
  const Certificate& c = m.certificate;
  return {{"method", "factorize"},
          {"rows", m.left.rows()},
          {"columns", m.right.rows()},
          {"pairs", m.left.cols()},
          {"norms", {m.penalty.l1[0] ? "l1" : "l2", m.penalty.l1[1] ? "l1" : "l2"}},
          {"non_negative", {m.penalty.non_negative[0], m.penalty.non_negative[1]}},
          {"lambda", m.penalty.lambda},
          {"largest_lambda", told.largest_lambda},
          {"objective", c.objective},
          {"lower_bound", c.lower_bound},
          {"trainer_lower_bound", told.trainer_lower_bound},
          {"objective_at_zero", c.objective_at_zero},
          {"relative_gap", c.relative_gap},
          {"target_gap", c.target_gap},
          {"claim", to_string(c.claim)},
          {"no_descent_found", told.no_descent_found},
          {"stop", to_string(told.stop)},
          {"stop_sentence", told.stop_sentence},
          {"seconds", seconds},
          {"model", model}};
}

std::string penalty_in_words(const FactorPenalty& penalty) {
  const auto part = [&](const char* name, std::size_t k) {
    return printed("%s of norm %s%s", name, penalty.l1[k] ? "l1" : "l2",
                   penalty.non_negative[k] ? ", no entry below 0" : "");
  };
  return part("U", 0) + "; " + part("V", 1);
}

}  // namespace nadir::train
