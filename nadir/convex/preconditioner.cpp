#include "nadir/convex/preconditioner.hpp"

#include <algorithm>
#include <cmath>

namespace nadir::convex {

namespace {

/// Aᵀ W A along the directions u, for one output: blocks of rows, of at most 2²¹ numbers.
Eigen::MatrixXd weighted_gram(const MaskedProducts& products, const std::vector<Group>& groups, const Matrix& u,
                              const Vector& weights) {
  constexpr Index numbers = Index{1} << 21, multiple = 4096;
  const Index n = products.features().rows(), A = u.rows();
  const Index most = std::max(multiple, numbers / A / multiple * multiple);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(A, A);
  for (Index first = 0; first < n; first += most) {
    const Index count = std::min(most, n - first);
    const Matrix columns = products.columns(groups, u, first, count);
    const Matrix weighted = columns * weights.segment(first, count).asDiagonal();
    gram.noalias() += weighted * columns.transpose();
  }
  return gram;
}

}  // namespace

/// A factor for each bundle of eigenvalues within a factor of 1.25; none where s C is too small to matter.
std::vector<Preconditioner::Shared> Preconditioner::factor_across(const Eigen::MatrixXd& C) const {
  constexpr double alike = 1.25, matters = 1e-2;
  const Vector& spectrum = data_.feature_spectrum;  // ascending
  std::vector<Shared> result;
  for (Index end = spectrum.size(); end > 0 && spectrum[end - 1] * C.trace() > matters;) {
    Index first = end - 1;
    while (first > 0 && spectrum[first - 1] * alike >= spectrum[end - 1]) --first;
    Eigen::MatrixXf system = (std::sqrt(spectrum[first] * spectrum[end - 1]) * C).cast<float>();
    system.diagonal().array() += 1;
    result.push_back({first, end - first, Eigen::LLT<Eigen::MatrixXf>(system)});
    if (result.back().factor.info() != Eigen::Success) result.pop_back();
    end = first;
  }
  return result;
}

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
    part.across = factor_across(C);
    const Vector diagonal =
        W.softmax ? Vector(W.diagonal.col(output).array() * (1 - W.diagonal.col(output).array() / W.shares.array()))
                  : Vector(W.diagonal.col(output));
    Eigen::MatrixXd along = weighted_gram(problem.products, groups, part.directions, diagonal);
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
    Eigen::MatrixXf inner = (part.root.asDiagonal() * (b * data_.feature_basis)).cast<float>();
    for (const Shared& shared : part.across) {
      auto block = inner.middleCols(shared.first, shared.count);
      shared.factor.solveInPlace(block);
    }
    b = part.root.asDiagonal() * inner.cast<double>() * data_.feature_basis.transpose();
    b += radial.asDiagonal() * part.directions;
    for (Index a = 0; a < A; ++a) result.row(part.places[static_cast<std::size_t>(a)]) = b.row(a);
  }
  return result;
}

}  // namespace nadir::convex
