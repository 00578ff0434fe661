#pragma once
// An approximate inverse of S⁻¹ + Aᵀ W A (newton_system.hpp). Blocks (p, q) of AᵀWA for one output are Xᵀ D_p W D_q X,
// near c_pq XᵀX/n with c_pq the weight of the samples that both gates are open on. So for each output
//   C ⊗ (XᵀX/n) + diag(1/t) ⊗ I
// is inverted by two eigendecompositions; and, as 1/t is far too stiff along each u_g, the system restricted to
// these directions is solved exactly and added.
#include <Eigen/Cholesky>

#include "nadir/convex/newton_system.hpp"

namespace nadir::convex {

class Preconditioner {
 public:
  Preconditioner(const GroupProblem& problem, const NewtonData& data, const ActiveGroups& active, const Curvature& W);

  Matrix solve(const Matrix& right) const;

 private:
  struct Part {                 ///< the groups of one output
    std::vector<Index> places;  ///< in the list of active groups
    Vector root;                ///< √t
    Matrix basis;               ///< Q of √t C √t = Q diag(l) Qᵀ
    Matrix factors;             ///< 1 / (1 + l_a s_j), groups × d
    Matrix directions;          ///< u
    Eigen::LLT<Eigen::MatrixXd> along;
  };
  const NewtonData& data_;
  std::vector<Part> parts_;
};

}  // namespace nadir::convex
