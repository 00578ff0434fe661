// nadir reduce: the same two-layer network on its training rows with as few units as that takes.
#include "nadir/train/reduce.hpp"

#include <cstdio>
#include <memory>

#include "nadir/base/file.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/printed.hpp"

namespace nadir::cli {
namespace {

struct ReduceArguments {
  std::string model, data, labels, out;
  bool json = false, quiet = false;
};

int run_reduce(const ReduceArguments& a) {
  const Model model = decode_model(read_file(a.model), a.model);
  const Table table = read_table_for(model.recipe, a.data, a.labels);
  const train::ReducedModel told = train::reduce(model, table, resolve_threads(0));
  write_file(a.out, encode_model(told.model));
  if (a.json) {
    std::puts(train::to_json(told, a.out).dump(2).c_str());
    return done;
  }
  if (a.quiet) return done;
  const Certificate& c = told.model.certificate;
  const auto before = static_cast<long>(told.units_before), units = static_cast<long>(told.units);
  if (units == before) {
    print_line("units",
               printed("%ld, whose outputs on the training rows are linearly independent: none can go", units));
  } else {
    print_line("units", printed("%ld of %ld are left", units, before));
    print_line("outputs", printed("change by at most %.2g on the training rows", told.change));
  }
  print_line("objective", printed("%.12g, before %.12g", c.objective, told.objective_before));
  print_line("claim", printed("%s, relative gap %.3g", std::string(to_string(c.claim)).c_str(), c.relative_gap));
  print_line("model", a.out);
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", a.out.c_str(), a.data.c_str());
  return done;
}

}  // namespace

void add_reduce(CLI::App& app, Run& run) {
  auto arguments = std::make_shared<ReduceArguments>();
  CLI::App* command = app.add_subcommand("reduce", "leave out units of MODEL that the others can stand in for");
  command->footer(
      "MODEL: a two-layer network of ReLU units or their powers, of nadir train or nadir certify; DATA: what it was "
      "trained\n"
      "on. Output weights are changed so that its outputs on the training rows stay, its norm does not grow and no "
      "unit's\n"
      "outputs there are a combination of the others' (Caratheodory): at most one unit is left for each training row "
      "and\n"
      "output. The certificate's lower bounds hold on; on other rows predictions may change.");
  command->add_option("MODEL", arguments->model, "model file")->required();
  command->add_option("DATA", arguments->data, "the data it was trained on")->required();
  command->add_option("--labels", arguments->labels, "labels of IDX or NPZ data, where training had them");
  command->add_option("--out", arguments->out, "model file to write")->required();
  command->add_flag("--json", arguments->json, "print one JSON object on standard output");
  command->add_flag("--quiet", arguments->quiet, "no table");
  command->callback([arguments, &run] { run = [arguments] { return run_reduce(*arguments); }; });
}

}  // namespace nadir::cli
