// nadir train: from a data file to a model file.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "nadir/base/file.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/cli/built_in.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/interrupt.hpp"
#include "nadir/cli/progress.hpp"
#include "nadir/cli/results.hpp"
#include "nadir/data/options.hpp"
#include "nadir/data/splits.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/spectral/architecture_json.hpp"
#include "nadir/spectral/fit.hpp"

namespace nadir::cli {
namespace {

struct TrainOptions {
  std::string data;
  std::string method = "auto";
  std::string test;
  double holdout = 0;
  std::uint64_t seed = 0;
  int threads = 0;
  std::string out;
  bool json = false, quiet = false, all_certificates = false;
};

std::span<const Option<TrainOptions>> option_table() {
  using T = TrainOptions;
  static const std::vector<Option<T>> table = {
      one_of<T>("method", &T::method, "how to train; auto is spectral", {"auto", "spectral"}),
      {"test", &T::test, "file to measure the accuracy on"},
      {"holdout", &T::holdout, "share of the rows, drawn by class, kept out of training to measure the accuracy on", 0,
       0.99},
      {"seed", &T::seed, "of folds, hold-out and draws; nothing else is random"},
      {"threads", &T::threads, "0: all processors; the result does not depend on it", 0, 1024},
      {"out", &T::out, "model file to write [name of the data with .nadir]"},
      {"json", &T::json, "print one JSON object on standard output"},
      {"quiet", &T::quiet, "no progress line and no table"},
      {"all-certificates", &T::all_certificates, "also try the box, and report its width"},
  };
  return table;
}

struct Arguments {
  TrainOptions train;
  ReadOptions read;
  RecipeOptions recipe;
  spectral::SpectralOptions spectral;
};

Table load(Arguments& a) {
  if (!a.train.data.empty()) return read_table(a.train.data, a.read);
  a.read.target = a.read.target.empty() ? built_in_target : a.read.target;
  return read_table_from_bytes(std::string(built_in_csv), built_in_name, a.read);
}

std::filesystem::path model_path(const Arguments& a) {
  if (!a.train.out.empty()) return a.train.out;
  std::filesystem::path name = a.train.data.empty() ? built_in_name : std::filesystem::path(a.train.data).filename();
  if (name.extension() == ".gz") name = name.stem();
  return name.stem().string() + ".nadir";
}

/// The rows trained on, and those held out.
struct Split {
  std::vector<Index> training, held_out;
};

Split split_rows(const Table& table, const Arguments& a) {
  Split split;
  const std::vector<Index> usable = usable_rows(table, a.recipe);
  if (a.train.holdout == 0) return {usable, {}};
  const Recipe whole = fit_recipe(table, usable, a.recipe);
  const std::vector<Index> places =
      whole.quantity ? stratified_holdout(targets_of(whole, table, usable), a.train.holdout, a.train.seed)
                     : stratified_holdout(labels_of(whole, table, usable), static_cast<int>(whole.classes.size()),
                                          a.train.holdout, a.train.seed);
  std::size_t next = 0;
  for (std::size_t i = 0; i < usable.size(); ++i) {
    const bool out = next < places.size() && places[next] == static_cast<Index>(i);
    if (out) ++next;
    (out ? split.held_out : split.training).push_back(usable[i]);
  }
  return split;
}

/// Ctrl-C during the choice ends the choice, and the best network found so far is still trained; during the training it
/// ends that. What came before, while the data were read, ends the training as well.
spectral::FitWatch watch_for(ProgressLine& line) {
  spectral::FitWatch watch;
  const auto answered = std::make_shared<int>(0);  // interrupts that have ended the choice
  watch.selection = [&line, answered](int done, int total) {
    line.show("choosing a network: " + std::to_string(done) + " of " + std::to_string(total) + " cross-validations");
    *answered = interrupts();
    return *answered == 0;
  };
  watch.training = [&line, answered](const Progress& now) {
    char text[160];
    std::snprintf(text, sizeof text, "training: iteration %d, objective %.9g, gap %.2g", now.iteration, now.objective,
                  now.objective - now.lower_bound);
    line.show(text);
    return interrupts() == *answered;
  };
  return watch;
}

Model to_model(const spectral::Fit& fit, const Table& table, const Split& split, const Arguments& a) {
  Model model;
  model.recipe = fit.recipe;
  model.network = fit.result.network;
  model.objective = spectral::objective_to_json(fit.architecture);
  model.certificate = fit.result.certificate;
  model.notes = notes_of(fit, table.path, a.train.seed);
  if (static_cast<Index>(split.training.size()) != table.rows) {
    model.training_rows.assign(static_cast<std::size_t>(table.rows), false);
    for (const Index row : split.training) model.training_rows[static_cast<std::size_t>(row)] = true;
  }
  model.trace.resize(static_cast<Index>(fit.result.trace.size()), 3);
  for (Index k = 0; k < model.trace.rows(); ++k) {
    const Progress& now = fit.result.trace[static_cast<std::size_t>(k)];
    model.trace.row(k) << now.iteration, now.objective, now.lower_bound;
  }
  return model;
}

int run_train(Arguments& a) {
  validate(a.train, option_table());
  validate(a.recipe, recipe_option_table());
  const auto begin = std::chrono::steady_clock::now();
  const Table table = load(a);
  const Split split = split_rows(table, a);
  const int threads = resolve_threads(a.train.threads);
  ProgressLine line(a.train.quiet || a.train.json);
  const auto loaded = std::chrono::steady_clock::now();
  const spectral::Fit fit = spectral::fit(table, split.training, a.recipe, a.spectral, a.train.seed, threads,
                                          a.train.all_certificates, watch_for(line));
  const auto fitted = std::chrono::steady_clock::now();
  line.clear();

  Outcome outcome;
  outcome.seconds_loading = std::chrono::duration<double>(loaded - begin).count();
  outcome.seconds = std::chrono::duration<double>(fitted - loaded).count();
  outcome.train = measure(fit.result.network, fit.training, threads);
  if (!split.held_out.empty())
    outcome.test =
        measure(fit.result.network, apply_recipe(fit.recipe, table, split.held_out, Sign::non_negative), threads);
  if (!a.train.test.empty()) {
    const Table other = read_table_for(fit.recipe, a.train.test, "");
    const std::vector<Index> rows = usable_rows(other, a.recipe);
    outcome.test = measure(fit.result.network, apply_recipe(fit.recipe, other, rows, Sign::non_negative), threads);
  }
  outcome.model = model_path(a).string();
  const Model model = to_model(fit, table, split, a);
  write_file(outcome.model, encode_model(model));
  outcome.data = a.train.data.empty() ? "data/iris.csv" : a.train.data;
  if (a.train.json)
    std::puts(to_json(fit, outcome).dump(2).c_str());
  else if (!a.train.quiet)
    print_table(fit, outcome);
  if (interrupts() > 0) return interrupted;
  return fit.result.certificate.claim == Claim::certified ? done : not_proved;
}

}  // namespace

void add_train(CLI::App& app, Run& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("train", "train a network on DATA and certify it");
  command->footer(
      "Stops when both hold: the relative gap (objective - bound) / (objective of the zero network - bound) is at "
      "most\n"
      "--gap, by a proven lower bound, and a plain step of the method would move no log-weight by more than --change.\n"
      "Otherwise it ends at --max-iterations, --time-limit, Ctrl-C, or where rounding ends all progress, writes what "
      "it\n"
      "has, and says what is proved. Exit code 0: certified; 4: finished, gap not proved; 3: bad input; 130: Ctrl-C.\n"
      "The options under \"given\" need --model given.");
  command->add_option("DATA", arguments->train.data,
                      "CSV, LIBSVM, IDX or NPY, also gzipped; left out: the iris flowers, built in");
  bind_options(*command, arguments->read, read_option_table(), "Data");
  bind_options(*command, arguments->recipe, recipe_option_table(), "Data");
  bind_options(*command, arguments->train, option_table(), "Training");
  bind_options(*command, arguments->spectral, spectral::option_table(), "Spectral method");
  command->set_config("--config", "", "file of options, as `name = value` lines");
  command->callback([arguments, &run] { run = [arguments] { return run_train(*arguments); }; });
}

}  // namespace nadir::cli
