#pragma once
// Particle gradient flow, in steps of a fixed length (Berthier 2018, sections 4.3 and 5):
//   minimize J(θ) = (1/n) Σᵢ ½ (f(xᵢ) − yᵢ)² + (λ/2m) Σⱼ (wⱼ² + ‖vⱼ‖²),  f(x) = (1/m) Σⱼ wⱼ σ(vⱼ·x),
//   θⱼ ← θⱼ − step · m ∂J/∂θⱼ,
// with the mean over all samples, over batches of them, or over new samples at each step. Given: particles at their
// start. Returned: where they end, why, and where they were on the way. J is not convex, and nothing is proven here.
#include <functional>
#include <vector>

#include "nadir/base/watch.hpp"
#include "nadir/claim/claim.hpp"
#include "nadir/particle/particles.hpp"

namespace nadir::particle {

struct FlowOptions {
  double step = 0.01;      ///< > 0; the length in the flow's time, whatever the number of particles
  Index steps = 1000;      ///< ≥ 0
  Index batch = 0;         ///< samples of a step; 0: all (not for samples that are drawn)
  double lambda = 0;       ///< ≥ 0
  Index record_every = 0;  ///< steps; 0: only the end is kept

  bool operator==(const FlowOptions&) const = default;
};

/// The particles at steps 0, record_every, 2 record_every, ...: R records.
struct Trajectory {
  std::vector<Index> steps;  ///< R
  Vector losses;  ///< R: the mean of ½ (f − y)² over the samples since the record before, each before its step; NaN
                  ///< at step 0
  Matrix particles;  ///< (R m) × (1 + d): row r·m + j is (wⱼ, vⱼ) of record r
};

struct FlowResult {
  Particles particles;
  Index steps = 0;                    ///< made
  Stop stop = Stop::iteration_limit;  ///< or told_to, or numerical_failure: the step is too long, numbers overflowed
  Trajectory trajectory;
};

/// Fills all rows of features (n × d, a bias' 1 included) and targets (n) with new samples.
using Draw = std::function<void(Matrix& features, Vector& targets)>;

/// On a fixed set of samples: batches follow one another in an order that is drawn anew for each pass over the set; the
/// last batch of a pass has what is left. Throws UsageError for sizes that do not fit and options out of range. `go_on`
/// is asked every few thousand samples.
FlowResult flow(Particles start, const Matrix& features, const Vector& targets, const FlowOptions& options,
                Random& random, const GoOn& go_on = {});

/// On samples that are drawn, each used once. They are drawn some thousand at a time.
FlowResult flow(Particles start, const Draw& draw, const FlowOptions& options, const GoOn& go_on = {});

}  // namespace nadir::particle
