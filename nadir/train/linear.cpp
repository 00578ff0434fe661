// Method linear: deep linear networks, in closed form.
#include "nadir/base/printed.hpp"
#include "nadir/linear/fit.hpp"
#include "nadir/train/methods.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {

Trained train_linear(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads) {
  linear::LinearFit fit = linear::fit(table, rows, penalized_recipe(settings), settings.linear, threads);
  Trained trained;
  trained.method = "linear";
  for (const int width : settings.linear.hidden) trained.neurons += width;
  trained.bound_of = "linear networks of these widths";
  const std::vector<Index> widths = widths_of(fit.network.chain);
  trained.more = {{"loss", "squared"}, {"widths", widths}, {"features_dependent", fit.dependent}};
  trained.lines = {{"loss", "squared"}, {"network", chain_in_words(fit.network)}};
  if (!fit.dependent)
    trained.lines.emplace_back("features", "some are dependent on others but for rounding, which costs the bound");
  const bool proved = fit.certificate.claim == Claim::certified;
  trained.stop = proved ? Stop::gap_reached : Stop::no_progress;
  trained.stop_sentence = "the optimum is known in closed form";
  trained.model.rank = std::move(fit.evidence);
  take_unpenalized(trained, fit);
  return trained;
}

}  // namespace nadir::train
