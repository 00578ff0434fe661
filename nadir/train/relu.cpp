// Method relu: two-layer ReLU networks with weight decay, or in a ball of the variation norm.
#include "nadir/base/hexfloat.hpp"
#include "nadir/base/printed.hpp"
#include "nadir/relu/fit.hpp"
#include "nadir/train/methods.hpp"
#include "nadir/train/words.hpp"

namespace nadir::train {

Trained train_relu(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                   Follower& follower, const path::PathChoice* chosen) {
  const Watches watches = watches_for(follower, "lambda", "trainings");
  relu::ReluWatch watch{{watches.choice, watches.training, {settings.checkpoint, "relu"}, watches.go_on},
                        watches.proof};
  relu::ReluFit fit = relu::fit(table, rows, penalized_recipe(settings), settings.relu, settings.seed, threads, watch,
                                chosen, begin_with<ReluNetwork>(settings));
  const Evidence& evidence = fit.certificate.evidence;
  const auto units = static_cast<long>(fit.network.units.rows());
  Trained trained;
  trained.method = "relu";
  trained.neurons = units;
  const bool powers = fit.network.power != 1;
  const std::string kind = unit_in_words(fit.network.power);
  trained.bound_of = (powers ? "networks of " + kind + "s" : "ReLU networks") + " of any width" +
                     (fit.radius > 0 ? " in the ball" : "");
  trained.more = {{"units", units}, {"shared", fit.shared}, {"outputs", fit.network.outputs()}, {"cones", fit.nodes}};
  if (powers)
    trained.more["power"] = fit.network.power;
  else
    trained.more.update({{"patterns_lower_bound", evidence.patterns_lower_bound},
                         {"patterns_relative_gap", evidence.patterns_relative_gap}});
  const std::string shared = fit.shared ? printed(" shared by %ld outputs", long{fit.network.outputs()}) : "";
  const auto weights = static_cast<long>(fit.network.units.size() + fit.network.skip.size()) +
                       units * (fit.shared ? fit.network.outputs() : 1);
  trained.lines.emplace_back(
      "network", printed("%ld %s%s%s%s, %ld weights", units, kind.c_str(), units == 1 ? "" : "s", shared.c_str(),
                         fit.skip_weight > 0 ? " and a linear part" : "", weights));
  if (!powers)
    trained.lines.emplace_back("patterns",
                               printed("%.12g is a lower bound over the units' own patterns, relative gap %.3g",
                                       evidence.patterns_lower_bound, evidence.patterns_relative_gap));
  trained.model.network = std::move(fit.network);
  trained.model.evidence = std::move(fit.evidence);
  tell_fit(trained, fit, powers ? "variation_norm" : fit.shared ? "shared_weight_decay" : "weight_decay");
  if (fit.skip_weight > 0) trained.model.objective["skip"] = to_hex(fit.skip_weight);
  return trained;
}

}  // namespace nadir::train
