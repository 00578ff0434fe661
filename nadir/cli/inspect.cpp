// nadir inspect: what a model file holds and claims.
#include <cstdio>
#include <memory>

#include "nadir/base/file.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/report/text.hpp"

namespace nadir::cli {
namespace {

struct Arguments {
  std::string model;
  bool json = false;
};

int run_inspect(const Arguments& a) {
  const Model model = decode_model(read_file(a.model), a.model);
  if (a.json) {
    nlohmann::json layers = nlohmann::json::array();
    for (const auto& layer : model.network.hidden)
      layers.push_back(
          {{"units", layer.weights.rows()}, {"inputs", layer.weights.cols()}, {"masked", layer.mask.size() > 0}});
    const nlohmann::json result = {{"network", {{"hidden", layers}, {"classes", model.network.classes()}}},
                                   {"recipe", model.recipe.to_json()},
                                   {"objective", model.objective},
                                   {"certificate", to_json(model.certificate)},
                                   {"notes", model.notes}};
    std::puts(result.dump(2).c_str());
    return done;
  }
  std::printf("%s\n\n", a.model.c_str());
  std::printf("network      polynomial, %ld inputs", static_cast<long>(model.network.inputs()));
  for (const auto& layer : model.network.hidden)
    std::printf(", %ld hidden units%s with exponents %g to %g", static_cast<long>(layer.weights.rows()),
                layer.mask.size() > 0 ? " (masked)" : "", layer.exponents.minCoeff(), layer.exponents.maxCoeff());
  std::printf(", %ld outputs\nclasses     ", static_cast<long>(model.network.classes()));
  for (const auto& name : model.recipe.classes) std::printf(" %s", name.c_str());
  std::printf("\ntrained on   %s, %ld rows, target %s\n", model.notes.value("data", "?").c_str(),
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
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("inspect", "say what MODEL is and what is claimed of it");
  command->footer("Prints what the file says; only `nadir verify` checks it.");
  command->add_option("MODEL", arguments->model, "model file")->required();
  command->add_flag("--json", arguments->json, "print one JSON object");
  command->callback([arguments, &run] { run = [arguments] { return run_inspect(*arguments); }; });
}

}  // namespace nadir::cli
