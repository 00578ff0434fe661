#include "nadir/cli/results.hpp"

#include <cstdio>
#include <filesystem>

#include "nadir/cli/printed.hpp"

namespace nadir::cli {
namespace {

using nlohmann::json;

std::string data_in_words(const Trained& trained) {
  const std::string size = printed("%ld rows, %ld features, ", static_cast<long>(trained.training.samples()),
                                   static_cast<long>(trained.training.features.cols()));
  const Recipe& recipe = trained.model.recipe;
  if (!recipe.quantity) return size + printed("%d classes", trained.training.classes());
  if (*recipe.quantity == Quantity()) return size + "a quantity";
  return size + printed("a quantity of mean %.4g and deviation %.4g", recipe.quantity->offset, recipe.quantity->range);
}

}  // namespace

json notes_of(const Trained& trained, const std::string& data, std::uint64_t seed) {
  json notes = trained.model.notes;
  json ignored = json::array();
  for (const auto& column : trained.ignored) ignored.push_back({{"column", column.name}, {"reason", column.reason}});
  notes.update({{"method", trained.method},
                {"data", std::filesystem::path(data).filename().string()},
                {"seed", seed},
                {"stop", to_string(trained.stop)},
                {"stop_sentence", trained.stop_sentence},
                {"iterations", trained.iterations},
                {"ignored_columns", ignored}});
  return notes;
}

json to_json(const Trained& trained, const Outcome& outcome) {
  const Certificate& c = trained.model.certificate;
  json result = {{"method", trained.method},
                 {"objective", c.objective},
                 {"lower_bound", c.lower_bound},
                 {"gap", c.objective - c.lower_bound},
                 {"relative_gap", c.relative_gap},
                 {"target_gap", c.target_gap},
                 {"objective_at_zero", c.objective_at_zero},
                 {"claim", to_string(c.claim)},
                 {"stop", to_string(trained.stop)},
                 {"stop_sentence", trained.stop_sentence},
                 {"iterations", trained.iterations},
                 {"seconds", outcome.seconds},
                 {"seconds_loading", outcome.seconds_loading},
                 {"neurons", trained.neurons},
                 {"samples", trained.training.samples()},
                 {"features", trained.training.features.cols()},
                 {"train", to_json(outcome.train)},
                 {"test", nullptr},
                 {"model", outcome.model},
                 {"certificate", {{"kind", c.evidence.kind}}}};
  if (outcome.test) result["test"] = to_json(*outcome.test);
  result.update(trained.more, true);
  return result;
}

void print_table(const Trained& trained, const Outcome& outcome) {
  const Certificate& c = trained.model.certificate;
  for (const auto& column : trained.ignored)
    std::fprintf(stderr, "  column %s left out: %s\n", column.name.c_str(), column.reason.c_str());
  print_line("data", data_in_words(trained));
  for (const auto& [name, text] : trained.lines) print_line(name, text);
  print_line("objective", printed("%.12g", c.objective));
  print_line("lower bound",
             printed("%.12g   over %s, by %s", c.lower_bound, trained.bound_of.c_str(), c.evidence.kind.c_str()));
  print_line("relative gap", printed("%.3g   (asked for: %.3g)", c.relative_gap, c.target_gap));
  print_line("claim", std::string(to_string(c.claim)));
  print_line("stopped", printed("%s after %d iterations: %s", std::string(to_string(trained.stop)).c_str(),
                                trained.iterations, trained.stop_sentence.c_str()));
  print_line(outcome.train.quantity ? "fit" : "accuracy", in_words(outcome.train) + " on the rows trained on");
  if (outcome.test)
    print_line("", in_words(*outcome.test) + printed(" on %ld other rows", static_cast<long>(outcome.test->samples)));
  print_line("time", printed("%.2f s reading, %.2f s choosing and training", outcome.seconds_loading, outcome.seconds));
  print_line("model", outcome.model);
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", outcome.model.c_str(), outcome.data.c_str());
}

}  // namespace nadir::cli
