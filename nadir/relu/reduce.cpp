#include "nadir/relu/reduce.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "nadir/opt/caratheodory.hpp"
#include "nadir/relu/proof.hpp"

namespace nadir::relu {
namespace {

/// ‖u‖^α.
Vector sizes_of(const ReluNetwork& network) { return network.units.rowwise().norm().array().pow(network.power); }

/// Of each output the units that feed it; a column is what the unit adds there.
void reduce_each(ReluNetwork& network, const Matrix& hidden) {
  const Vector sizes = sizes_of(network);
  for (Index k = 0; k < network.outputs(); ++k) {
    std::vector<Index> places;
    for (Index j = 0; j < network.units.rows(); ++j)
      if (network.unit_outputs(j, k) != 0) places.push_back(j);
    const Vector weights = network.unit_outputs(places, k);
    const Eigen::MatrixXd columns = hidden(Eigen::all, places) * weights.asDiagonal();
    const Vector factors = independent_factors(columns, Vector(sizes(places)).cwiseProduct(weights.cwiseAbs()));
    network.unit_outputs(places, k) = weights.cwiseProduct(factors);
  }
}

/// A column is what the unit adds to all outputs, one below the other.
void reduce_shared(ReluNetwork& network, const Matrix& hidden) {
  const Index n = hidden.rows(), outputs = network.outputs(), m = network.units.rows();
  Eigen::MatrixXd columns(n * outputs, m);
  for (Index k = 0; k < outputs; ++k) columns.middleRows(k * n, n) = hidden * network.unit_outputs.col(k).asDiagonal();
  const Vector costs = sizes_of(network).cwiseProduct(network.unit_outputs.rowwise().norm());
  network.unit_outputs = independent_factors(columns, costs).asDiagonal() * network.unit_outputs;
}

/// The units' activations, or, where these are more than one block of rows, a triangle whose columns have the same
/// inner products: what depends on what is the same of both.
Matrix columns_of_units(const Problem& problem, const ReluNetwork& network) {
  const Index m = network.units.rows();
  Matrix columns(0, m);
  problem.features.for_each_block([&](Index, const ConstMatrixView& X) {
    const Matrix hidden = nadir::activations(network.units, network.power, X);
    if (problem.features.is_one_block()) {
      columns = hidden;
      return;
    }
    Eigen::MatrixXd both(columns.rows() + hidden.rows(), m);
    both << columns, hidden;
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(both);
    columns = qr.matrixQR().topRows(std::min(both.rows(), m)).triangularView<Eigen::Upper>();
  });
  return columns;
}

}  // namespace

ReluNetwork reduced(const Problem& problem, const ReluNetwork& network, std::vector<bool>* rest) {
  ReluNetwork smaller = network;
  if (rest != nullptr) rest->clear();
  if (network.units.rows() == 0) return smaller;
  const Matrix hidden = columns_of_units(problem, network);
  (problem.shared ? reduce_shared : reduce_each)(smaller, hidden);
  std::vector<Index> places;
  if (rest != nullptr) rest->assign(static_cast<std::size_t>(network.units.rows()), false);
  for (Index j = 0; j < network.units.rows(); ++j) {
    if (smaller.unit_outputs.row(j).isZero(0)) continue;
    if (rest != nullptr) (*rest)[static_cast<std::size_t>(j)] = true;
    places.push_back(j);
  }
  smaller.units = Matrix(network.units(places, Eigen::all));
  smaller.unit_outputs = Matrix(Matrix(smaller.unit_outputs)(places, Eigen::all));
  smaller.unit_outputs *= share_in_ball(problem, units_of(smaller));
  return smaller;
}

}  // namespace nadir::relu
