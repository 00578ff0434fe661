// nadir export: a model in a format that other programs run.
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/exchange/arrays_writer.hpp"
#include "nadir/exchange/onnx_answers.hpp"
#include "nadir/model/predictions.hpp"

namespace nadir::cli {
namespace {

struct ExportArguments {
  std::string model, to;
};

/// What the file says of where it comes from.
std::map<std::string, std::string> origin(const Model& model, const std::string& bytes) {
  Sha256 hash;
  hash.add(std::string_view(bytes));
  const Certificate& it = model.certificate;
  nlohmann::json columns = nlohmann::json::array();
  for (const ColumnRecipe& column : model.recipe.columns) columns.push_back(column.name);
  return {{"columns", columns.dump()},
          {"classes", nlohmann::json(model.recipe.classes).dump()},
          {"claim", std::string(to_string(it.claim))},
          {"objective", printed("%.17g", it.objective)},
          {"lower_bound", printed("%.17g", it.lower_bound)},
          {"relative_gap", printed("%.17g", it.relative_gap)},
          {"model_sha256", hash.finish()},
          {"certificate",
           "not here: it lies in the .nadir file with this SHA-256, which nadir-verify checks against the data"}};
}

std::string to_onnx(const Model& model, const std::map<std::string, std::string>& metadata, const std::string& to) {
  exchange::OnnxWriter onnx(exchange::onnx_answers);
  const auto features = exchange::write_features(onnx, model.recipe, sign_of(model.network));
  const auto outputs =
      std::visit([&](const auto& one) { return exchange::write_network(onnx, features, one); }, model.network);
  const bool has_probabilities = !model.recipe.quantity && nadir::has_probabilities(model);
  exchange::write_answers(onnx, features, outputs, model.recipe, has_probabilities);
  return onnx.finish(metadata, to);
}

exchange::Layers layers_of(const Model& model, const std::string& path) {
  const bool constant = model.recipe.bias;
  if (const auto* const chain = std::get_if<BiasedChain>(&model.network)) return exchange::to_layers(*chain, constant);
  if (const auto* const relu = std::get_if<ReluNetwork>(&model.network))
    return exchange::to_layers(*relu, constant, path);
  throw InputError(path + ": the network is no chain of linear or ReLU layers; export it as .onnx");
}

int run_export(const ExportArguments& a) {
  const std::string ending = std::filesystem::path(a.to).extension().string();
  if (ending != ".onnx" && ending != ".safetensors")
    throw UsageError("--to: " + a.to + " does not end in .onnx or .safetensors, which say what to write");
  const std::string bytes = read_file(a.model);
  const Model model = decode_model(bytes, a.model);
  const auto metadata = origin(model, bytes);
  if (ending == ".onnx") {
    write_file(a.to, to_onnx(model, metadata, a.to));
  } else {
    write_file(a.to, exchange::encode_layers(layers_of(model, a.model), metadata));
    std::fprintf(stderr, "the layers take features, which the recipe in %s makes, and give scaled quantities\n",
                 a.model.c_str());
  }
  std::fprintf(stderr, "wrote %s; the certificate stays in %s\n", a.to.c_str(), a.model.c_str());
  return done;
}

}  // namespace

void add_export(CLI::App& app, Run& run) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = app.add_subcommand("export", "write MODEL in a format that other programs run");
  command->footer(
      ".onnx: the network with its preprocessing, in double precision. It takes the raw numbers, X (N x columns, "
      "without\n"
      "the target, NaN where one is missing), or an input for each column where some hold texts; it gives label and\n"
      "probabilities (or scores), or prediction in the target's units.\n"
      ".safetensors: the layers alone, as W1, b1, W2, b2, .., of linear networks and of ReLU networks without a "
      "linear\n"
      "part; they take features.\n"
      "The certificate stays in MODEL, whose SHA-256 the file names.");
  command->add_option("MODEL", arguments->model, "model file")->required();
  command->add_option("--to", arguments->to, "file to write, .onnx or .safetensors; replaced if it is there")
      ->required();
  command->callback([arguments, &run] { run = [arguments] { return run_export(*arguments); }; });
}

}  // namespace nadir::cli
