// nadir plot: decision regions of two columns, and how the training converged.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"
#include "nadir/base/threads.hpp"
#include "nadir/cli/built_in.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/model/predictions.hpp"
#include "nadir/report/convergence.hpp"
#include "nadir/report/regions.hpp"

namespace nadir::cli {
namespace {

struct PlotArguments {
  std::string model, data, out, what = "regions";
  std::vector<std::string> columns;
};

constexpr Index grid = 200;

/// The two columns to draw: those asked for, else the first two numeric ones.
std::vector<const ColumnRecipe*> drawn_columns(const Recipe& recipe, const Table& table,
                                               const std::vector<std::string>& wanted) {
  std::vector<const ColumnRecipe*> columns;
  for (const auto& column : recipe.columns) {
    if (column.kind != ColumnKind::numeric) continue;
    if (wanted.empty() && columns.size() < 2) columns.push_back(&column);
  }
  for (const auto& text : wanted) {
    const Index index = find_column(table, text, "--columns");
    for (const auto& column : recipe.columns)
      if (column.index == index && column.kind == ColumnKind::numeric) columns.push_back(&column);
  }
  if (columns.size() != 2 || columns[0] == columns[1])
    throw UsageError(
        "decision regions need two different numeric columns that the network uses; choose them by --columns A,B");
  return columns;
}

std::string shortest(double value) {
  char buffer[40];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

/// The most frequent text of a column, and for numbers the middle one: what the columns not drawn are held at.
std::string typical_cell(const Table& table, const ColumnRecipe& column) {
  RowReader reader(table);
  std::map<std::string, int> counts;
  std::vector<double> numbers;
  for (Index row = 0; row < table.rows; ++row) {
    reader.go_to(row);
    const Cell cell = reader.cell(column.index);
    if (cell.missing) continue;
    if (column.kind == ColumnKind::numeric && cell.is_number)
      numbers.push_back(cell.number);
    else
      ++counts[reader.text(column.index)];
  }
  if (!numbers.empty()) {
    std::nth_element(numbers.begin(), numbers.begin() + static_cast<long>(numbers.size() / 2), numbers.end());
    return shortest(numbers[numbers.size() / 2]);
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](auto& a, auto& b) { return a.second < b.second; });
  return most == counts.end() ? "" : most->first;
}

/// A CSV of grid × grid rows: the two columns vary, the others are held.
std::string grid_csv(const Recipe& recipe, const Table& table, const ColumnRecipe& x, const ColumnRecipe& y,
                     const report::RegionPlot& plot) {
  const char delimiter = recipe.source.delimiter;
  std::vector<std::string> cells(static_cast<std::size_t>(recipe.source.columns), "");
  std::string text;
  if (recipe.source.header) {
    for (std::size_t i = 0; i < cells.size(); ++i)
      text += (i > 0 ? std::string(1, delimiter) : "") + csv_cell(table.names[i], delimiter);
    text += '\n';
  }
  for (const auto& column : recipe.columns)
    if (column.kind != ColumnKind::ignored)
      cells[static_cast<std::size_t>(column.index)] = csv_cell(typical_cell(table, column), delimiter);
  if (recipe.target_column >= 0)
    cells[static_cast<std::size_t>(recipe.target_column)] = csv_cell(recipe.classes[0], delimiter);
  for (Index j = 0; j < grid; ++j)
    for (Index i = 0; i < grid; ++i) {
      const auto at = [](double low, double high, Index k) {
        return low + (high - low) * (static_cast<double>(k) + 0.5) / grid;
      };
      cells[static_cast<std::size_t>(x.index)] = shortest(at(plot.x_low, plot.x_high, i));
      cells[static_cast<std::size_t>(y.index)] = shortest(at(plot.y_low, plot.y_high, j));
      for (std::size_t c = 0; c < cells.size(); ++c) text += (c > 0 ? std::string(1, delimiter) : "") + cells[c];
      text += '\n';
    }
  return text;
}

void widen(double& low, double& high) {
  const double margin = high > low ? 0.05 * (high - low) : 1;
  low -= margin, high += margin;
}

std::string regions(const Model& model, const Table& table, const PlotArguments& a) {
  if (model.recipe.quantity)
    throw UsageError("decision regions are of classes, and this model predicts a quantity; try --what convergence");
  if (model.recipe.source.format != "csv")
    throw UsageError("decision regions are drawn for CSV data; try --what convergence");
  const auto columns = drawn_columns(model.recipe, table, a.columns);
  report::RegionPlot plot;
  plot.x_name = table.column_name(columns[0]->index), plot.y_name = table.column_name(columns[1]->index);
  plot.title = "Decision regions of " + plot.x_name + " and " + plot.y_name;
  plot.class_names = model.recipe.classes;
  RowReader reader(table);
  plot.x_low = plot.y_low = HUGE_VAL, plot.x_high = plot.y_high = -HUGE_VAL;
  for (Index row = 0; row < table.rows; ++row) {
    reader.go_to(row);
    const Cell x = reader.cell(columns[0]->index), y = reader.cell(columns[1]->index);
    if (!x.is_number || !y.is_number) continue;
    int label = -1;
    if (table.target && !table.target->missing(row)) {
      const auto found = std::find(plot.class_names.begin(), plot.class_names.end(), table.target->text(row));
      if (found != plot.class_names.end()) label = static_cast<int>(found - plot.class_names.begin());
    }
    plot.x_low = std::min(plot.x_low, x.number), plot.x_high = std::max(plot.x_high, x.number);
    plot.y_low = std::min(plot.y_low, y.number), plot.y_high = std::max(plot.y_high, y.number);
    if (label >= 0) plot.samples.push_back({x.number, y.number, label});
  }
  if (!(plot.x_low <= plot.x_high)) throw InputError(table.path + ": no row has a number in both columns");
  widen(plot.x_low, plot.x_high), widen(plot.y_low, plot.y_high);
  plot.columns = plot.rows = grid;
  ReadOptions read;
  read.format = "csv";
  read.delimiter = model.recipe.source.delimiter == '\t' ? "tab" : std::string(1, model.recipe.source.delimiter);
  read.header = model.recipe.source.header ? "yes" : "no";
  const Table cells =
      read_table_from_bytes(grid_csv(model.recipe, table, *columns[0], *columns[1], plot), "grid", read);
  std::vector<Index> rows(static_cast<std::size_t>(cells.rows));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<Index>(i);
  const Dataset dataset = apply_recipe(model.recipe, cells, rows, sign_of(model.network));
  plot.classes = classes_of(outputs(model.network, dataset.features, resolve_threads(0)));
  return report::regions_svg(plot);
}

int run_plot(const PlotArguments& a) {
  const Model model = decode_model(read_file(a.model), a.model);
  std::string svg;
  if (a.what == "convergence") {
    report::ConvergencePlot plot;
    plot.title = "Convergence of " + a.model;
    plot.trace = model.trace;
    plot.objective_at_zero = model.certificate.objective_at_zero;
    plot.target_gap = model.certificate.target_gap;
    svg = report::convergence_svg(plot);
  } else {
    ReadOptions read;
    read.target = built_in_target;
    const Table table = a.data.empty() ? read_table_from_bytes(std::string(built_in_csv), built_in_name, read)
                                       : read_table_for(model.recipe, a.data);
    svg = regions(model, table, a);
  }
  write_file(a.out, svg);
  std::fprintf(stderr, "wrote %s\n", a.out.c_str());
  return done;
}

}  // namespace

void add_plot(CLI::App& app, Run& run) {
  auto arguments = std::make_shared<PlotArguments>();
  CLI::App* command = app.add_subcommand("plot", "draw decision regions or the convergence of MODEL as SVG");
  command->footer("Regions: the two columns vary; others are held at their median or most frequent value in DATA.");
  command->add_option("MODEL", arguments->model, "model file")->required();
  command->add_option("DATA", arguments->data, "CSV file whose rows are drawn; left out: the iris flowers, built in");
  command->add_option("--out", arguments->out, "SVG file to write")->required();
  command->add_option("--what", arguments->what, "what to draw")
      ->check(CLI::IsMember({"regions", "convergence"}))
      ->capture_default_str();
  command->add_option("--columns", arguments->columns, "two numeric columns, by name or number [the first two]")
      ->delimiter(',');
  command->callback([arguments, &run] { run = [arguments] { return run_plot(*arguments); }; });
}

}  // namespace nadir::cli
