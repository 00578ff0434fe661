// A ReLU network with a proven bound, and what it says of new rows: certified DATA.csv TARGET.
#include <cstdio>
#include <nadir/nadir.hpp>

namespace {

int run(const char* path, const char* target) {
  nadir::ReadOptions read;
  read.target = target;
  const nadir::Table table = nadir::read_table(path, read);
  nadir::RecipeOptions recipe;
  recipe.scale = "standard";
  nadir::relu::ReluOptions options;
  options.lambda_ratio = 0.2;  // of the largest useful lambda; left out, cross-validation chooses
  options.gap = 0.05;
  const auto rows = nadir::usable_rows(table, recipe);
  const auto fit = nadir::relu::fit(table, rows, recipe, options, 0, 1, {});

  const nadir::Certificate& certificate = fit.certificate;
  std::printf("%ld ReLU units, objective %.6f\n", static_cast<long>(fit.network.units.rows()), certificate.objective);
  std::printf("no ReLU network of any width is below %.6f: %s\n", certificate.lower_bound,
              std::string(to_string(certificate.claim)).c_str());

  const nadir::Dataset first = nadir::apply_recipe(fit.recipe, table, {rows[0]});
  const nadir::Matrix outputs = nadir::outputs(fit.network, first.features);
  const auto place = static_cast<std::size_t>(nadir::classes_of(outputs)[0]);
  std::printf("the first row is of class %s\n", fit.recipe.classes.at(place).c_str());
  return certificate.claim == nadir::Claim::certified ? 0 : 4;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: certified DATA.csv TARGET\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "certified: %s\n", error.what());
    return 3;
  }
}
