#include "nadir/data/options.hpp"

namespace nadir {

std::span<const Option<ReadOptions>> read_option_table() {
  using R = ReadOptions;
  static const std::vector<Option<R>> table = {
      {"target", &R::target, "column to predict, by name or by number from 1"},
      {"labels", &R::labels,
       "file with the labels, for IDX and NPY data (IDX: found by its name if left out); for NPZ data the array with "
       "the labels (y, if there is one, where neither this nor --target is given)"},
      {"array", &R::array, "NPZ: the array with the samples, rows x columns"},
      one_of<R>("format", &R::format, "format of the data", {"auto", "csv", "libsvm", "idx", "npy", "npz"}),
      {"delimiter", &R::delimiter, "CSV: auto, tab, or one character"},
      one_of<R>("header", &R::header, "CSV: whether the first record holds names", {"auto", "yes", "no"}),
  };
  return table;
}

std::span<const Option<RecipeOptions>> recipe_option_table() {
  using R = RecipeOptions;
  static const std::vector<Option<R>> table = {
      one_of<R>("scale", &R::scale,
                "minmax: each numeric column to [0, 1] on the training rows, clipped there; none; unit: all divided by "
                "the largest row sum; standard: each to mean 0 and standard deviation 1",
                {"minmax", "none", "unit", "standard"}),
      one_of<R>("task", &R::task,
                "what the target is: classes, or a quantity (regression); auto takes more than 50 different numbers in "
                "fewer than 10 rows each, or more than 20 that are not all whole, for a quantity",
                {"auto", "classification", "regression"}),
      {"categorical", &R::categorical, "columns whose numbers are codes, by name or number"},
      {"ignore", &R::ignore, "columns to leave out, by name or number"},
      {"max-levels", &R::max_levels, "text columns with more different texts are left out", 2, 1e6},
      {"skip-missing-target", &R::skip_missing_target, "leave out rows without a label instead of refusing them"},
      one_of<R>("target-scale", &R::target_scale,
                "of a quantity: standard: to mean 0 and standard deviation 1; none: as it is", {"standard", "none"}),
      {"keep-constant", &R::keep_constant, "keep numeric columns that are constant on the training rows"},
  };
  return table;
}

}  // namespace nadir
