#pragma once
// minimize F(x) over x ∈ ℝⁿ for a function with gradients, by limited-memory BFGS (Nocedal and Wright 2006, algorithm
// 7.4) with the bracketing line search for the weak Wolfe conditions of Lewis and Overton (2013), which also serves
// where F is smooth but nearly has kinks.
#include <functional>

#include "nadir/base/matrix.hpp"
#include "nadir/base/watch.hpp"
#include "nadir/opt/termination.hpp"

namespace nadir {

/// F(x); fills the gradient.
using SmoothFunction = std::function<double(const Vector& x, Vector& gradient)>;

struct LbfgsOptions {
  int memory = 10;
  int max_iterations = 200;
  int patience = 10;             ///< it ends when so many iterations together
  double least_decrease = 1e-9;  ///< lower F by no more than this times |F|
  GoOn go_on;                    ///< asked before each iteration; none: it does
};

struct LbfgsResult {
  Vector position;
  double value = 0;
  Vector gradient;
  int iterations = 0;
  Ending ending = Ending::no_progress;  ///< no_progress, iteration_limit, told_to or numerical_failure
};

/// Never ends above its start. A value or gradient that is not finite is a step too long.
LbfgsResult minimize_by_lbfgs(const SmoothFunction& function, Vector start, const LbfgsOptions& options);

}  // namespace nadir
