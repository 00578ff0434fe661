#include "nadir/particle/flow.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>

#include "nadir/base/error.hpp"
#include "nadir/particle/batch.hpp"
#include "nadir/particle/one_sample.hpp"

namespace nadir::particle {
namespace {

constexpr Index samples_at_a_time = 4096;

/// Some rows of some samples, in the order in which they are to be taken.
struct Portion {
  const Matrix& features;
  const Vector& targets;
  std::span<const Index> rows;
};

/// Where samples come from: portions of at least one row and at most `most`.
using Source = std::function<Portion(Index most)>;

Source shuffled(const Matrix& features, const Vector& targets, bool in_order, Random& random) {
  std::vector<Index> order(static_cast<std::size_t>(features.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  std::size_t next = order.size();
  return [&features, &targets, &random, in_order, order, next](Index most) mutable -> Portion {
    if (next == order.size()) {
      if (!in_order) random.shuffle(order);
      next = 0;
    }
    const std::size_t count = std::min(static_cast<std::size_t>(most), order.size() - next);
    next += count;
    return {features, targets, std::span<const Index>(order).subspan(next - count, count)};
  };
}

Source drawn(const Draw& draw, Index inputs, Index batch) {
  struct Samples {
    Matrix features;
    Vector targets;
    std::vector<Index> rows;
  };
  const Index size = batch * std::max<Index>(1, samples_at_a_time / batch);
  auto samples = std::make_shared<Samples>();
  samples->features.resize(size, inputs), samples->targets.resize(size);
  samples->rows.resize(static_cast<std::size_t>(size));
  std::iota(samples->rows.begin(), samples->rows.end(), Index{0});
  return [samples, &draw, next = samples->rows.size()](Index most) mutable -> Portion {
    if (next == samples->rows.size()) draw(samples->features, samples->targets), next = 0;
    const std::size_t count = std::min(static_cast<std::size_t>(most), samples->rows.size() - next);
    next += count;
    return {samples->features, samples->targets, std::span<const Index>(samples->rows).subspan(next - count, count)};
  };
}

/// The particles and what moves them: single samples, or batches.
class Walker {
 public:
  Walker(Particles start, Index batch, const FlowOptions& options)
      : batch_(batch), options_(options), particles_(std::move(start)) {
    if (batch_ == 1) one_.emplace(particles_, options.step, options.lambda);
  }

  /// ⌈rows/batch⌉ steps; returns the sum of the losses.
  double take(const Portion& portion) {
    if (one_) return one_->take(portion.features, portion.targets, portion.rows);
    const double keep = 1 - options_.step * options_.lambda;
    const Index count = static_cast<Index>(portion.rows.size());
    double loss = 0;
    for (Index first = 0; first < count; first += batch_) {
      const auto rows = portion.rows.subspan(static_cast<std::size_t>(first),
                                             static_cast<std::size_t>(std::min(batch_, count - first)));
      loss += products_.gradient(particles_, portion.features, portion.targets, rows, gradient_);
      particles_.weights = keep * particles_.weights - options_.step * gradient_.weights;
      particles_.positions = keep * particles_.positions - options_.step * gradient_.positions;
    }
    return loss;
  }

  const Particles& particles() {
    if (one_) particles_ = one_->particles();
    return particles_;
  }

 private:
  Index batch_;
  const FlowOptions& options_;
  Particles particles_, gradient_;
  Batch products_;
  std::optional<OneSample> one_;
};

class Recorder {
 public:
  /// A record at step 0, where there are to be any.
  Recorder(const FlowOptions& options, const Particles& start) : every_(options.record_every) {
    if (every_ == 0) return;
    const Index records = options.steps / every_ + 1;
    losses_.resize(records);
    particles_.resize(records * start.count(), 1 + start.inputs());
    add(0, start);
  }

  /// Steps until the next record.
  Index until_next(Index done, Index steps) const {
    return std::min(steps - done, every_ > 0 ? every_ - done % every_ : steps);
  }
  void count(double loss, Index samples) { loss_ += loss, samples_ += samples; }
  bool is_due(Index done) const { return every_ > 0 && done % every_ == 0; }

  void add(Index done, const Particles& particles) {
    const Index r = static_cast<Index>(steps_.size()), m = particles.count();
    steps_.push_back(done);
    losses_[r] = samples_ > 0 ? loss_ / static_cast<double>(samples_) : std::numeric_limits<double>::quiet_NaN();
    particles_.block(r * m, 0, m, 1) = particles.weights;
    particles_.block(r * m, 1, m, particles.inputs()) = particles.positions;
    loss_ = 0, samples_ = 0;
  }

  Trajectory trajectory(Index count) && {
    const Index records = static_cast<Index>(steps_.size());
    losses_.conservativeResize(records);
    particles_.conservativeResize(records * count, particles_.cols());
    return {std::move(steps_), std::move(losses_), std::move(particles_)};
  }

 private:
  Index every_, samples_ = 0;
  double loss_ = 0;
  std::vector<Index> steps_;
  Vector losses_;
  Matrix particles_;
};

void check(const Particles& start, const FlowOptions& options) {
  const auto refuse = [](const std::string& what) { throw UsageError("particle flow: " + what); };
  if (start.count() < 1 || start.inputs() < 1 || start.positions.rows() != start.count())
    refuse("the start has " + std::to_string(start.count()) + " weights and " + std::to_string(start.positions.rows()) +
           " positions; there must be as many, and at least one");
  if (!(options.step > 0) || !std::isfinite(options.step)) refuse("the step must be above 0 and finite");
  if (!(options.lambda >= 0) || !std::isfinite(options.lambda)) refuse("lambda must be at least 0 and finite");
  if (options.steps < 0 || options.batch < 0 || options.record_every < 0)
    refuse("steps, batch and record_every must be at least 0");
}

FlowResult run(Particles start, const Source& source, Index batch, const FlowOptions& options, const GoOn& go_on) {
  const Index count = start.count(), between_looks = std::max<Index>(1, samples_at_a_time / batch);
  FlowResult result;
  Recorder recorder(options, start);
  Walker walker(std::move(start), batch, options);
  while (result.steps < options.steps) {
    const Index steps = std::min(between_looks, recorder.until_next(result.steps, options.steps));
    const Portion portion = source(steps * batch);
    const Index samples = static_cast<Index>(portion.rows.size());
    const double loss = walker.take(portion);
    result.steps += (samples + batch - 1) / batch;
    recorder.count(loss, samples);
    if (!std::isfinite(loss)) {
      result.stop = Stop::numerical_failure;
      break;
    }
    if (recorder.is_due(result.steps)) recorder.add(result.steps, walker.particles());
    if (go_on && !go_on()) {
      result.stop = Stop::told_to;
      break;
    }
  }
  result.particles = walker.particles();
  if (!result.particles.weights.allFinite() || !result.particles.positions.allFinite())
    result.stop = Stop::numerical_failure;
  result.trajectory = std::move(recorder).trajectory(count);
  return result;
}

}  // namespace

FlowResult flow(Particles start, const Matrix& features, const Vector& targets, const FlowOptions& options,
                Random& random, const GoOn& go_on) {
  check(start, options);
  if (features.rows() < 1 || features.rows() != targets.size() || features.cols() != start.inputs())
    throw UsageError("particle flow: " + std::to_string(features.rows()) + " x " + std::to_string(features.cols()) +
                     " features, " + std::to_string(targets.size()) + " targets and particles of " +
                     std::to_string(start.inputs()) + " inputs do not fit together");
  const Index n = features.rows(), batch = options.batch == 0 ? n : std::min(options.batch, n);
  return run(std::move(start), shuffled(features, targets, batch == n, random), batch, options, go_on);
}

FlowResult flow(Particles start, const Draw& draw, const FlowOptions& options, const GoOn& go_on) {
  check(start, options);
  if (options.batch == 0)
    throw UsageError("particle flow: samples that are drawn have no whole set; batch must be at least 1");
  const Index inputs = start.inputs();
  return run(std::move(start), drawn(draw, inputs, options.batch), options.batch, options, go_on);
}

}  // namespace nadir::particle
