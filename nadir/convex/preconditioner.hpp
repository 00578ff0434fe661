#pragma once
// An approximate inverse of S⁻¹ + Aᵀ W A (newton_system.hpp). Blocks (p, q) of AᵀWA for one output are Xᵀ D_p W D_q X,
// near c_pq XᵀX/n with c_pq the weight of the samples that both gates are open on. So for each output
//   C ⊗ (XᵀX/n) + diag(1/t) ⊗ I
// is inverted: in the basis of XᵀX/n it falls apart into one system of groups for each eigenvalue, and eigenvalues that
// hardly differ share one. These are factored in single precision. As 1/t is far too stiff along each u_g, the system
// restricted to these directions is solved exactly and added.
#include <Eigen/Cholesky>

#include "nadir/convex/newton_system.hpp"

namespace nadir::convex {

class Preconditioner {
 public:
  Preconditioner(const GroupProblem& problem, const NewtonData& data, const ActiveGroups& active, const Curvature& W);

  Matrix solve(const Matrix& right) const;

 private:
  struct Shared {  ///< a factor of I + s √t C √t, for the eigenvalues [first, first + count)
    Index first, count;
    Eigen::LLT<Eigen::MatrixXf> factor;
  };
  struct Part {                 ///< the groups of one output
    std::vector<Index> places;  ///< in the list of active groups
    Vector root;                ///< √t
    std::vector<Shared> across;
    Matrix directions;  ///< u
    Eigen::LLT<Eigen::MatrixXd> along;
  };
  std::vector<Shared> factor_across(const Eigen::MatrixXd& C) const;

  const NewtonData& data_;
  std::vector<Part> parts_;
};

}  // namespace nadir::convex
