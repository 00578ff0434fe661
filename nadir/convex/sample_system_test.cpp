#include "nadir/convex/sample_system.hpp"

#include <gtest/gtest.h>

#include "nadir/base/random.hpp"
#include "nadir/base/test_util.hpp"

namespace nadir::convex {
namespace {

/// (I + M W) e = −r to double precision's digits, though M's eigenvalues reach from 0 to `size` and its matrix is known
/// in single precision only; some weights are 0.
TEST(SampleSystem, IsSolvedBeyondTheFactorsPrecision) {
  for (const double size : {1.0, 1e4, 1e8}) {
    SCOPED_TRACE(size);
    Random random(5);
    const Index n = 60;
    const Matrix B = normal_matrix(n, 20, random);
    const Matrix M =
        size / 20 * (B * Vector::LinSpaced(20, -10, 0).array().exp().matrix().asDiagonal() * B.transpose());
    Vector w = normal_matrix(n, 1, random).col(0).cwiseAbs();
    w.head(7).setZero();
    const Vector r = normal_matrix(n, 1, random).col(0);
    Eigen::MatrixXf single = M.cast<float>().triangularView<Eigen::Lower>();
    int products = 0;
    const auto product = [&](const Vector& v) { return ++products, Vector(M * v); };
    const Vector e = solve_in_samples(single, product, w, r), left = e + M * w.cwiseProduct(e) + r;
    EXPECT_LE(w.cwiseSqrt().cwiseProduct(left).norm(), 2e-7 * w.cwiseSqrt().cwiseProduct(r).norm());
    EXPECT_LE(products, size > 1e6 ? 60 : 8);
  }
}

}  // namespace
}  // namespace nadir::convex
