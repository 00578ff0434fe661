#include "nadir/data/rows_in_place.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "nadir/base/error.hpp"
#include "nadir/base/test_util.hpp"
#include "nadir/data/test_util.hpp"

namespace nadir {
namespace {

using test::all_rows;

constexpr Index sample_count = 1000, column_count = 17;

std::string labels_for(Index rows) {
  std::vector<double> labels;
  for (Index i = 0; i < rows; ++i) labels.push_back(static_cast<double>(i % 100) / 8);
  return test::npy_of("<f8", std::to_string(rows) + ",", test::raw(labels));
}

ArrayView view_of(const Matrix& X, Element element = Element::float64, bool columns_first = false) {
  return {reinterpret_cast<const char*>(X.data()), element, X.rows(), X.cols(), columns_first};
}

RecipeOptions standardized() {
  RecipeOptions options;
  options.scale = "standard", options.bias = true, options.ignore = {"4"};
  return options;
}

bool are_in_place(const ArrayView& X, const RecipeOptions& options, Index least) {
  const Table table = table_over(X, labels_for(X.rows), "X");
  const std::vector<Index> rows = all_rows(table);
  return rows_in_place(fit_recipe(table, rows, options), table, rows, least) != nullptr;
}

TEST(RowsInPlace, AreTheBitsOfTheFeatures) {
  Random random(1);
  Matrix X = normal_matrix(sample_count, column_count, random);
  X.col(2) = (X.col(2).array() * 1e6 + 3e9).matrix();
  X.col(5).head(10).setZero();
  const Table table = table_over(view_of(X), labels_for(sample_count), "X");
  std::vector<Index> some;
  for (Index i = sample_count - 1; i >= 0; i -= i % 50 == 0 ? 2 : 1) some.push_back(i);
  for (const std::vector<Index>& rows : {all_rows(table), some}) {
    const Recipe recipe = fit_recipe(table, rows, standardized());
    const Dataset built = apply_recipe(recipe, table, rows);
    Dataset made = built;
    made.features.resize(0, 0);
    made.in_place = rows_in_place(recipe, table, rows, 1);
    ASSERT_TRUE(made.in_place);
    ASSERT_EQ(made.samples(), built.samples());
    ASSERT_EQ(made.inputs(), column_count);  // one column less, the constant more
    Matrix room;
    EXPECT_EQ(Matrix(made.rows().block(0, made.samples(), room)), built.features);
    EXPECT_EQ(Matrix(made.rows().block(70, 333, room)), Matrix(built.features.middleRows(70, 333)));
    EXPECT_EQ(features_sha256(made), features_sha256(built));
  }
  const std::vector<Index> rows = all_rows(table);
  const auto made = rows_in_place(fit_recipe(table, rows, standardized()), table, rows, 1);
  Matrix row(1, column_count);
  X(5, 6) = 1000;  // nothing was copied
  made->make(5, 1, MatrixView(row.data(), 1, column_count));
  EXPECT_GT(row(0, 5), 500);
}

TEST(RowsInPlace, AreOnlyLargeTablesOfScaledNumbers) {
  Random random(2);
  const Matrix X = normal_matrix(sample_count, column_count, random).cwiseAbs();
  EXPECT_TRUE(are_in_place(view_of(X), standardized(), sample_count * column_count));
  EXPECT_FALSE(are_in_place(view_of(X), standardized(), sample_count * column_count + 1));
  EXPECT_FALSE(are_in_place(view_of(X, Element::float64, true), standardized(), 1));
  EXPECT_FALSE(are_in_place(view_of(X, Element::int64), standardized(), 1));
  RecipeOptions options = standardized();
  options.scale = "none";
  EXPECT_TRUE(are_in_place(view_of(X), options, 1));
  options.complement = true;
  EXPECT_FALSE(are_in_place(view_of(X), options, 1));
  options.complement = false, options.map = "root";
  EXPECT_FALSE(are_in_place(view_of(X), options, 1));
  options.map = "identity", options.scale = "minmax";  // clipped
  EXPECT_FALSE(are_in_place(view_of(X), options, 1));
}

/// What then is built is refused, by row and column.
TEST(RowsInPlace, AreFinite) {
  Random random(3);
  Matrix X = normal_matrix(sample_count, column_count, random);
  const Table table = table_over(view_of(X), labels_for(sample_count), "X");
  const std::vector<Index> rows = all_rows(table);
  const Recipe recipe = fit_recipe(table, rows, standardized());
  X(700, 2) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(rows_in_place(recipe, table, rows, 1));
  X(700, 2) = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(rows_in_place(recipe, table, rows, 1));
  test::expect_contains(test::message_of<InputError>([&] { apply_in_place(recipe, table, rows); }),
                        {"X: row 701, column 3"});
}

}  // namespace
}  // namespace nadir
