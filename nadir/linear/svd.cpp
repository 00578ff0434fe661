#include "nadir/linear/svd.hpp"

#include <Eigen/SVD>

namespace nadir::linear {

Svd svd(const Dense& M) {
  if (M.size() == 0) return {Dense(M.rows(), 0), Dense(M.cols(), 0), Vector(0)};
  const Eigen::BDCSVD<Dense> done(M, Eigen::ComputeThinU | Eigen::ComputeThinV);
  return {done.matrixU(), done.matrixV(), done.singularValues()};
}

double spectral_norm(const Dense& M) {
  if (M.size() == 0) return 0;
  return Eigen::BDCSVD<Dense>(M).singularValues()[0];
}

Index count_above(const Vector& values, double threshold) {
  Index count = 0;
  while (count < values.size() && values[count] > threshold) ++count;
  return count;
}

Dense kernel_of(const Dense& M, double threshold) {
  const Index columns = M.cols();
  if (M.rows() == 0 || columns == 0) return Dense::Identity(columns, columns);
  const Eigen::BDCSVD<Dense> done(M, Eigen::ComputeFullV);
  return done.matrixV().rightCols(columns - count_above(done.singularValues(), threshold));
}

Dense range_of(const Dense& M, double threshold) {
  const Svd done = svd(M);
  return done.U.leftCols(count_above(done.s, threshold));
}

}  // namespace nadir::linear
