// nadir predict: classes, or their probabilities, for the rows of a file.
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "nadir/base/file.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/results.hpp"
#include "nadir/model/model_file.hpp"

namespace nadir::cli {
namespace {

struct Arguments {
  std::string model, data, labels, out;
  bool proba = false;
  int threads = 0;
};

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + '"';
}

std::string to_csv(const Model& model, const Matrix& f, bool proba) {
  std::string text;
  const auto& classes = model.recipe.classes;
  if (!proba) {
    text = quoted(model.recipe.target_name.empty() ? "class" : model.recipe.target_name) + '\n';
    for (const int label : classify(f)) text += quoted(classes[static_cast<std::size_t>(label)]) + '\n';
    return text;
  }
  for (std::size_t r = 0; r < classes.size(); ++r) text += (r > 0 ? "," : "") + quoted(classes[r]);
  text += '\n';
  const Matrix p = probabilities(f);
  char number[40];
  for (Index i = 0; i < p.rows(); ++i)
    for (Index r = 0; r < p.cols(); ++r) {
      std::snprintf(number, sizeof number, "%.17g", p(i, r));
      text += (r > 0 ? "," : "") + std::string(number) + (r + 1 == p.cols() ? "\n" : "");
    }
  return text;
}

int run_predict(const Arguments& a) {
  const Model model = decode_model(read_file(a.model), a.model);
  Table table = read_table_for(model.recipe, a.data, a.labels);
  std::vector<Index> rows(static_cast<std::size_t>(table.rows));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<Index>(i);
  // A label that is missing or unknown does not keep a row from being predicted.
  const std::optional<Target> target = std::exchange(table.target, std::nullopt);
  const Dataset dataset = apply_recipe(model.recipe, table, rows, Sign::non_negative);
  const Matrix f = outputs(model.network, dataset.features, resolve_threads(a.threads));
  const std::string text = to_csv(model, f, a.proba);
  if (a.out.empty())
    std::fwrite(text.data(), 1, text.size(), stdout);
  else
    write_file(a.out, text);
  if (!target) return done;
  const std::vector<int> predicted = classify(f);
  std::size_t known = 0, right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (target->missing(rows[i])) continue;
    ++known;
    right += target->text(rows[i]) == model.recipe.classes[static_cast<std::size_t>(predicted[i])] ? 1 : 0;
  }
  if (known > 0)
    std::fprintf(stderr, "%zu of %zu rows with a label are classified right (%.2f%%)\n", right, known,
                 100.0 * static_cast<double>(right) / static_cast<double>(known));
  return done;
}

}  // namespace

void add_predict(CLI::App& app, Run& run) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("predict", "classify the rows of DATA with MODEL");
  command->footer("Writes CSV with a header. If DATA holds labels, the share classified right goes to standard error.");
  command->add_option("MODEL", arguments->model, "model file")->required();
  command->add_option("DATA", arguments->data, "file of the kind the model was trained on; the target may be absent")
      ->required();
  command->add_flag("--proba", arguments->proba, "probabilities of all classes instead of the class");
  command->add_option("--labels", arguments->labels, "labels in a file of their own (IDX, NPY)");
  command->add_option("--out", arguments->out, "file to write instead of standard output");
  command->add_option("--threads", arguments->threads, "0: all processors")->check(CLI::Range(0, 1024));
  command->callback([arguments, &run] { run = [arguments] { return run_predict(*arguments); }; });
}

}  // namespace nadir::cli
