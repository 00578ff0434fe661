// Method linear: deep linear networks, in closed form or by descent.
#include "nadir/base/printed.hpp"
#include "nadir/linear/fit.hpp"
#include "nadir/train/methods.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {

Trained train_linear(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads) {
  linear::LinearFit fit = linear::fit(table, rows, penalized_recipe(settings), settings.linear, settings.seed, threads);
  Trained trained;
  trained.method = "linear";
  for (const int width : settings.linear.hidden) trained.neurons += width;
  trained.bound_of = "linear networks of these widths";
  const std::vector<Index> widths = widths_of(fit.network.chain);
  trained.more = {{"loss", "squared"}, {"widths", widths}, {"features_dependent", fit.dependent}};
  trained.lines = {{"loss", "squared"}, {"network", chain_in_words(fit.network)}};
  if (!fit.dependent)
    trained.lines.emplace_back("features", "some are dependent on others but for rounding, which costs the bound");
  trained.stop = fit.stop, trained.stop_sentence = fit.stop_sentence, trained.iterations = fit.iterations;
  trained.model.rank = std::move(fit.evidence);
  take_unpenalized(trained, fit);
  return trained;
}

}  // namespace nadir::train
