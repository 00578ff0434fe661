#pragma once
// The linear systems of semismooth Newton steps under the penalties l1 and features (docs/math/two-layer.md, section
// 9). As in newton_system.hpp: given the minimizer v of a proximal map with step σ, the curvature W of the loss and a
// residual r, find e with (I + A S Aᵀ W) e = −r, where S is now
//   l1        σ on the entries of v other than 0, else 0
//   features  on the entries v_·i of a feature, σ u uᵀ + t (I − u uᵀ), u = v_·i/‖v_·i‖, t = 1/(1/σ + λ/‖v_·i‖); else 0.
#include "nadir/convex/newton_system.hpp"

namespace nadir::convex {

/// Most entries other than 0: their system is factored.
constexpr Index most_entries = 2048;

/// Whether there are such steps for a problem, at weights like these.
bool has_newton_of_entries(const GroupProblem& problem, const Matrix& weights);

/// e (n × K) for the penalty l1; v are rows of `groups`. By a Cholesky factorization in the space of weights.
Matrix newton_direction_of_entries(const GroupProblem& problem, const std::vector<Group>& groups, const Matrix& v,
                                   double sigma, const Curvature& W, const Matrix& r);

/// e (n × 1) for the penalty features, with one row of v for each gate of the problem; may_be_dense(problem). By a
/// Cholesky factorization in the space of samples.
Matrix newton_direction_of_features(const GroupProblem& problem, NewtonData& data, const std::vector<Group>& groups,
                                    const Matrix& v, double sigma, const Curvature& W, const Matrix& r);

}  // namespace nadir::convex
