// Method particle: particle gradient flow, and how far its end is from the optimum over every width.
#include "nadir/base/error.hpp"
#include "nadir/base/printed.hpp"
#include "nadir/particle/flow.hpp"
#include "nadir/relu/certify.hpp"
#include "nadir/train/methods.hpp"

namespace nadir::train {
namespace {

using particle::ParticleOptions;

/// The flow on these rows, as the problem of `relu/certify.hpp` sees them.
particle::FlowResult run_flow(const Table& table, const std::vector<Index>& rows, const RecipeOptions& recipe,
                              const ParticleOptions& options, std::uint64_t seed, Follower& follower) {
  path::PathOptions path;
  path.loss = "squared", path.intercept = options.intercept;
  path::Fit fit;
  path::prepare(fit, table, rows, recipe, path);
  if (fit.training.targets.size() == 0)
    throw UsageError("--method particle is for quantities, but the target is a class; see --task and --method");
  const Index n = fit.training.samples(), batch = options.batch == 0 ? n : std::min<Index>(options.batch, n);
  particle::FlowOptions flow;
  flow.step = options.step, flow.batch = batch, flow.lambda = options.lambda;
  flow.steps = (n + batch - 1) / batch * options.epochs;
  Random random(seed);
  particle::Particles start = particle::start_on_sphere(particle::Activation::relu, options.particles,
                                                        fit.training.features.cols(), options.radius0, random);
  follower.show(printed("flow: %ld steps", static_cast<long>(flow.steps)));
  particle::FlowResult result = particle::flow(std::move(start), fit.training.features, fit.training.targets, flow,
                                               random, [&] { return follower.interrupts() == 0; });
  if (result.stop == Stop::numerical_failure)
    throw UsageError(printed("--step is %g, which is too long: numbers overflowed after %ld steps; take a smaller one",
                             options.step, static_cast<long>(result.steps)));
  return result;
}

/// docs/math/particle.md, section 3; the weight of the constant feature is the bias.
TwoLayerNetwork as_two_layer(const particle::Particles& particles, bool intercept) {
  const ReluNetwork network = particle::to_relu(particles);
  const Index inputs = network.inputs() - (intercept ? 1 : 0);
  TwoLayerNetwork theirs{network.units.leftCols(inputs), {}, network.unit_outputs.transpose(), {}, 0};
  if (intercept) theirs.hidden_biases = network.units.col(inputs);
  return theirs;
}

}  // namespace

Trained train_particle(const Table& table, const std::vector<Index>& rows, const Settings& settings,
                       Follower& follower) {
  const ParticleOptions& options = settings.particle;
  validate(options, particle::option_table());
  if (!(options.lambda > 0))
    throw UsageError("--lambda is wanted: without a penalty nothing can be proven of the particles' end");
  const RecipeOptions recipe = penalized_recipe(settings);
  const particle::FlowResult flow = run_flow(table, rows, recipe, options, settings.seed, follower);
  relu::CertifyOptions certify;
  certify.loss = "squared", certify.lambda = options.lambda;
  certify.gap = options.gap, certify.time_limit = options.time_limit, certify.nodes = options.nodes;
  const Watches watches = watches_for(follower, "", "");
  const relu::ReluWatch watch{{{}, watches.training}, watches.proof};
  relu::Certified fit = relu::certify(table, rows, recipe, as_two_layer(flow.particles, options.intercept == "on"),
                                      certify, settings.seed, watch);
  const long units = static_cast<long>(fit.network.units.rows());
  Trained trained;
  trained.method = "particle";
  trained.neurons = fit.network.units.rows();
  trained.bound_of = "ReLU networks of any width";
  trained.more = {{"particles", options.particles},
                  {"steps", flow.steps},
                  {"particle_objective", fit.given.objective},
                  {"stationarity", fit.given.stationarity},
                  {"better_objective", fit.best},
                  {"cones", fit.nodes}};
  trained.lines = {{"network", printed("%ld ReLU units of %d particles after %ld steps", units, options.particles,
                                       static_cast<long>(flow.steps))},
                   {"particles", printed("objective %.12g before their norms are balanced, stationarity %.3g",
                                         fit.given.objective, fit.given.stationarity)},
                   {"better", printed("%.12g by training on", fit.best)}};
  trained.model.network = std::move(fit.network);
  trained.model.evidence = std::move(fit.evidence);
  tell_fit(trained, fit, "shared_weight_decay");
  return trained;
}

}  // namespace nadir::train
