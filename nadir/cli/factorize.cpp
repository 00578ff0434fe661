// nadir factorize: a matrix as a product of two, sparse or non-negative if wanted, with a proof of how good it is.
#include "nadir/train/factorize.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "nadir/base/file.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/interrupt.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/cli/progress.hpp"
#include "nadir/data/options.hpp"

namespace nadir::cli {
namespace {

struct FactorizeArguments {
  std::string matrix, out;
  ReadOptions read;
  train::FactorizeOptions options;
  bool json = false, quiet = false;
};

void print_factorization(const train::Factorized& told, double seconds, const std::string& matrix,
                         const std::string& out) {
  const FactorizationModel& m = told.model;
  const Certificate& c = m.certificate;
  print_line("matrix", printed("%ld x %ld, from %s", static_cast<long>(m.left.rows()),
                               static_cast<long>(m.right.rows()), matrix.c_str()));
  print_line("factors", printed("U and V of %ld column%s; %s", static_cast<long>(m.left.cols()),
                                m.left.cols() == 1 ? "" : "s", train::penalty_in_words(m.penalty).c_str()));
  print_line("lambda", printed("%.6g   (%.3g of the largest that is known to leave any factors)", m.penalty.lambda,
                               m.penalty.lambda / told.largest_lambda));
  print_line("objective", printed("%.12g   (%.12g at zero)", c.objective, c.objective_at_zero));
  print_line("lower bound", printed("%.12g   over any number of columns, proven", c.lower_bound));
  print_line("relative gap", printed("%.3g   (asked for: %.3g)", c.relative_gap, c.target_gap));
  print_line("claim", std::string(to_string(c.claim)));
  print_line("stopped", told.stop_sentence);
  print_line("time", printed("%.2f s", seconds));
  print_line("model", out);
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", out.c_str(), matrix.c_str());
}

int run_factorize(const FactorizeArguments& a) {
  const auto begin = std::chrono::steady_clock::now();
  watch_for_interrupts();
  const Table table = read_table(a.matrix, a.read);
  const std::string out =
      a.out.empty() ? std::filesystem::path(a.matrix).filename().replace_extension(".nadir").string() : a.out;
  ProgressLine progress(a.quiet || a.json);
  const train::Factorized told = train::factorize(table, a.matrix, a.options, progress);
  progress.clear();
  write_file(out, encode_factorization(told.model));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  if (a.json)
    std::puts(train::to_json(told, seconds.count(), out).dump(2).c_str());
  else if (!a.quiet)
    print_factorization(told, seconds.count(), a.matrix, out);
  if (interrupts() > 0) return interrupted;
  return told.model.certificate.claim == Claim::certified ? done : not_proved;
}

}  // namespace

void add_factorize(CLI::App& app, Run& run) {
  auto a = std::make_shared<FactorizeArguments>();
  CLI::App* command =
      app.add_subcommand("factorize", "write a matrix as a product of two, sparse or non-negative ones too");
  command->footer(
      "MATRIX: a csv, npy or npz file all of whose cells are numbers; nothing is scaled. Minimizes |Y - U V'|^2 / 2 +\n"
      "lambda times the sum of |u_i| |v_i| over the columns of U and V, of any number, and writes a model file whose\n"
      "bound nadir-verify proves again from MATRIX. Exit code 4: the wanted gap was not proved.");
  command->add_option("MATRIX", a->matrix, "the matrix, rows x columns")->required();
  bind_options(*command, a->options, train::factorize_option_table(), "Factorization");
  for (const Option<ReadOptions>& option : read_option_table())
    if (option.name != "target" && option.name != "labels")
      bind_option(*command, a->read, option, "Reading the matrix");
  command->add_option("--out", a->out, "model file to write [name of MATRIX with .nadir]");
  command->add_flag("--json", a->json, "print one JSON object on standard output");
  command->add_flag("--quiet", a->quiet, "no progress line and no table");
  command->callback([a, &run] { run = [a] { return run_factorize(*a); }; });
}

}  // namespace nadir::cli
