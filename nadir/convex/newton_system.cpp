#include "nadir/convex/newton_system.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "nadir/convex/preconditioner.hpp"
#include "nadir/convex/sample_system.hpp"

namespace nadir::convex {
namespace {

/// A factorization of n × n numbers is kept to this many samples: 16 MiB a matrix.
constexpr Index most_dense = 2048;

/// Counts multiplications: for each output n³/6 and twice n²A/2, against about ten factorizations of A³/6 and, for each
/// of the conjugate gradients, two masked products and two of A groups with A; A/K groups an output. Those of the dense
/// matrices take half the time.
bool is_dense(const GroupProblem& problem, const NewtonData& data, const ActiveGroups& active) {
  const auto n = static_cast<double>(problem.loss.samples()), A = static_cast<double>(active.size());
  const auto K = static_cast<double>(problem.outputs()), d = static_cast<double>(problem.features());
  const double dense = K * n * n * n / 6 + n * n * A;
  const double sparse = 10 * A * A * A / (6 * K * K) + data.iterations * 2 * A * d * (n + A / K);
  return may_be_dense(problem) && dense < 2 * sparse;
}

/// S q, row by row.
void scale_by_s(const ActiveGroups& active, Matrix& q) {
  for (Index g = 0; g < active.size(); ++g) {
    const double across = active.tangential[g], along = active.radial - across;
    q.row(g) = across * q.row(g) + (along * q.row(g).dot(active.directions.row(g))) * active.directions.row(g);
  }
}

/// A S Aᵀ = (X Xᵀ) ∘ (Σ_p t_p d_p d_pᵀ) + Σ_p (σ − t_p) (D_p X u_p)(D_p X u_p)ᵀ: 2 n² operations a group, whatever d.
/// Only the lower half of data.sample_matrix is filled.
void fill_sample_matrix(const GroupProblem& problem, NewtonData& data, const ActiveGroups& active) {
  const Index n = problem.loss.samples(), A = active.size();
  Eigen::MatrixXf &left = data.left, &M = data.sample_matrix;
  left.resize(n, A);
  M.setZero(n, n);
  for (Index g = 0; g < A; ++g) {
    const Index gate = active.groups[static_cast<std::size_t>(g)].gate;
    const auto t = static_cast<float>(std::sqrt(active.tangential[g]));
    for (Index i = 0; i < n; ++i) left(i, g) = problem.products.patterns().open(gate, i) ? t : 0;
  }
  M.selfadjointView<Eigen::Lower>().rankUpdate(left);
  for (Index j = 0; j < n; ++j)
    M.col(j).tail(n - j) = M.col(j).tail(n - j).cwiseProduct(data.sample_gram.col(j).tail(n - j));
  const Matrix columns = problem.products.columns(active.groups, active.directions);
  for (Index g = 0; g < A; ++g)
    left.col(g) = (std::sqrt(active.radial - active.tangential[g]) * columns.row(g).transpose()).cast<float>();
  M.selfadjointView<Eigen::Lower>().rankUpdate(left);
}

/// Those that belong to one output, as a network of this output alone.
ActiveGroups groups_of(const ActiveGroups& active, Index output) {
  ActiveGroups part;
  std::vector<Index> places;
  for (Index g = 0; g < active.size(); ++g)
    if (active.groups[static_cast<std::size_t>(g)].output == output) places.push_back(g);
  part.directions = active.directions(places, Eigen::all);
  part.tangential = active.tangential(places);
  part.radial = active.radial;
  for (const Index g : places) part.groups.push_back({active.groups[static_cast<std::size_t>(g)].gate, 0});
  return part;
}

/// In the space of samples, for one output.
Vector direction_of_output(const GroupProblem& problem, NewtonData& data, const ActiveGroups& active, const Vector& w,
                           const Vector& r) {
  if (active.size() == 0) return -r;
  fill_sample_matrix(problem, data, active);
  Matrix q, f;
  const auto M = [&](const Vector& v) {
    problem.products.adjoint(active.groups, v, q);
    scale_by_s(active, q);
    problem.products.forward(active.groups, q, 1, f);
    return Vector(f.col(0));
  };
  return solve_in_samples(data.sample_matrix, M, w, r);
}

/// (S⁻¹ + Aᵀ W A) q, shapes groups × d.
class WeightOperator {
 public:
  WeightOperator(const GroupProblem& problem, const ActiveGroups& active, const Curvature& W)
      : problem_(problem), active_(active), W_(W) {}

  void apply(const Matrix& q, Matrix& out, Precision precision) {
    problem_.products.forward(active_.groups, q, problem_.outputs(), f_, precision);
    W_.apply(f_, weighted_);
    problem_.products.adjoint(active_.groups, weighted_, out, precision);
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

/// Preconditioned conjugate gradients for H q = b.
class ConjugateGradients {
 public:
  ConjugateGradients(WeightOperator& system, const Preconditioner& preconditioner, const GoOn& go_on)
      : system_(system), preconditioner_(preconditioner), go_on_(go_on) {}

  /// q ≈ H⁻¹ b, until the squared preconditioned residual is at most `wanted`; returns the iterations.
  int solve(const Matrix& b, double wanted, Precision precision, Matrix& q) {
    constexpr int most = 500;
    Matrix residual = b, z = preconditioner_.solve(residual), p = z, Hp;
    double rho = residual.cwiseProduct(z).sum();
    q.setZero(b.rows(), b.cols());
    int k = 0;
    for (; k < most && rho > wanted && go_on_(); ++k) {
      system_.apply(p, Hp, precision);
      const double step = rho / p.cwiseProduct(Hp).sum();
      q += step * p;
      residual -= step * Hp;
      z = preconditioner_.solve(residual);
      const double next = residual.cwiseProduct(z).sum();
      p = z + (next / rho) * p;
      rho = next;
    }
    return k;
  }

 private:
  WeightOperator& system_;
  const Preconditioner& preconditioner_;
  const GoOn& go_on_;
};

/// e = −r + A q with (S⁻¹ + Aᵀ W A) q = Aᵀ W r. The conjugate gradients' products are in single precision, what they
/// leave is computed in full and solved for again (iterative refinement); where that does not serve, all is in full.
Matrix solve_in_weights(const GroupProblem& problem, NewtonData& data, const ActiveGroups& active, const Curvature& W,
                        const Matrix& r, const GoOn& go_on, long& products) {
  constexpr int most_passes = 4;
  constexpr double tolerance = 1e-10;      // of the squared preconditioned residual; looser costs Newton steps
  constexpr double of_single_pass = 1e-6;  // what single precision reaches safely
  const Preconditioner preconditioner(problem, data, active, W);
  WeightOperator system(problem, active, W);
  ConjugateGradients method(system, preconditioner, go_on);
  Matrix weighted, residual, q = Matrix::Zero(active.size(), problem.features()), step, applied;
  W.apply(r, weighted);
  problem.products.adjoint(active.groups, weighted, residual);
  double rho = residual.cwiseProduct(preconditioner.solve(residual)).sum();
  const double wanted = tolerance * rho;
  Precision precision = Precision::single;
  int iterations = 0;
  for (int pass = 0; pass < most_passes && rho > wanted && go_on(); ++pass) {
    const double reachable = precision == Precision::single ? of_single_pass * rho : 0;
    iterations += method.solve(residual, std::max(wanted, reachable), precision, step);
    q += step;
    if (precision == Precision::full) break;
    system.apply(step, applied, Precision::full);
    residual -= applied;
    const double before = rho;
    rho = residual.cwiseProduct(preconditioner.solve(residual)).sum();
    if (!(rho < 0.01 * before)) precision = Precision::full;
  }
  products += iterations;
  data.iterations = iterations;
  Matrix e;
  problem.products.forward(active.groups, q, problem.outputs(), e);
  e -= r;
  return e;
}

}  // namespace

bool may_be_dense(const GroupProblem& problem) {
  return problem.loss.kind() != LossKind::softmax && problem.loss.samples() <= most_dense;
}

NewtonData::NewtonData(const GroupProblem& problem) {
  const SampleRows& X = problem.products.features();
  if (may_be_dense(problem)) {
    Matrix room;
    const ConstMatrixView all = X.block(0, X.rows(), room);
    const Eigen::MatrixXf single = all.cast<float>();
    sample_gram = single * single.transpose();
  }
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(X.cols(), X.cols());
  X.for_each_summed([&](const ConstMatrixView& rows) { gram.noalias() += rows.transpose() * rows; });
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram / static_cast<double>(X.rows()));
  feature_basis = solver.eigenvectors();
  feature_spectrum = solver.eigenvalues().cwiseMax(0);
}

Matrix newton_direction(const GroupProblem& problem, NewtonData& data, const ActiveGroups& active, const Curvature& W,
                        const Matrix& r, const GoOn& go_on, long& products) {
  if (active.size() == 0) return -r;
  if (is_dense(problem, data, active)) {
    Matrix e(r.rows(), r.cols());  // the outputs have nothing to do with one another
    for (Index k = 0; k < r.cols(); ++k)
      e.col(k) = direction_of_output(problem, data, groups_of(active, k), W.diagonal.col(k), r.col(k));
    return e;
  }
  return solve_in_weights(problem, data, active, W, r, go_on, products);
}

}  // namespace nadir::convex
