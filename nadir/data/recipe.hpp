#pragma once
// From raw columns to features: which columns, how they are scaled, which levels they have. Fitted on the training rows
// only, stored in the model, applied to whatever is predicted (docs/certificate-format.md, section 3).
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/data/dataset.hpp"
#include "nadir/data/table.hpp"
#include "nadir/data/target.hpp"

namespace nadir {

/// Features that are given, not fitted: by a file that makes them itself.
struct FixedScale {
  struct Column {
    Index place = 0;  ///< among all columns but the target, from 0
    double offset = 0, range = 1;
  };
  Index columns = 0;         ///< all but the target
  std::vector<Column> list;  ///< those that are used, in their order; all of them numeric
  bool clip = false, root = false, complement = false;
};

struct RecipeOptions {
  /// minmax: each column to [0, 1] on the training rows, and clipped there. none: as it is. unit: all columns divided
  /// by the largest sum of a training row, signs left aside. standard: each column to mean 0 and standard deviation 1
  /// on the training rows, so also to negative features.
  std::string scale = "minmax";
  std::string task = "auto";                  ///< auto, classification or regression (task_of in data/target.hpp)
  std::string map = "identity";               ///< of scaled columns: identity, or root: their square roots
  bool complement = false;                    ///< also 1 - f for each numeric feature f
  bool bias = false;                          ///< also the constant 1
  int max_levels = 50;                        ///< text columns with more different texts are ignored; at least 2
  std::vector<std::string> categorical = {};  ///< columns, by name or number from 1, whose numbers are codes (csv)
  std::vector<std::string> ignore = {};       ///< columns to leave out
  bool skip_missing_target = false;           ///< leave out rows without a label instead of refusing them
  std::string target_scale = "standard";      ///< of a quantity: to mean 0 and standard deviation 1; or none: as it is
  bool keep_constant = false;                 ///< numeric columns that are constant on the training rows, too
  std::optional<FixedScale> fixed = {};       ///< in place of scale (which is none), map and complement
};

/// With features that are given, if they are. Throws UsageError where a scale is asked for besides.
RecipeOptions with_fixed(RecipeOptions options, const std::optional<FixedScale>& fixed);

enum class ColumnKind { numeric, categorical, ignored };

/// What becomes of one column.
struct ColumnRecipe {
  Index index = 0;   ///< from 0, in the training file
  std::string name;  ///< as in the header, so perhaps empty
  ColumnKind kind = ColumnKind::ignored;
  double offset = 0;  ///< numeric: feature = (value - offset) / range
  double range = 1;
  std::optional<double> missing;    ///< numeric: stands for missing cells, which then have an indicator feature
  std::vector<std::string> levels;  ///< categorical: a feature each
  bool missing_level = false;       ///< categorical: one feature more, for missing cells

  bool operator==(const ColumnRecipe&) const = default;
};

struct Recipe {
  Source source;
  Index target_column = -1;  ///< from 0; -1 where labels come with the format or from a second file
  std::string target_name;
  std::vector<std::string> classes;  ///< sorted; empty exactly where the target is a quantity
  std::optional<Quantity> quantity;
  std::vector<ColumnRecipe> columns;  ///< all but the target
  bool clip = false;
  bool root = false;  ///< scaled numeric columns are replaced by their square roots
  bool complement = false;
  bool bias = false;

  std::vector<std::string> feature_names() const;

  nlohmann::json to_json() const;
  /// Throws InputError for everything that the format's section 3 refuses.
  static Recipe from_json(const nlohmann::json& json);

  bool operator==(const Recipe&) const = default;
};

/// A column that gives no feature, and why: for the user to know.
struct IgnoredColumn {
  std::string name;
  std::string reason;
};

/// Rows that have a label; all rows if the table has no target.
/// Throws InputError naming row and column if a label is missing, unless options.skip_missing_target.
std::vector<Index> usable_rows(const Table& table, const RecipeOptions& options);

/// Statistics come from `rows` only, and so does the kind of a column: numeric if every cell that is not missing is a
/// number. Columns that are constant on `rows` (unless they are to be kept), or have too many levels, are ignored and
/// reported in `ignored`. The task is that of task_of. Throws UsageError (options, no target), InputError (a cell
/// between numbers that is none, columns that are not those of a fixed scale, one class only, a constant quantity, no
/// rows, no column left) or ResourceError (a recipe beyond what a model file can hold).
Recipe fit_recipe(const Table& table, const std::vector<Index>& rows, const RecipeOptions& options,
                  std::vector<IgnoredColumn>* ignored = nullptr);

/// The same columns, levels and classes, with the numbers that other rows of the same table give: offsets, ranges and
/// means of columns and of a quantity (which keeps its range where it is constant on these rows). `options` are those
/// of the fit; the common range of scale unit stays. So the parts of a cross-validation have the same features.
Recipe refit_numbers(const Recipe& recipe, const Table& table, const std::vector<Index>& rows,
                     const RecipeOptions& options);

/// The class of each row; empty if the table has no target, or the recipe's is a quantity. Throws as apply_recipe does.
std::vector<int> labels_of(const Recipe& recipe, const Table& table, const std::vector<Index>& rows);

/// The scaled quantity y of each row; empty if the table has no target, or the recipe's is a class. Throws as
/// apply_recipe does.
Vector targets_of(const Recipe& recipe, const Table& table, const std::vector<Index>& rows);

/// Whether negative features serve: polynomial networks need features that are not (section 4.1 of the format).
enum class Sign { any, non_negative };

/// Features, and labels or targets if the table has a target, of `rows` in that order. Labels of a LIBSVM file that are
/// all equal are placeholders, and left out, if the recipe knows no such class or the target is a quantity.
/// Throws InputError naming row and column: a cell that is not a number, is missing where none was in training, or
/// whose feature would be negative where that does not serve; a label that is missing or not in recipe.classes, a
/// quantity that is missing or no number. ResourceError if memory does not suffice.
Dataset apply_recipe(const Recipe& recipe, const Table& table, const std::vector<Index>& rows, Sign sign = Sign::any);

/// As apply_recipe; but where an array of float64 of 128 MiB or more lies row by row, and its features are numbers that
/// are scaled, without levels, limits, roots, complements or missing cells, they are made of it where they are wanted:
/// the same numbers, without a second copy. Recipe and rows are copied; the table must outlive the result.
Dataset apply_in_place(const Recipe& recipe, const Table& table, const std::vector<Index>& rows);

/// Reads another file of the kind that the recipe was fitted on. The target column may be absent.
/// `labels` as in ReadOptions. Throws InputError if the columns are not those of the recipe.
Table read_table_for(const Recipe& recipe, const std::filesystem::path& path, const std::string& labels = "");

}  // namespace nadir
