#pragma once
// One training from rows to a finished model, by any method, for whoever asks: the command line, Python. Nothing is
// printed here.
#include <cstdint>
#include <string>
#include <vector>

#include "nadir/base/options.hpp"
#include "nadir/convex/options.hpp"
#include "nadir/kernel/options.hpp"
#include "nadir/linear/fit.hpp"
#include "nadir/particle/options.hpp"
#include "nadir/path/path.hpp"
#include "nadir/planted/descent.hpp"
#include "nadir/relu/options.hpp"
#include "nadir/spectral/options.hpp"
#include "nadir/train/follower.hpp"
#include "nadir/train/trained.hpp"

namespace nadir::train {

struct Settings {
  std::string method = "auto";
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: all processors
  RecipeOptions recipe;
  bool scale_given = false;  ///< by the user; otherwise each method scales as suits it
  spectral::SpectralOptions spectral;
  convex::GatedOptions gated;
  relu::ReluOptions relu;
  linear::LinearOptions linear;
  planted::PlantedOptions planted;
  particle::ParticleOptions particle;
  kernel::KernelOptions kernel;
  path::Checkpoint* checkpoint = nullptr;  ///< where relu and gated keep how far they have come
  /// A network that relu, gated and kernel begin the final training with, if it is of their kind and shape;
  /// not together with a checkpoint.
  const Network* begin_with = nullptr;
};

/// The lines of the table that S, which has these options among others, begins with.
template <class S>
std::vector<Option<S>> option_table() {
  return {
      one_of<S>("method", &S::method,
                "how to train: relu (ReLU units with weight decay), gated (gated linear units), both for classes and "
                "quantities; auto: the better of these two on rows that cross-validation leaves out; spectral "
                "(generalized polynomial networks, for classes); linear (deep linear networks, squared loss); planted "
                "(sums of ReLU units without a penalty, squared loss); particle (gradient flow of ReLU units, for "
                "quantities); or kernel (infinitely many units with a density of weights, as a kernel machine)",
                {"auto", "spectral", "gated", "relu", "linear", "planted", "particle", "kernel"}),
      {"seed", &S::seed, "of folds, hold-out and draws; nothing else is random"},
      {"threads", &S::threads, "0: all processors; the result does not depend on it", 0, 1024},
  };
}

/// Decides what the target is, once, on all rows that are usable. Throws as task_of and require_classification do.
void settle_task(const Table& table, const std::vector<Index>& usable, Settings& settings);

/// Trains on `rows` of the table by settings.method, whose task is settled. The model is complete; the training rows
/// may be those of the table, which must outlive the result. Throws UsageError, InputError and ResourceError.
Trained train(const Table& table, const std::vector<Index>& rows, const Settings& settings, Follower& follower);

}  // namespace nadir::train
