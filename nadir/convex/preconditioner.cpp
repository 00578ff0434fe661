#include "nadir/convex/preconditioner.hpp"

#include <Eigen/Eigenvalues>

namespace nadir::convex {

Preconditioner::Preconditioner(const GroupProblem& problem, const NewtonData& data, const ActiveGroups& active,
                               const Curvature& W)
    : data_(data), parts_(static_cast<std::size_t>(problem.outputs())) {
  const Patterns& patterns = problem.products.patterns();
  const double n = static_cast<double>(problem.loss.samples());
  for (Index g = 0; g < active.size(); ++g)
    parts_[static_cast<std::size_t>(active.groups[static_cast<std::size_t>(g)].output)].places.push_back(g);
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    Part& part = parts_[k];
    const Index A = static_cast<Index>(part.places.size());
    if (A == 0) continue;
    const auto output = static_cast<Index>(k);
    std::vector<Group> groups;
    part.root.resize(A);
    part.directions.resize(A, problem.features());
    for (Index a = 0; a < A; ++a) {
      const Index g = part.places[static_cast<std::size_t>(a)];
      groups.push_back({active.groups[static_cast<std::size_t>(g)].gate, 0});
      part.root[a] = std::sqrt(active.tangential[g]);
      part.directions.row(a) = active.directions.row(g);
    }
    const double weight = W.mean_weight(output) / n;
    Eigen::MatrixXd C(A, A);
    for (Index a = 0; a < A; ++a)
      for (Index b = 0; b <= a; ++b)
        C(a, b) = C(b, a) = weight * part.root[a] * part.root[b] *
                            static_cast<double>(patterns.overlap(groups[static_cast<std::size_t>(a)].gate,
                                                                 groups[static_cast<std::size_t>(b)].gate));
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(C);
    part.basis = solver.eigenvectors();
    part.factors.resize(A, problem.features());
    for (Index a = 0; a < A; ++a)
      part.factors.row(a) =
          (1 + std::max(solver.eigenvalues()[a], 0.0) * data.feature_spectrum.array()).inverse().transpose();
    Matrix columns = problem.products.columns(groups, part.directions);
    const Vector diagonal =
        W.softmax ? Vector(W.diagonal.col(output).array() * (1 - W.diagonal.col(output).array() / W.shares.array()))
                  : Vector(W.diagonal.col(output));
    const Matrix weighted = columns * diagonal.asDiagonal();
    Eigen::MatrixXd along = weighted * columns.transpose();
    along.diagonal().array() += 1 / active.radial;
    part.along.compute(along);
  }
}

Matrix Preconditioner::solve(const Matrix& right) const {
  Matrix result = Matrix::Zero(right.rows(), right.cols());
  for (const Part& part : parts_) {
    const Index A = static_cast<Index>(part.places.size());
    if (A == 0) continue;
    Matrix b(A, right.cols());
    for (Index a = 0; a < A; ++a) b.row(a) = right.row(part.places[static_cast<std::size_t>(a)]);
    const Vector radial = part.along.solve(Vector(b.cwiseProduct(part.directions).rowwise().sum()));
    Matrix inner = part.basis.transpose() * (part.root.asDiagonal() * (b * data_.feature_basis));
    inner = inner.cwiseProduct(part.factors);
    b = part.root.asDiagonal() * (part.basis * inner) * data_.feature_basis.transpose();
    b += radial.asDiagonal() * part.directions;
    for (Index a = 0; a < A; ++a) result.row(part.places[static_cast<std::size_t>(a)]) = b.row(a);
  }
  return result;
}

}  // namespace nadir::convex
