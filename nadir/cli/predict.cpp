// nadir predict: classes, their probabilities, or quantities, for the rows of a file.
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/data/number.hpp"
#include "nadir/model/predictions.hpp"
#include "nadir/train/measures.hpp"

namespace nadir::cli {
namespace {

struct PredictArguments {
  std::string model, data, labels, out;
  bool proba = false;
  int threads = 0;
};

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

std::string to_csv(const Model& model, const Matrix& f, bool proba) {
  const Recipe& recipe = model.recipe;
  const std::string name = recipe.target_name;
  if (recipe.quantity) {
    std::string text = csv_cell(name.empty() ? "target" : name) + '\n';
    for (const double value : recipe.quantity->in_units(f.col(0))) text += number(value) + '\n';
    return text;
  }
  const auto& classes = recipe.classes;
  std::string text;
  if (!proba) {
    text = csv_cell(name.empty() ? "class" : name) + '\n';
    for (const int label : classes_of(f)) text += csv_cell(classes[static_cast<std::size_t>(label)]) + '\n';
    return text;
  }
  for (std::size_t r = 0; r < classes.size(); ++r) text += (r > 0 ? "," : "") + csv_cell(classes[r]);
  text += '\n';
  const Matrix p = class_probabilities(f);
  for (Index i = 0; i < p.rows(); ++i)
    for (Index r = 0; r < p.cols(); ++r) text += (r > 0 ? "," : "") + number(p(i, r)) + (r + 1 == p.cols() ? "\n" : "");
  return text;
}

/// --proba for a model that has none is refused before anything is read.
void require_probabilities(const Model& model) {
  if (model.recipe.quantity)
    throw UsageError("--proba: the model predicts a quantity, which has no probabilities; leave it out");
  if (!has_probabilities(model))
    throw UsageError("--proba: the model's loss is " + loss_of(model) +
                     ", whose outputs are no probabilities; leave it out, or train with --loss logistic or softmax");
}

/// A line on standard error on the rows whose class is known.
void tell_accuracy(const Model& model, const Matrix& f, const Target& target) {
  const std::vector<int> predicted = classes_of(f);
  std::size_t known = 0, right = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    if (target.missing(static_cast<Index>(i))) continue;
    ++known;
    right += target.text(static_cast<Index>(i)) == model.recipe.classes[static_cast<std::size_t>(predicted[i])] ? 1 : 0;
  }
  if (known > 0)
    std::fprintf(stderr, "%zu of %zu rows with a label are classified right (%.2f%%)\n", right, known,
                 100.0 * static_cast<double>(right) / static_cast<double>(known));
}

/// The same on those whose quantity is known. Labels of a LIBSVM file that are all equal are placeholders.
void tell_errors(const Model& model, const Matrix& f, const Target& target) {
  const Vector all = model.recipe.quantity->in_units(f.col(0));
  std::vector<double> predicted, actual;
  for (Index row = 0; row < all.size(); ++row) {
    double value = 0;
    if (target.missing(row) || !parse_number(target.text(row), value)) continue;
    predicted.push_back(all[row]), actual.push_back(value);
  }
  const auto count = static_cast<Index>(actual.size());
  if (count == 0) return;
  const train::Measures measures =
      train::measure_quantities(Vector::Map(predicted.data(), count), Vector::Map(actual.data(), count));
  if (!measures.r2 && model.recipe.source.format == "libsvm") return;
  std::fprintf(stderr, "%ld rows with a known target: %s\n", static_cast<long>(count),
               train::in_words(measures).c_str());
}

int run_predict(const PredictArguments& a) {
  const Model model = decode_model(read_file(a.model), a.model);
  if (a.proba) require_probabilities(model);
  Table table = read_table_for(model.recipe, a.data, a.labels);
  std::vector<Index> rows(static_cast<std::size_t>(table.rows));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<Index>(i);
  // A label that is missing or unknown does not keep a row from being predicted.
  const std::optional<Target> target = std::exchange(table.target, std::nullopt);
  const Dataset dataset = apply_recipe(model.recipe, table, rows, sign_of(model.network));
  const Matrix f = outputs(model.network, dataset.features, resolve_threads(a.threads));
  const std::string text = to_csv(model, f, a.proba);
  if (a.out.empty())
    std::fwrite(text.data(), 1, text.size(), stdout);
  else
    write_file(a.out, text);
  if (target) (model.recipe.quantity ? tell_errors : tell_accuracy)(model, f, *target);
  return done;
}

}  // namespace

void add_predict(CLI::App& app, Run& run) {
  auto arguments = std::make_shared<PredictArguments>();
  CLI::App* command = app.add_subcommand("predict", "predict the target of the rows of DATA with MODEL");
  command->footer(
      "Writes CSV with a header: classes, or a quantity in its own units. If DATA holds the target, how well it is "
      "met\n"
      "(the share classified right, or R2 and root mean squared error) goes to standard error.");
  command->add_option("MODEL", arguments->model, "model file")->required();
  command->add_option("DATA", arguments->data, "file of the kind the model was trained on; the target may be absent")
      ->required();
  command->add_flag("--proba", arguments->proba,
                    "probabilities of all classes instead of the class; needs a loss that has them");
  command->add_option("--labels", arguments->labels,
                      "labels in a file of their own (IDX, NPY), or the array with the labels (NPZ)");
  command->add_option("--out", arguments->out, "file to write instead of standard output");
  command->add_option("--threads", arguments->threads, "0: all processors")->check(CLI::Range(0, 1024));
  command->callback([arguments, &run] { run = [arguments] { return run_predict(*arguments); }; });
}

}  // namespace nadir::cli
