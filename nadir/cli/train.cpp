// nadir train: from a data file to a model file.
#include "nadir/cli/train.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/cli/built_in.hpp"
#include "nadir/cli/checkpoint.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/interrupt.hpp"
#include "nadir/cli/method_options.hpp"
#include "nadir/cli/results.hpp"
#include "nadir/data/options.hpp"
#include "nadir/data/splits.hpp"
#include "nadir/model/predictions.hpp"

namespace nadir::cli {
namespace {

std::span<const Option<TrainArguments>> option_table() {
  using T = TrainArguments;
  static const std::vector<Option<T>> table = [] {
    std::vector<Option<T>> lines = train::option_table<T>();
    lines.emplace_back("test", &T::test, "file to measure the network on");
    lines.emplace_back("holdout", &T::holdout,
                       "share of the rows, drawn by target, kept out of training to measure the network on", 0, 0.99);
    lines.emplace_back("out", &T::out, "model file to write [name of the data with .nadir]");
    lines.emplace_back("checkpoint", &T::checkpoint_file,
                       "file that relu, gated and auto keep their state in while they run [model file with "
                       ".checkpoint]");
    lines.emplace_back("resume", &T::resume,
                       "go on from the checkpoint, with data and options as they were, but for --time-limit; "
                       "--no-resume: begin anew where one was left");
    lines.emplace_back("json", &T::json, "print one JSON object on standard output");
    lines.emplace_back("quiet", &T::quiet, "no progress line and no table");
    return lines;
  }();
  return table;
}

Table load(TrainArguments& a) {
  if (!a.data.empty()) return read_table(a.data, a.read);
  a.read.target = a.read.target.empty() ? built_in_target : a.read.target;
  return read_table_from_bytes(std::string(built_in_csv), built_in_name, a.read);
}

std::filesystem::path model_path(const TrainArguments& a) {
  if (!a.out.empty()) return a.out;
  std::filesystem::path name = a.data.empty() ? built_in_name : std::filesystem::path(a.data).filename();
  if (name.extension() == ".gz") name = name.stem();
  return name.stem().string() + ".nadir";
}

/// The rows trained on, and those held out.
struct Split {
  std::vector<Index> training, held_out;
};

Split split_rows(const Table& table, const std::vector<Index>& usable, const TrainArguments& a) {
  Split split;
  if (a.holdout == 0) return {usable, {}};
  const Recipe whole = fit_recipe(table, usable, a.recipe);
  const std::vector<Index> places = whole.quantity
                                        ? stratified_holdout(targets_of(whole, table, usable), a.holdout, a.seed)
                                        : stratified_holdout(labels_of(whole, table, usable),
                                                             static_cast<int>(whole.classes.size()), a.holdout, a.seed);
  std::size_t next = 0;
  for (std::size_t i = 0; i < usable.size(); ++i) {
    const bool out = next < places.size() && places[next] == static_cast<Index>(i);
    if (out) ++next;
    (out ? split.held_out : split.training).push_back(usable[i]);
  }
  return split;
}

train::Measures measure_rows(const Model& model, const Table& table, const std::vector<Index>& rows, int threads) {
  const Dataset dataset = apply_recipe(model.recipe, table, rows, sign_of(model.network));
  if (dataset.labels.empty() && dataset.targets.size() == 0)
    throw InputError(table.path + ": holds no target to measure the network on");
  return train::measure(model, outputs(model.network, dataset.features, threads), dataset);
}

int run_train(TrainArguments& a, const MethodOptions& methods) {
  validate(a, option_table());
  validate(a.recipe, recipe_option_table());
  const auto begin = std::chrono::steady_clock::now();
  const Table table = load(a);
  const std::vector<Index> usable = usable_rows(table, a.recipe);
  train::settle_task(table, usable, a);
  const std::string& method = a.method;
  methods.settle(method == "auto" ? std::vector<std::string>{"relu", "gated"} : std::vector{method});
  const Split split = split_rows(table, usable, a);
  const int threads = resolve_threads(a.threads);
  ProgressLine line(a.quiet || a.json);
  CheckpointFile checkpoint(a, model_path(a), line);
  a.checkpoint = &checkpoint.checkpoint();
  const auto loaded = std::chrono::steady_clock::now();
  train::Trained trained = train::train(table, split.training, a, line);
  const auto fitted = std::chrono::steady_clock::now();
  line.clear();

  const Model& model = trained.model;
  train::Outcome outcome;
  outcome.seconds_loading = std::chrono::duration<double>(loaded - begin).count();
  outcome.seconds = std::chrono::duration<double>(fitted - loaded).count();
  outcome.train = train::measure_training(trained, threads);
  if (!split.held_out.empty()) outcome.test = measure_rows(model, table, split.held_out, threads);
  if (!a.test.empty()) {
    const Table other = read_table_for(model.recipe, a.test, "");
    outcome.test = measure_rows(model, other, usable_rows(other, a.recipe), threads);
  }
  outcome.model = model_path(a).string();
  write_file(outcome.model, encode_model(model));
  const bool told_to_stop = interrupts() > 0;
  checkpoint.end(told_to_stop);
  outcome.data = a.data.empty() ? "data/iris.csv" : a.data;
  if (a.json)
    std::puts(train::to_json(trained, outcome).dump(2).c_str());
  else if (!a.quiet)
    print_table(trained, outcome);
  if (told_to_stop) return interrupted;
  return model.certificate.claim == Claim::certified ? done : not_proved;
}

}  // namespace

void add_train(CLI::App& app, Run& run) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command = app.add_subcommand("train", "train a network on DATA and certify it");
  command->footer(
      "Stops when the relative gap (objective - bound) / (objective of the zero network - bound) is at most --gap, by "
      "a\n"
      "proven lower bound, and for the spectral method when also a plain step would move no log-weight by more than\n"
      "--change. Otherwise it ends at --max-iterations, --time-limit, Ctrl-C, or where rounding ends all progress, "
      "writes\n"
      "what it has, and says what is proved. Where relu, gated or auto are ended by Ctrl-C or SIGTERM, or killed "
      "after\n"
      "a minute or more, the same command with --resume goes on, and ends with the same model file as a run that was\n"
      "not. Exit code 0: certified; 4: finished, gap not proved; 3: bad input; 130:\n"
      "Ctrl-C. An option of another method than the one that runs is refused. The spectral options that begin with\n"
      "\"given:\" need --model given. The linear method's --intercept is a bias without penalty.");
  command->add_option("DATA", arguments->data,
                      "CSV, LIBSVM, IDX, NPY or NPZ, also gzipped; left out: the iris flowers, built in");
  bind_options(*command, arguments->read, read_option_table(), "Data");
  bind_options(*command, arguments->recipe, recipe_option_table(), "Data");
  bind_options(*command, *arguments, option_table(), "Training");
  auto methods = std::make_shared<MethodOptions>(*command);
  methods->add("spectral", arguments->spectral, spectral::option_table());
  methods->add("gated", arguments->gated, convex::option_table());
  methods->add("relu", arguments->relu, relu::option_table());
  methods->add("linear", arguments->linear, linear::option_table());
  methods->add("planted", arguments->planted, planted::option_table());
  methods->add("particle", arguments->particle, particle::option_table());
  methods->add("kernel", arguments->kernel, kernel::option_table());
  const CLI::Option* scale = command->get_option("--scale")->default_str(
      "minmax; gated, relu, linear, particle and kernel: standard; planted: none");
  const CLI::Option* resume = command->get_option("--resume");
  command->callback([arguments, methods, scale, resume, &run] {
    arguments->scale_given = scale->count() > 0;
    arguments->resume_given = resume->count() > 0;
    run = [arguments, methods] { return run_train(*arguments, *methods); };
  });
}

}  // namespace nadir::cli
