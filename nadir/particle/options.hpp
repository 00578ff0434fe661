#pragma once
// What a user of the particle method can ask for: ReLU particles with a penalty on a fixed set of samples.
#include <limits>
#include <string>

#include "nadir/base/options.hpp"

namespace nadir::particle {

struct ParticleOptions {
  // The flow.
  int particles = 100;
  double radius0 = 0.05;  ///< of the sphere of (w, v) on which they start
  double step = 0.02;
  int batch = 1;  ///< 0: all rows
  int epochs = 100;

  // The problem.
  double lambda = 0;             ///< must be given
  std::string intercept = "on";  ///< a constant feature 1, penalized as every other

  // The proof.
  double gap = 1e-2;
  double time_limit = std::numeric_limits<double>::infinity();
  int nodes = 0;

  bool operator==(const ParticleOptions&) const = default;
};

std::span<const Option<ParticleOptions>> option_table();

}  // namespace nadir::particle
