// nadir certify: how far a network that was trained elsewhere is from the optimum of its own training problem. Here the
// command and two-layer networks; deep linear ones are in certify_linear.cpp.
#include "nadir/relu/certify.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/base/hexfloat.hpp"
#include "nadir/cli/certify.hpp"
#include "nadir/cli/interrupt.hpp"
#include "nadir/cli/method_options.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/cli/progress.hpp"
#include "nadir/data/options.hpp"
#include "nadir/exchange/two_layer.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/path/objective_json.hpp"

namespace nadir::cli {
namespace {

using nlohmann::json;

struct CommandOptions {
  std::string network, data, out;
  std::string method = "relu";
  std::string activation = "relu";
  double slope = 0.01;
  std::uint64_t seed = 0;
  bool json = false, quiet = false;
};

std::span<const Option<CommandOptions>> option_table() {
  using C = CommandOptions;
  static const std::vector<Option<C>> table = {
      one_of<C>("method", &C::method,
                "relu: two layers with ReLU or leaky ReLU between them; linear: a chain of layers without activations, "
                "under half the sum of squared errors and no penalty",
                {"relu", "linear"}),
      one_of<C>("activation", &C::activation, "between the layers of a file that holds arrays only (NPZ, safetensors)",
                {"relu", "leaky_relu"}),
      {"slope", &C::slope, "of leaky_relu in such a file, for negative arguments", -1e3, 1e3},
      {"seed", &C::seed, "of the searches for units; nothing else is random"},
      {"out", &C::out, "model file to write, with the certificate [name of the network with .nadir]"},
      {"json", &C::json, "print one JSON object on standard output"},
      {"quiet", &C::quiet, "no progress line and no table"},
  };
  return table;
}

/// Of --method linear.
struct ChainOptions {
  double gap = 1e-6;
  bool residual = false;
};
std::span<const Option<ChainOptions>> chain_option_table() {
  using C = ChainOptions;
  static const std::vector<Option<C>> table = {
      {"gap", &C::gap, "relative gap to certify: (objective - bound) / (objective at zero - bound)", 0, 0.999999, true},
      {"residual", &C::residual, "the file's layers W stand for I + W, as in linear residual networks"},
  };
  return table;
}

struct Arguments {
  CommandOptions command;
  ReadOptions read;
  RecipeOptions recipe;
  relu::CertifyOptions certify;
  ChainOptions chain;

  Arguments() { recipe.scale = recipe.target_scale = "none", recipe.keep_constant = true; }
};

/// What was certified, and how it is told.
struct Told {
  const Arguments& a;
  const TwoLayerNetwork& network;
  const std::string source;
  const relu::Certified& result;
  const std::string model;
  double seconds;

  /// Whether a unit lowers the objective.
  bool unit_helps() const { return result.step.decrease > 1e-12 * std::max(result.at_zero, result.given.objective); }
  bool has_biases() const { return network.hidden_biases.size() + network.output_biases.size() > 0; }
  std::string definition() const {
    const relu::CertifyOptions& c = a.certify;
    const bool squared = result.goal.loss == LossKind::squared;
    const std::string loss =
        std::string(squared ? (c.half ? "half the squared error" : "the squared error") : to_string(result.goal.loss)) +
        (c.reduction == "sum" ? ", summed over" : ", mean over") + " the rows";
    const std::string weighed = c.penalty == "norms"     ? "the units' norms, in times out"
                                : c.penalty == "squares" ? "all squared weights"
                                                         : "half of all squared weights";
    return loss + printed("; %.6g times ", c.lambda) + weighed + (has_biases() ? " and biases" : "");
  }
  std::string architecture() const {
    const std::string kind = network.slope != 0 ? printed("leaky ReLU (%g)", network.slope) : "ReLU";
    return printed("%ld inputs, %ld %s units, %ld output%s%s", static_cast<long>(network.inputs()),
                   static_cast<long>(network.units()), kind.c_str(), static_cast<long>(network.outputs()),
                   network.outputs() == 1 ? "" : "s", has_biases() ? ", with biases" : "");
  }
};

json unit_json(const Told& told) {
  if (!told.unit_helps()) return nullptr;
  const relu::Certified& r = told.result;
  return {{"inputs", std::vector<double>(r.unit.u.begin(), r.unit.u.end())},
          {"outputs", std::vector<double>(r.unit.w.begin(), r.unit.w.end())},
          {"size", r.step.size},
          {"decrease", r.step.decrease},
          {"correlation_over_lambda", r.unit.value / r.lambda}};
}

json to_json(const Told& told) {
  const relu::Certified& r = told.result;
  const Certificate& c = r.certificate;
  return {{"network", told.a.command.network},
          {"source", told.source},
          {"units", told.network.units()},
          {"definition", told.definition()},
          {"objective", r.given.objective},
          {"penalty", r.given.penalty},
          {"balanced_objective", r.balanced},
          {"stationarity", r.given.stationarity},
          {"lower_bound", r.lower_bound},
          {"gap", r.given.objective - r.lower_bound},
          {"relative_gap", r.relative_gap},
          {"target_gap", told.a.certify.gap},
          {"objective_at_zero", r.at_zero},
          {"claim", to_string(r.claim)},
          {"better_objective", r.best},
          {"unit", unit_json(told)},
          {"cones", r.nodes},
          {"rounds", r.iterations},
          {"stop", to_string(r.stop)},
          {"stop_sentence", r.stop_sentence},
          {"seconds", told.seconds},
          {"samples", r.training.samples()},
          {"features", r.training.features.cols()},
          {"model", told.model},
          {"certificate",
           {{"kind", c.evidence.kind},
            {"network", told.a.certify.improve ? "improved" : "given"},
            {"lambda", r.lambda},
            {"objective", c.objective},
            {"lower_bound", c.lower_bound},
            {"relative_gap", c.relative_gap},
            {"claim", to_string(c.claim)}}}};
}

void print_unit(const Told& told) {
  const relu::Certified& r = told.result;
  if (!told.unit_helps())
    return print_line("unit to add", "none was found that lowers the objective; that is no proof, the bound is");
  print_line("unit to add",
             printed("lowers the objective by %.6g: its correlation is %.4g times the limit of an optimum",
                     r.step.decrease, r.unit.value / r.lambda));
  Vector::Index most = 0;
  std::string inputs;
  Vector left = r.unit.u.cwiseAbs();
  for (int k = 0; k < 3 && left.maxCoeff(&most) > 0; ++k, left[most] = 0)
    inputs += printed("%s%.3g on %s", k > 0 ? ", " : "", r.unit.u[most],
                      r.training.feature_names[static_cast<std::size_t>(most)].c_str());
  print_line("", "it looks mainly at " + inputs);
}

void print_table(const Told& told) {
  const relu::Certified& r = told.result;
  for (const IgnoredColumn& column : r.ignored)
    std::fprintf(stderr, "  column %s left out: %s\n", column.name.c_str(), column.reason.c_str());
  print_line("network", told.architecture() + ", from " + told.source);
  print_line("data", printed("%ld rows", static_cast<long>(r.training.samples())) +
                         (r.training.classes() > 0 ? printed(", %d classes", r.training.classes()) : ""));
  print_line("definition", told.definition());
  print_line("objective", printed("%.12g   (penalty %.6g)", r.given.objective, r.given.penalty));
  if (r.given.objective > r.balanced * (1 + 1e-6))
    print_line("", printed("%.12g with units of balanced norms, which compute the same", r.balanced));
  print_line("stationarity", printed("%.3g   (0 at a critical point, 1 far from any)", r.given.stationarity));
  print_line("lower bound", printed("%.12g   over networks of any width, proven", r.lower_bound));
  print_line("relative gap", printed("%.3g   (asked for: %.3g)", r.relative_gap, told.a.certify.gap));
  print_line("claim", std::string(to_string(r.claim)));
  print_line("better",
             printed("%.12g by training on%s", r.best, told.a.certify.improve ? "; this network is written" : ""));
  print_unit(told);
  print_line("stopped", r.stop_sentence);
  print_line("time", printed("%.2f s", told.seconds));
  print_line("model", told.model);
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", told.model.c_str(), told.a.command.data.c_str());
}

Model model_of(relu::Certified& result, const Arguments& a) {
  Model model;
  model.recipe = result.recipe;
  model.network = result.network;
  model.dual = result.dual, model.evidence = result.evidence;
  model.objective = path::objective_to_json(result.goal, result.lambda, "shared_weight_decay");
  if (result.bias_weight > 0) model.objective["output_bias"] = to_hex(result.bias_weight);
  model.certificate = result.certificate;
  model.notes = {{"method", "certify"},
                 {"network", std::filesystem::path(a.command.network).filename().string()},
                 {"data", std::filesystem::path(a.command.data).filename().string()},
                 {"improved", a.certify.improve},
                 {"seed", a.command.seed},
                 {"stop", to_string(result.stop)},
                 {"stop_sentence", result.stop_sentence},
                 {"iterations", result.iterations}};
  model.trace = train::trace_of(result.trace);
  return model;
}

exchange::Between between_of(const CommandOptions& command) {
  if (command.method == "linear") return {exchange::Activation::none, 0};
  const bool leaky = command.activation == "leaky_relu";
  return {leaky ? exchange::Activation::leaky_relu : exchange::Activation::relu, leaky ? command.slope : 0};
}

int run_certify(const Arguments& a, const MethodOptions& methods) {
  validate(a.command, option_table());
  validate(a.recipe, recipe_option_table());
  methods.settle({a.command.method});
  const auto begin = std::chrono::steady_clock::now();
  const exchange::Layers layers = exchange::read_layers(a.command.network, between_of(a.command));
  const Table table = read_table(a.command.data, a.read);
  const std::string out =
      a.command.out.empty() ? std::filesystem::path(a.command.network).stem().string() + ".nadir" : a.command.out;
  if (a.command.method == "linear") {
    validate(a.chain, chain_option_table());
    return certify_linear(
        layers, table, a.recipe,
        {a.command.network, a.command.data, out, a.chain.gap, a.chain.residual, a.command.json, a.command.quiet});
  }
  const TwoLayerNetwork network = exchange::to_two_layer(layers, a.command.network);
  ProgressLine progress(a.command.quiet || a.command.json);
  const train::Watches watches = train::watches_for(progress, "", "");
  relu::ReluWatch watch{{{}, watches.training}, {}};
  watch.proof = [&](double objective, double lower_bound, long nodes) {
    progress.show(printed("proving: %ld cones, objective %.9g, lower bound %.9g", nodes, objective, lower_bound));
    return interrupts() <= 1;
  };
  const std::vector<Index> rows = usable_rows(table, a.recipe);
  relu::Certified result = relu::certify(table, rows, a.recipe, network, a.certify, a.command.seed, watch);
  progress.clear();
  Model model = model_of(result, a);
  mark_training_rows(model, rows, table.rows);
  write_file(out, encode_model(model));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const Told told{a, network, layers.source, result, out, seconds.count()};
  if (a.command.json)
    std::puts(to_json(told).dump(2).c_str());
  else if (!a.command.quiet)
    print_table(told);
  if (interrupts() > 0) return interrupted;
  const Claim claim = a.certify.improve ? result.certificate.claim : result.claim;
  return claim == Claim::certified ? done : not_proved;
}

}  // namespace

void add_certify(CLI::App& app, Run& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("certify", "say how far NETWORK, trained elsewhere, is from the optimum on DATA");
  command->footer(
      "NETWORK: two layers with ReLU or leaky ReLU between them, as ONNX, safetensors or NPZ (arrays W1, b1, W2, b2,\n"
      "weights out x in; or NAME.weight, NAME.bias as torch has them). Features go in as they are in DATA, in the "
      "order\n"
      "of its columns, unless --scale says otherwise; classes are numbered in the order of their names.\n"
      "Biases are penalized like weights: hidden ones as weights of a constant feature 1, output ones by their "
      "squares.\n"
      "The lower bound holds over networks of any width. The model file holds the network with balanced units (or "
      "with\n"
      "--improve the better one), and the certificate that nadir-verify checks.\n"
      "--method linear judges whether a deep linear network is a global minimum, a saddle (with a direction that "
      "lowers\n"
      "the loss) or not critical, and proves a lower bound over networks of its widths.\n"
      "Exit code 0: the gap asked for is proven; 4: it is not.");
  command->add_option("NETWORK", arguments->command.network, "file of the network")->required();
  command->add_option("DATA", arguments->command.data, "the rows it was trained on")->required();
  bind_options(*command, arguments->read, read_option_table(), "Data");
  bind_options(*command, arguments->recipe, recipe_option_table(), "Data");
  bind_options(*command, arguments->command, option_table(), "Network and output");
  auto methods = std::make_shared<MethodOptions>(*command);
  methods->add("relu", arguments->certify, relu::certify_option_table());
  methods->add("linear", arguments->chain, chain_option_table());
  command->callback(
      [arguments, methods, &run] { run = [arguments, methods] { return run_certify(*arguments, *methods); }; });
}

}  // namespace nadir::cli
