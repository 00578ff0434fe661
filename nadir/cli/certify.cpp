// nadir certify: how far a network that was trained elsewhere is from the optimum of its own training problem. Here the
// command and two-layer networks; the others have their files, certify_linear.cpp and certify_parallel.cpp.
#include "nadir/cli/certify.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/interrupt.hpp"
#include "nadir/cli/method_options.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/cli/progress.hpp"
#include "nadir/data/options.hpp"
#include "nadir/exchange/gated.hpp"
#include "nadir/exchange/networks.hpp"
#include "nadir/exchange/polynomial.hpp"
#include "nadir/model/model_file.hpp"

namespace nadir::cli {
namespace {

struct CommandOptions {
  std::string network, data, out;
  std::string method = "relu";
  std::string activation = "relu";
  double slope = 0.01;
  std::uint64_t seed = 0;
  bool json = false, quiet = false;
};

std::span<const Option<CommandOptions>> command_option_table() {
  using C = CommandOptions;
  static const std::vector<Option<C>> table = {
      one_of<C>(
          "method", &C::method,
          "relu: two layers with ReLU or leaky ReLU between them; parallel: a sum of deep chains with ReLU or leaky "
          "ReLU between their layers, one or more; gated: gated linear units, over all weights for their gates; "
          "linear: a chain of layers without activations, under half the "
          "sum of squared errors and no penalty; spectral: generalized polynomial networks of weights that are not "
          "negative, in the norms that the options give",
          {"relu", "parallel", "gated", "linear", "spectral"}),
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

struct CertifyArguments {
  CommandOptions command;
  ReadOptions read;
  RecipeOptions recipe;
  relu::CertifyOptions certify;
  ChainOptions chain;
  train::ParallelOptions parallel;
  train::GatedCertifyOptions gated;
  train::PolynomialCertifyOptions polynomial;

  CertifyArguments() { recipe.scale = recipe.target_scale = "none", recipe.keep_constant = true; }
};

std::string architecture(const train::CertifiedNetwork& told) {
  const std::string kind = told.network.slope != 0 ? printed("leaky ReLU (%g)", told.network.slope) : "ReLU";
  return printed("%ld inputs, %ld %s units, %ld output%s%s", static_cast<long>(told.network.inputs()),
                 static_cast<long>(told.network.units()), kind.c_str(), static_cast<long>(told.network.outputs()),
                 told.network.outputs() == 1 ? "" : "s", told.has_biases() ? ", with biases" : "");
}

void print_unit(const train::CertifiedNetwork& told) {
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

}  // namespace

void print_table(const train::CertifiedNetwork& told, double seconds, const std::string& model) {
  const relu::Certified& r = told.result;
  for (const IgnoredColumn& column : r.ignored)
    std::fprintf(stderr, "  column %s left out: %s\n", column.name.c_str(), column.reason.c_str());
  print_line("network", architecture(told) + ", from " + told.request.source);
  print_line("data", printed("%ld rows", static_cast<long>(r.training.samples())) +
                         (r.training.classes() > 0 ? printed(", %d classes", r.training.classes()) : ""));
  print_line("definition", told.definition());
  print_line("objective", printed("%.12g   (penalty %.6g)", r.given.objective, r.given.penalty));
  if (r.given.objective > r.balanced * (1 + 1e-6))
    print_line("", printed("%.12g with units of balanced norms, which compute the same", r.balanced));
  print_line("stationarity", printed("%.3g   (0 at a critical point, 1 far from any)", r.given.stationarity));
  print_line("lower bound", printed("%.12g   over networks of any width, proven", r.lower_bound));
  print_line("relative gap", printed("%.3g   (asked for: %.3g)", r.relative_gap, told.request.options.gap));
  print_line("claim", std::string(to_string(r.claim)));
  print_line("better", printed("%.12g by training on%s", r.best,
                               told.request.options.improve ? "; this network is written" : ""));
  print_unit(told);
  print_line("stopped", r.stop_sentence);
  print_line("time", printed("%.2f s", seconds));
  print_line("model", model);
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", model.c_str(), told.request.data.c_str());
}

namespace {

exchange::Between between_of(const CommandOptions& command) {
  if (command.method == "linear") return {exchange::Activation::none, 0};
  const bool leaky = command.activation == "leaky_relu";
  return {leaky ? exchange::Activation::leaky_relu : exchange::Activation::relu, leaky ? command.slope : 0};
}

/// Writes the model file, and tells.
template <class Told>
void tell(const CommandOptions& command, const Told& told, const std::string& out,
          std::chrono::steady_clock::time_point begin) {
  write_file(out, encode_model(told.model));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  if (command.json)
    std::puts(train::to_json(told, seconds.count(), out).dump(2).c_str());
  else if (!command.quiet)
    print_table(told, seconds.count(), out);
}

int run_parallel(const CertifyArguments& a, const Table& table, const exchange::Branches& branches,
                 const std::string& out, std::chrono::steady_clock::time_point begin) {
  const exchange::ReadParallel read = exchange::to_parallel(branches, a.command.network);
  ProgressLine progress(a.command.quiet || a.command.json);
  const train::CertifiedParallel told = train::certify_parallel(
      table, a.recipe, read.network,
      {a.command.network, a.command.data, branches.source, read.constant, a.parallel, a.command.seed}, progress);
  progress.clear();
  tell(a.command, told, out, begin);
  if (interrupts() > 0) return interrupted;
  const Claim claim = a.parallel.improve ? told.model.certificate.claim : told.claim;
  return claim == Claim::certified ? done : not_proved;
}

int run_gated(const CertifyArguments& a, const Table& table, const exchange::ReadGated& read, const std::string& out,
              std::chrono::steady_clock::time_point begin) {
  ProgressLine progress(a.command.quiet || a.command.json);
  const train::CertifiedGated told =
      train::certify_gated(table, with_fixed(a.recipe, read.scale), read.network,
                           {a.command.network, a.command.data, read.source, a.gated, read.strict}, progress);
  progress.clear();
  tell(a.command, told, out, begin);
  if (interrupts() > 0) return interrupted;
  const Claim claim = a.gated.improve ? told.model.certificate.claim : told.claim;
  return claim == Claim::certified ? done : not_proved;
}

int run_polynomial(const CertifyArguments& a, const Table& table, const exchange::ReadPolynomial& read,
                   const std::string& out, std::chrono::steady_clock::time_point begin) {
  ProgressLine progress(a.command.quiet || a.command.json);
  const train::CertifiedPolynomial told =
      train::certify_polynomial(table, with_fixed(a.recipe, read.scale), read.network,
                                {a.command.network, a.command.data, read.source, a.polynomial}, progress);
  progress.clear();
  tell(a.command, told, out, begin);
  if (interrupts() > 0) return interrupted;
  return told.model.certificate.claim == Claim::certified ? done : not_proved;
}

int run_certify(const CertifyArguments& a, const MethodOptions& methods) {
  validate(a.command, command_option_table());
  validate(a.recipe, recipe_option_table());
  methods.settle({a.command.method});
  const auto begin = std::chrono::steady_clock::now();
  const bool parallel = a.command.method == "parallel", is_gated = a.command.method == "gated";
  const bool is_polynomial = a.command.method == "spectral";
  exchange::Branches branches;
  exchange::ReadGated gated;
  exchange::ReadPolynomial polynomial;
  exchange::Layers layers;
  if (parallel)
    branches = exchange::read_branches(a.command.network, between_of(a.command));
  else if (is_gated)
    gated = exchange::read_gated(a.command.network);
  else if (is_polynomial)
    polynomial = exchange::read_polynomial(a.command.network);
  else
    layers = exchange::read_layers(a.command.network, between_of(a.command));
  const Table table = read_table(a.command.data, a.read);
  const std::string out =
      a.command.out.empty() ? std::filesystem::path(a.command.network).stem().string() + ".nadir" : a.command.out;
  if (parallel) return run_parallel(a, table, branches, out, begin);
  if (is_gated) return run_gated(a, table, gated, out, begin);
  if (is_polynomial) return run_polynomial(a, table, polynomial, out, begin);
  if (a.command.method == "linear") {
    validate(a.chain, chain_option_table());
    const train::JudgedChain told =
        train::certify_linear(table, a.recipe, exchange::to_chain(layers, a.command.network),
                              {a.command.network, a.command.data, layers.source, a.chain.gap, a.chain.residual});
    tell(a.command, told, out, begin);
    return told.certificate().claim == Claim::certified ? done : not_proved;
  }
  const TwoLayerNetwork network = exchange::to_two_layer(layers, a.command.network);
  ProgressLine progress(a.command.quiet || a.command.json);
  const train::CertifiedNetwork told =
      train::certify(table, a.recipe, network,
                     {a.command.network, a.command.data, layers.source, a.certify, a.command.seed}, progress);
  progress.clear();
  tell(a.command, told, out, begin);
  if (interrupts() > 0) return interrupted;
  const Claim claim = a.certify.improve ? told.result.certificate.claim : told.result.claim;
  return claim == Claim::certified ? done : not_proved;
}

}  // namespace

void add_certify(CLI::App& app, Run& run) {
  auto arguments = std::make_shared<CertifyArguments>();
  CLI::App* command =
      app.add_subcommand("certify", "say how far NETWORK, trained elsewhere, is from the optimum on DATA");
  command->footer(
      "NETWORK: two layers with ReLU or leaky ReLU between them, as ONNX, safetensors or NPZ (arrays W1, b1, W2, b2,\n"
      "weights out x in; or NAME.weight, NAME.bias as torch has them). Features go in as they are in DATA, in the "
      "order\n"
      "of its columns, unless --scale says otherwise; classes are numbered in the order of their names.\n"
      "Biases are penalized like weights: hidden ones as weights of a constant feature 1, output ones by their "
      "squares,\n"
      "or, with --free-output-biases, not at all; with --free-hidden-biases besides hidden ones are not, either.\n"
      "The lower bound holds over networks of any width. The model file holds the network with balanced units (or "
      "with\n"
      "--improve the better one), and the certificate that nadir-verify checks.\n"
      "--method parallel takes a sum of chains of ReLU layers, or one: ONNX branches that are added up, or arrays\n"
      "PREFIX.i.W1, PREFIX.i.W2, .. (PREFIX.i.NAME.weight) of the sub-networks i. Only first layers have biases. "
      "--penalty\n"
      "norms is the sum of products of their layers' norms, powers that of means of K-th powers of the K norms.\n"
      "--method gated takes arrays G (gates x inputs) and V (row p K + k: of gate p and output k); where they have an "
      "input\n"
      "more than there are features, it is the constant 1. Or ONNX: (x @ G.T >= 0) times layers of x, added up.\n"
      "--method spectral takes arrays U1, U2, .. (units x inputs), alpha1, alpha2, .. (a unit's exponent) and W "
      "(classes "
      "x\n"
      "units), or ONNX of such layers and Pow; no entry negative. Without --rho-u and --rho-w the norms that it has "
      "are those that it was allowed.\n"
      "--method linear judges whether a deep linear network is a global minimum, a saddle (with a direction that "
      "lowers\n"
      "the loss) or not critical, and proves a lower bound over networks of its widths.\n"
      "Exit code 0: the gap asked for is proven; 4: it is not.");
  command->add_option("NETWORK", arguments->command.network, "file of the network")->required();
  command->add_option("DATA", arguments->command.data, "the rows it was trained on")->required();
  bind_options(*command, arguments->read, read_option_table(), "Data");
  bind_options(*command, arguments->recipe, recipe_option_table(), "Data");
  bind_options(*command, arguments->command, command_option_table(), "Network and output");
  auto methods = std::make_shared<MethodOptions>(*command);
  methods->add("relu", arguments->certify, relu::certify_option_table());
  methods->add("parallel", arguments->parallel, train::parallel_option_table());
  methods->add("gated", arguments->gated, train::gated_certify_option_table());
  methods->add("linear", arguments->chain, chain_option_table());
  methods->add("spectral", arguments->polynomial, train::polynomial_certify_option_table());
  command->callback(
      [arguments, methods, &run] { run = [arguments, methods] { return run_certify(*arguments, *methods); }; });
}

}  // namespace nadir::cli
