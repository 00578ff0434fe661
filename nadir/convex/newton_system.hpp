#pragma once
// The linear system of a semismooth Newton step (docs/math/two-layer.md, section 4): given the active groups with their
// directions u_g = v_g / ‖v_g‖, the curvature W of the loss and a residual r, find e with
//   (I + A S Aᵀ W) e = −r,   S_g = σ u uᵀ + t_g (I − u uᵀ),   t_g = 1 / (1/σ + λ/‖v_g‖).
#include "nadir/base/watch.hpp"
#include "nadir/convex/group_problem.hpp"

namespace nadir::convex {

struct ActiveGroups {
  std::vector<Group> groups;
  Matrix directions;  ///< u, groups × d, unit rows
  Vector tangential;  ///< t_g
  double radial = 1;  ///< σ

  Index size() const { return static_cast<Index>(groups.size()); }
};

/// What is computed once for a problem, and the room that the dense solver works in.
struct NewtonData {
  explicit NewtonData(const GroupProblem& problem);
  Matrix feature_basis;         ///< U of XᵀX/n = U diag(s) Uᵀ
  Vector feature_spectrum;      ///< s
  Eigen::MatrixXf sample_gram;  ///< X Xᵀ where the dense solver may be used, else empty
  Eigen::MatrixXf pattern_gram;  ///< D Dᵀ of all patterns D (n × P): for the penalty features, made where first wanted
  Eigen::MatrixXf sample_matrix, left;
  double iterations = 15;  ///< conjugate gradients to expect: what they took the last time
};

/// Whether a problem's systems are small enough for a factorization in the space of samples.
bool may_be_dense(const GroupProblem& problem);

/// e (n × K), by a Cholesky factorization in the space of samples where that is small, else by conjugate gradients in
/// the space of weights with a Kronecker preconditioner. Adds to `products` the pairs of masked products it took.
Matrix newton_direction(const GroupProblem& problem, NewtonData& data, const ActiveGroups& active, const Curvature& W,
                        const Matrix& r, const GoOn& go_on, long& products);

}  // namespace nadir::convex
