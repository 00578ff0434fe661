#include "nadir/convex/newton_system.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>

#include "nadir/convex/preconditioner.hpp"

namespace nadir::convex {
namespace {

/// A factorization of n × n numbers is kept to this many samples: 32 MiB a matrix.
constexpr Index most_dense = 2048;

bool may_be_dense(const GroupProblem& problem) {
  return problem.outputs() == 1 && problem.loss.samples() <= most_dense;
}

/// Counts multiplications a sample: n²/6 and twice nA/2 against 2 A d each of the conjugate gradients.
bool is_dense(const GroupProblem& problem, const NewtonData& data, const ActiveGroups& active) {
  const auto n = static_cast<double>(problem.loss.samples()), A = static_cast<double>(active.size());
  return may_be_dense(problem) && n * n / 6 + n * A < data.iterations * 2 * A * static_cast<double>(problem.features());
}

/// A S Aᵀ = (X Xᵀ) ∘ (Σ_p t_p d_p d_pᵀ) + Σ_p (σ − t_p) (D_p X u_p)(D_p X u_p)ᵀ: 2 n² operations a group, whatever d.
/// Only the lower half of data.sample_matrix is filled.
void fill_sample_matrix(const GroupProblem& problem, NewtonData& data, const ActiveGroups& active) {
  const Index n = problem.loss.samples(), A = active.size();
  Eigen::MatrixXd &left = data.left, &M = data.sample_matrix;
  left.resize(n, A);
  M.setZero(n, n);
  for (Index g = 0; g < A; ++g) {
    const Index gate = active.groups[static_cast<std::size_t>(g)].gate;
    const double t = std::sqrt(active.tangential[g]);
    for (Index i = 0; i < n; ++i) left(i, g) = problem.products.patterns().open(gate, i) ? t : 0;
  }
  M.selfadjointView<Eigen::Lower>().rankUpdate(left);
  for (Index j = 0; j < n; ++j)
    M.col(j).tail(n - j) = M.col(j).tail(n - j).cwiseProduct(data.sample_gram.col(j).tail(n - j));
  const Matrix columns = problem.products.columns(active.groups, active.directions);
  for (Index g = 0; g < A; ++g)
    left.col(g) = std::sqrt(active.radial - active.tangential[g]) * columns.row(g).transpose();
  M.selfadjointView<Eigen::Lower>().rankUpdate(left);
}

/// e = −r + M W^½ x with (I + W^½ M W^½) x = W^½ r.
Matrix solve_in_samples(const GroupProblem& problem, NewtonData& data, const ActiveGroups& active, const Curvature& W,
                        const Matrix& r) {
  const Index n = r.rows();
  fill_sample_matrix(problem, data, active);
  const Eigen::MatrixXd& M = data.sample_matrix;
  const Vector root = W.diagonal.col(0).cwiseSqrt();
  data.factor.resize(n, n);
  for (Index j = 0; j < n; ++j) {
    data.factor.col(j).tail(n - j) = (root[j] * root.tail(n - j)).cwiseProduct(M.col(j).tail(n - j));
    data.factor(j, j) += 1;
  }
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>, Eigen::Lower> factor(data.factor);
  Vector x = root.cwiseProduct(r.col(0));
  factor.solveInPlace(x);
  return M.selfadjointView<Eigen::Lower>() * root.cwiseProduct(x) - r.col(0);
}

/// (S⁻¹ + Aᵀ W A) q, shapes groups × d.
class WeightOperator {
 public:
  WeightOperator(const GroupProblem& problem, const ActiveGroups& active, const Curvature& W)
      : problem_(problem), active_(active), W_(W) {}

  void apply(const Matrix& q, Matrix& out) {
    problem_.products.forward(active_.groups, q, problem_.outputs(), f_);
    W_.apply(f_, weighted_);
    problem_.products.adjoint(active_.groups, weighted_, out);
    for (Index g = 0; g < active_.size(); ++g) {
      const double across = 1 / active_.tangential[g], along = 1 / active_.radial - across;
      out.row(g) += across * q.row(g) + (along * q.row(g).dot(active_.directions.row(g))) * active_.directions.row(g);
    }
  }

 private:
  const GroupProblem& problem_;
  const ActiveGroups& active_;
  const Curvature& W_;
  Matrix f_, weighted_;
};

/// e = −r + A q with (S⁻¹ + Aᵀ W A) q = Aᵀ W r.
Matrix solve_in_weights(const GroupProblem& problem, NewtonData& data, const ActiveGroups& active, const Curvature& W,
                        const Matrix& r, long& products) {
  constexpr int most = 500;
  constexpr double tolerance = 1e-8;  // of the squared preconditioned residual; looser costs Newton steps
  const Preconditioner preconditioner(problem, data, active, W);
  WeightOperator system(problem, active, W);
  Matrix weighted, residual, q = Matrix::Zero(active.size(), problem.features()), Hp;
  W.apply(r, weighted);
  problem.products.adjoint(active.groups, weighted, residual);
  Matrix z = preconditioner.solve(residual), p = z;
  double rho = residual.cwiseProduct(z).sum();
  const double wanted = tolerance * rho;
  int k = 0;
  for (; k < most && rho > wanted; ++k) {
    system.apply(p, Hp);
    const double step = rho / p.cwiseProduct(Hp).sum();
    q += step * p;
    residual -= step * Hp;
    z = preconditioner.solve(residual);
    const double next = residual.cwiseProduct(z).sum();
    p = z + (next / rho) * p;
    rho = next;
  }
  products += k;
  data.iterations = k;
  Matrix e;
  problem.products.forward(active.groups, q, problem.outputs(), e);
  e -= r;
  return e;
}

}  // namespace

NewtonData::NewtonData(const GroupProblem& problem) {
  const Matrix& X = problem.products.features();
  if (may_be_dense(problem)) sample_gram = X * X.transpose();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(X.transpose() * X / static_cast<double>(X.rows()));
  feature_basis = solver.eigenvectors();
  feature_spectrum = solver.eigenvalues().cwiseMax(0);
}

Matrix newton_direction(const GroupProblem& problem, NewtonData& data, const ActiveGroups& active, const Curvature& W,
                        const Matrix& r, long& products) {
  if (active.size() == 0) return -r;
  if (is_dense(problem, data, active)) return solve_in_samples(problem, data, active, W, r);
  return solve_in_weights(problem, data, active, W, r, products);
}

}  // namespace nadir::convex
