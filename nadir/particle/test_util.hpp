#pragma once
// Planted problems: samples whose targets a small network of the same kind gives, so that the least loss is 0.
#include "nadir/base/test_util.hpp"
#include "nadir/particle/flow.hpp"

namespace nadir::particle {

/// Standard normal features with a 1 at the end.
inline Matrix features_with_one(Index samples, Index inputs, Random& random) {
  Matrix features(samples, inputs + 1);
  features.leftCols(inputs) = normal_matrix(samples, inputs, random);
  features.rightCols(1).setOnes();
  return features;
}

struct Planted {
  Particles truth;
  Matrix features;  ///< n × (d + 1)
  Vector targets;   ///< n, of the truth
};

/// Units with (w, v) on the sphere of the radius; the truth is their sum (its weights are times their number).
inline Planted planted(Activation activation, Index units, Index inputs, Index samples, double radius, Random& random) {
  Planted problem;
  problem.truth = start_on_sphere(activation, units, inputs + 1, radius, random);
  problem.truth.weights *= static_cast<double>(units);
  problem.features = features_with_one(samples, inputs, random);
  problem.targets = outputs(problem.truth, problem.features);
  return problem;
}

}  // namespace nadir::particle
