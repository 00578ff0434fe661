#include "nadir/cli/results.hpp"

#include <cstdarg>
#include <cstdio>
#include <filesystem>

#include "nadir/loss/loss.hpp"

namespace nadir::cli {
namespace {

using nlohmann::json;

json to_json(const Measures& measures) {
  return {{"accuracy", measures.accuracy}, {"log_loss", measures.log_loss}, {"samples", measures.samples}};
}

json attempts_json(const spectral::Fit& fit) {
  json list = json::array();
  for (const auto& attempt : fit.attempts)
    list.push_back(
        {{"name", attempt.name}, {"number", attempt.number}, {"value", attempt.value}, {"holds", attempt.holds}});
  return list;
}

json selection_json(const spectral::Fit& fit) {
  if (!fit.selection) return nullptr;
  const spectral::Score& best = fit.selection->scores[fit.selection->chosen];
  return {{"tried", fit.selection->scores.size()}, {"rows", fit.selection->rows},
          {"complete", fit.selection->complete},   {"chosen", fit.plan.name},
          {"validation_accuracy", best.accuracy},  {"validation_log_loss", best.log_loss}};
}

json network_json(const spectral::Fit& fit) {
  json layers = json::array();
  for (const auto& layer : fit.architecture.hidden)
    layers.push_back({{"units", layer.units()},
                      {"exponents", std::vector<double>(layer.exponents.begin(), layer.exponents.end())},
                      {"norm", layer.scope == spectral::NormScope::matrix ? "matrix" : "unit"},
                      {"p", layer.p},
                      {"radius", layer.radius},
                      {"masked", layer.mask.size() > 0}});
  return {{"inputs", fit.architecture.inputs},
          {"hidden", layers},
          {"classes", fit.architecture.classes},
          {"output_p", fit.architecture.output_p},
          {"output_radius", fit.architecture.output_radius},
          {"epsilon", fit.architecture.epsilon},
          {"weights", fit.architecture.weights()}};
}

void line(const char* name, const char* format, ...) {
  std::fprintf(stderr, "  %-12s ", name);
  va_list values;
  va_start(values, format);
  std::vfprintf(stderr, format, values);
  va_end(values);
  std::fputc('\n', stderr);
}

}  // namespace

Measures measure(const PolynomialNetwork& network, const Dataset& dataset, int threads) {
  Measures measures;
  measures.samples = dataset.samples();
  if (dataset.labels.empty()) return measures;
  const Matrix f = outputs(network, dataset.features, threads);
  const std::vector<int> predicted = classify(f);
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    measures.accuracy += predicted[i] == dataset.labels[i] ? 1 : 0;
    measures.log_loss += SoftmaxLoss{}.value(f.row(static_cast<Index>(i)).transpose(), dataset.labels[i]);
  }
  measures.accuracy /= static_cast<double>(predicted.size());
  measures.log_loss /= static_cast<double>(predicted.size());
  return measures;
}

json notes_of(const spectral::Fit& fit, const std::string& data, std::uint64_t seed) {
  json ignored = json::array();
  for (const auto& column : fit.ignored) ignored.push_back({{"column", column.name}, {"reason", column.reason}});
  return {{"method", "spectral"},
          {"data", std::filesystem::path(data).filename().string()},
          {"seed", seed},
          {"stop", to_string(fit.result.stop)},
          {"stop_sentence", fit.result.stop_sentence},
          {"iterations", fit.result.iterations},
          {"certificates", attempts_json(fit)},
          {"selection", selection_json(fit)},
          {"ignored_columns", ignored}};
}

json to_json(const spectral::Fit& fit, const Outcome& outcome) {
  const Certificate& c = fit.result.certificate;
  json result = {{"method", "spectral"},
                 {"objective", c.objective},
                 {"lower_bound", c.lower_bound},
                 {"gap", c.objective - c.lower_bound},
                 {"relative_gap", c.relative_gap},
                 {"target_gap", c.target_gap},
                 {"objective_at_zero", c.objective_at_zero},
                 {"claim", to_string(c.claim)},
                 {"stop", to_string(fit.result.stop)},
                 {"stop_sentence", fit.result.stop_sentence},
                 {"iterations", fit.result.iterations},
                 {"seconds", outcome.seconds},
                 {"seconds_loading", outcome.seconds_loading},
                 {"neurons", fit.result.network.units()},
                 {"samples", fit.training.samples()},
                 {"features", fit.training.features.cols()},
                 {"network", network_json(fit)},
                 {"selection", selection_json(fit)},
                 {"train", to_json(outcome.train)},
                 {"test", nullptr},
                 {"model", outcome.model},
                 {"certificate", {{"kind", c.evidence.kind}, {"tried", attempts_json(fit)}}}};
  if (outcome.test) result["test"] = to_json(*outcome.test);
  return result;
}

void print_table(const spectral::Fit& fit, const Outcome& outcome) {
  const Certificate& c = fit.result.certificate;
  for (const auto& column : fit.ignored)
    std::fprintf(stderr, "  column %s left out: %s\n", column.name.c_str(), column.reason.c_str());
  line("data", "%ld rows, %ld features, %d classes", static_cast<long>(fit.training.samples()),
       static_cast<long>(fit.training.features.cols()), fit.training.classes());
  if (fit.selection)
    line("chosen", "%s, radius %.4g, of %zu networks by cross-validation (accuracy %.1f%% on rows left out)",
         fit.plan.name.c_str(), fit.architecture.output_radius, fit.selection->scores.size(),
         100 * fit.selection->scores[fit.selection->chosen].accuracy);
  line("network", "%ld hidden units, %ld weights", static_cast<long>(fit.result.network.units()),
       static_cast<long>(fit.architecture.weights()));
  line("objective", "%.12g", c.objective);
  line("lower bound", "%.12g   over all networks of this shape, by %s", c.lower_bound, c.evidence.kind.c_str());
  line("relative gap", "%.3g   (asked for: %.3g)", c.relative_gap, c.target_gap);
  line("claim", "%s", std::string(to_string(c.claim)).c_str());
  line("stopped", "%s after %d iterations: %s", std::string(to_string(fit.result.stop)).c_str(), fit.result.iterations,
       fit.result.stop_sentence.c_str());
  line("accuracy", "%.1f%% on the rows trained on", 100 * outcome.train.accuracy);
  if (outcome.test)
    line("", "%.1f%% on %ld other rows", 100 * outcome.test->accuracy, static_cast<long>(outcome.test->samples));
  line("time", "%.2f s reading, %.2f s choosing and training", outcome.seconds_loading, outcome.seconds);
  line("model", "%s", outcome.model.c_str());
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", outcome.model.c_str(), outcome.data.c_str());
}

}  // namespace nadir::cli
