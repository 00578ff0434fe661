#include "nadir/spectral/train.hpp"

#include <cmath>

#include "nadir/spectral/box.hpp"
#include "nadir/spectral/concavity.hpp"
#include "nadir/spectral/spectral_map.hpp"

namespace nadir::spectral {
namespace {

Stop to_stop(Ending ending) {
  switch (ending) {
    case Ending::gap_reached:
      return Stop::gap_reached;
    case Ending::iteration_limit:
      return Stop::iteration_limit;
    case Ending::time_limit:
      return Stop::time_limit;
    case Ending::told_to:
      return Stop::told_to;
    case Ending::no_progress:
      return Stop::no_progress;
    case Ending::numerical_failure:
      return Stop::numerical_failure;
  }
  return Stop::numerical_failure;
}

}  // namespace

PolynomialNetwork feasible_network(const Packing& packing, const Vector& logs) {
  PolynomialNetwork network = packing.empty_network();
  packing.unpack(weights_of(packing, logs), network);
  return network;
}

Certificate certify(Objective& objective, const PolynomialNetwork& network, double gap, int box_steps) {
  ProvenInterval interval = prove(objective, network);
  Evidence evidence;
  if (!std::isfinite(interval.bound.value)) {
    const BoxResult box = box_iteration(objective, box_steps);
    interval.bound = box.bound;
    evidence = {"box", std::max(1, box.steps)};
  }
  return make_certificate(interval.objective, interval.bound, objective.objective_at_zero(), gap, evidence);
}

TrainResult train(Objective& objective, Vector start, const TrainOptions& options, const Watch& watch) {
  FixedPointOptions loop;
  loop.memory = options.memory;
  loop.criteria.relative_gap = options.gap;
  loop.criteria.change = options.change;
  loop.criteria.max_iterations = options.max_iterations;
  loop.criteria.time_limit = options.time_limit;
  loop.criteria.objective_at_zero = objective.objective_at_zero();
  SpectralMap map(objective);
  FixedPointResult found = minimize_by_fixed_point(map, std::move(start), loop, watch);

  TrainResult result;
  result.network = feasible_network(objective.packing(), found.best.position);
  result.stop = to_stop(found.ending);
  result.stop_sentence = sentence(found.ending, loop.criteria, found.progress);
  result.iterations = found.progress.iteration;
  result.trace = std::move(found.trace);

  result.certificate = certify(objective, result.network, options.gap, options.box_steps);
  return result;
}

}  // namespace nadir::spectral
