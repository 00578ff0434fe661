// nadir inspect: what a model file holds and claims.
#include <cstdio>
#include <memory>

#include "nadir/base/file.hpp"
#include "nadir/base/hexfloat.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/model/factorization_file.hpp"
#include "nadir/model/predictions.hpp"
#include "nadir/report/text.hpp"
#include "nadir/train/factorize.hpp"
#include "nadir/train/words.hpp"

namespace nadir::cli {
namespace {

struct InspectArguments {
  std::string model;
  bool json = false;
};

nlohmann::json to_json(const PolynomialNetwork& network) {
  nlohmann::json layers = nlohmann::json::array();
  for (const auto& layer : network.hidden)
    layers.push_back(
        {{"units", layer.weights.rows()}, {"inputs", layer.weights.cols()}, {"masked", layer.mask.size() > 0}});
  return {{"kind", "polynomial"}, {"hidden", layers}, {"classes", network.classes()}};
}

nlohmann::json to_json(const GatedNetwork& network) {
  return {{"kind", "gated"},
          {"inputs", network.inputs()},
          {"gates", network.gates.rows()},
          {"active", network.active()},
          {"outputs", network.outputs}};
}

nlohmann::json to_json(const ReluNetwork& network) {
  nlohmann::json json = {
      {"kind", "relu"}, {"inputs", network.inputs()}, {"units", network.units.rows()}, {"outputs", network.outputs()}};
  if (network.power != 1) json["power"] = network.power;
  return json;
}

nlohmann::json to_json(const BiasedChain& network) {
  return {{"kind", "linear"}, {"widths", widths_of(network.chain)}, {"biases", network.has_biases()}};
}

nlohmann::json to_json(const KernelMachine& network) {
  return {{"kind", "kernel"},
          {"inputs", network.inputs()},
          {"power", network.power},
          {"samples", network.samples.rows()},
          {"outputs", network.outputs()}};
}

nlohmann::json to_json(const ParallelNetwork& network) {
  return {
      {"kind", "parallel"}, {"subnetworks", network.count()}, {"widths", network.widths()}, {"slope", network.slope}};
}

std::string in_words(const ParallelNetwork& network) { return train::parallel_in_words(network); }

std::string in_words(const KernelMachine& network) { return train::kernel_in_words(network); }

std::string in_words(const BiasedChain& network) { return train::chain_in_words(network); }

std::string in_words(const ReluNetwork& network) {
  return printed("%ss, %ld inputs, %ld unit%s%s, %ld output%s", train::unit_in_words(network.power).c_str(),
                 static_cast<long>(network.inputs()), static_cast<long>(network.units.rows()),
                 network.units.rows() == 1 ? "" : "s", network.skip.size() > 0 ? " and a linear part" : "",
                 static_cast<long>(network.outputs()), network.outputs() == 1 ? "" : "s");
}

std::string in_words(const PolynomialNetwork& network) {
  std::string text = printed("polynomial, %ld inputs", static_cast<long>(network.inputs()));
  for (const auto& layer : network.hidden)
    text += printed(", %ld hidden units%s with exponents %g to %g", static_cast<long>(layer.weights.rows()),
                    layer.mask.size() > 0 ? " (masked)" : "", layer.exponents.minCoeff(), layer.exponents.maxCoeff());
  return text + printed(", %ld outputs", static_cast<long>(network.classes()));
}

std::string in_words(const GatedNetwork& network) {
  return printed("gated linear units, %ld inputs, %ld of %ld gates active, %ld output%s",
                 static_cast<long>(network.inputs()), static_cast<long>(network.active()),
                 static_cast<long>(network.gates.rows()), static_cast<long>(network.outputs),
                 network.outputs == 1 ? "" : "s");
}

void print_target(const Recipe& recipe) {
  if (recipe.quantity && *recipe.quantity == Quantity()) {
    std::printf("target       a quantity\n");
    return;
  }
  if (recipe.quantity) {
    std::printf("target       a quantity of mean %.6g and deviation %.6g\n", recipe.quantity->offset,
                recipe.quantity->range);
    return;
  }
  std::printf("classes     ");
  for (const auto& name : recipe.classes) std::printf(" %s", name.c_str());
  std::printf("\n");
}

int inspect_factorization(const FactorizationModel& model, const InspectArguments& a) {
  const auto rows = static_cast<long>(model.left.rows()), columns = static_cast<long>(model.right.rows()),
             pairs = static_cast<long>(model.left.cols());
  const std::string penalty = train::penalty_in_words(model.penalty);
  if (a.json) {
    const nlohmann::json result = {
        {"network", {{"kind", "factorization"}, {"rows", rows}, {"columns", columns}, {"pairs", pairs}}},
        {"objective", {{"penalty", penalty}, {"lambda", model.penalty.lambda}}},
        {"certificate", to_json(model.certificate)},
        {"notes", model.notes}};
    std::puts(result.dump(2).c_str());
    return done;
  }
  std::printf("%s\n\n", a.model.c_str());
  std::printf("matrix       %ld x %ld, as a product of two with %ld column%s\n", rows, columns, pairs,
              pairs == 1 ? "" : "s");
  std::printf("factors      %s\n", penalty.c_str());
  std::printf("lambda       %.6g\n", model.penalty.lambda);
  std::printf("trained on   %s\n", model.notes.value("data", "?").c_str());
  std::printf("stopped      %s\n", model.notes.value("stop_sentence", "?").c_str());
  std::printf("\n%s", report::describe(model.certificate).c_str());
  return done;
}

int run_inspect(const InspectArguments& a) {
  const SealedFile sealed = unseal(read_file(a.model), a.model);
  if (is_factorization(sealed)) return inspect_factorization(decode_factorization(sealed, a.model), a);
  const Model model = decode_model(sealed, a.model);
  if (a.json) {
    const nlohmann::json result = {
        {"network", std::visit([](const auto& network) { return to_json(network); }, model.network)},
        {"recipe", model.recipe.to_json()},
        {"objective", model.objective},
        {"certificate", to_json(model.certificate)},
        {"notes", model.notes}};
    std::puts(result.dump(2).c_str());
    return done;
  }
  std::printf("%s\n\n", a.model.c_str());
  std::printf("network      %s\n",
              std::visit([](const auto& network) { return in_words(network); }, model.network).c_str());
  print_target(model.recipe);
  if (model.objective.at("kind") == "mean_loss") {
    std::printf("loss         %s, no penalty\n", loss_of(model).c_str());
  } else if (!std::holds_alternative<PolynomialNetwork>(model.network)) {
    const char* const size = model.objective.at("kind") == "constrained" ? "radius" : "lambda";
    std::printf("loss         %s, %s %.6g\n", loss_of(model).c_str(), size,
                from_hex(model.objective.at(size).get<std::string>()));
  }
  if (const std::string weights = train::weights_in_words(model.objective, model.recipe); !weights.empty())
    std::printf("weights      %s\n", weights.c_str());
  std::printf("trained on   %s, %ld rows, target %s\n", model.notes.value("data", "?").c_str(),
              model.certificate.samples, model.recipe.target_name.c_str());
  std::printf("stopped      %s after %d iterations: %s\n", model.notes.value("stop", "?").c_str(),
              model.notes.value("iterations", 0), model.notes.value("stop_sentence", "").c_str());
  if (model.notes.contains("certificates"))
    for (const auto& tried : model.notes["certificates"])
      std::printf("certificate  %-18s %s: %.6g -> %s\n", tried.value("name", "").c_str(),
                  tried.value("number", "").c_str(), tried.value("value", 0.0),
                  tried.value("holds", false) ? "holds" : "does not hold");
  std::printf("\n%s", report::describe(model.certificate).c_str());
  return done;
}

}  // namespace

void add_inspect(CLI::App& app, Run& run) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App* command = app.add_subcommand("inspect", "say what MODEL is and what is claimed of it");
  command->footer("Prints what the file says; only `nadir verify` checks it.");
  command->add_option("MODEL", arguments->model, "model file")->required();
  command->add_flag("--json", arguments->json, "print one JSON object");
  command->callback([arguments, &run] { run = [arguments] { return run_inspect(*arguments); }; });
}

}  // namespace nadir::cli
