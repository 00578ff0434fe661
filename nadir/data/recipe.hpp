#pragma once
// From raw columns to features in [0, inf): which columns, how they are scaled, which levels they have. Fitted on the
// training rows only, stored in the model, applied to whatever is predicted (docs/certificate-format.md, section 3).
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/data/dataset.hpp"
#include "nadir/data/table.hpp"

namespace nadir {

struct RecipeOptions {
  /// minmax: each column to [0, 1] on the training rows, and clipped there. none: as it is. unit: all columns divided
  /// by the largest sum of a training row.
  std::string scale = "minmax";
  std::string map = "identity";               ///< of scaled columns: identity, or root: their square roots
  bool complement = false;                    ///< also 1 - f for each numeric feature f
  bool bias = false;                          ///< also the constant 1
  int max_levels = 50;                        ///< text columns with more different texts are ignored; at least 2
  std::vector<std::string> categorical = {};  ///< columns, by name or number from 1, whose numbers are codes (csv)
  std::vector<std::string> ignore = {};       ///< columns to leave out
  bool skip_missing_target = false;           ///< leave out rows without a label instead of refusing them
};

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
  std::vector<std::string> classes;   ///< sorted
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
/// number. Columns that are constant on `rows`, or have too many levels, are ignored and reported in `ignored`.
/// Throws UsageError (options, no target), InputError (a cell between numbers that is none, one class only, no rows, no
/// column left) or ResourceError (a recipe beyond what a model file can hold).
Recipe fit_recipe(const Table& table, const std::vector<Index>& rows, const RecipeOptions& options,
                  std::vector<IgnoredColumn>* ignored = nullptr);

/// The same columns, levels and classes, with the numbers that other rows of the same table give: offsets, ranges and
/// means. So the parts of a cross-validation have the same features.
Recipe refit_numbers(const Recipe& recipe, const Table& table, const std::vector<Index>& rows);

/// The class of each row; empty if the table has no target. Throws as apply_recipe does.
std::vector<int> labels_of(const Recipe& recipe, const Table& table, const std::vector<Index>& rows);

/// Features, and labels if the table has a target, of `rows` in that order. In a LIBSVM file of which no label is known
/// to the recipe, and all are equal, these are placeholders and the labels stay empty.
/// Throws InputError naming row and column: a cell that is not a number, is missing where none was in training, or
/// whose feature would be negative; a label that is missing or not in recipe.classes. ResourceError if memory does not
/// suffice.
Dataset apply_recipe(const Recipe& recipe, const Table& table, const std::vector<Index>& rows);

/// Reads another file of the kind that the recipe was fitted on. The target column may be absent.
/// `labels` as in ReadOptions. Throws InputError if the columns are not those of the recipe.
Table read_table_for(const Recipe& recipe, const std::filesystem::path& path, const std::string& labels = "");

}  // namespace nadir
