#include "nadir/cli/results.hpp"

#include <cstdio>

#include "nadir/cli/printed.hpp"

namespace nadir::cli {
namespace {

std::string data_in_words(const train::Trained& trained) {
  const Recipe& recipe = trained.model.recipe;
  const auto inputs = static_cast<long>(trained.training.inputs()) - (recipe.bias ? 1 : 0);
  const std::string size = printed("%ld rows, %ld features%s, ", static_cast<long>(trained.training.samples()), inputs,
                                   recipe.bias ? " and the constant 1" : "");
  if (!recipe.quantity) return size + printed("%d classes", trained.training.classes());
  if (*recipe.quantity == Quantity()) return size + "a quantity";
  return size + printed("a quantity of mean %.4g and deviation %.4g", recipe.quantity->offset, recipe.quantity->range);
}

}  // namespace

void print_table(const train::Trained& trained, const train::Outcome& outcome) {
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
