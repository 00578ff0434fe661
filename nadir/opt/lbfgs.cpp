#include "nadir/opt/lbfgs.hpp"

#include <cmath>
#include <deque>
#include <limits>

namespace nadir {
namespace {

struct Step {
  Vector moved, turned;  ///< differences of positions and of gradients
  double curvature;      ///< their product, positive
};

Vector direction_of(const std::deque<Step>& memory, const Vector& gradient) {
  Vector q = -gradient;
  std::vector<double> alpha(memory.size());
  for (std::size_t k = memory.size(); k-- > 0;) {
    alpha[k] = memory[k].moved.dot(q) / memory[k].curvature;
    q -= alpha[k] * memory[k].turned;
  }
  if (!memory.empty()) q *= memory.back().curvature / memory.back().turned.squaredNorm();
  for (std::size_t k = 0; k < memory.size(); ++k)
    q += (alpha[k] - memory[k].turned.dot(q) / memory[k].curvature) * memory[k].moved;
  return q;
}

/// Moves `at` to a point with sufficient decrease and, if 30 trials suffice, less slope. False: no decrease was found.
bool line_search(const SmoothFunction& function, const Vector& direction, double step, LbfgsResult& at) {
  constexpr double decrease = 1e-4, slope_left = 0.9;
  const double slope = at.gradient.dot(direction), start_value = at.value;
  const Vector start = at.position;
  double low = 0, high = std::numeric_limits<double>::infinity();
  bool found = false;
  Vector gradient(start.size());
  for (int trial = 0; trial < 30; ++trial) {
    Vector position = start + step * direction;
    const double value = function(position, gradient);
    const bool falls = value <= start_value + decrease * step * slope && value < start_value && gradient.allFinite();
    if (!falls) {
      high = step;
    } else {
      found = true;
      at.position = std::move(position), at.value = value, at.gradient = gradient;
      if (!(gradient.dot(direction) < slope_left * slope)) return true;
      low = step;
    }
    step = std::isinf(high) ? 2 * low : (low + high) / 2;
  }
  return found;
}

}  // namespace

LbfgsResult minimize_by_lbfgs(const SmoothFunction& function, Vector start, const LbfgsOptions& options) {
  LbfgsResult at;
  at.position = std::move(start);
  at.gradient.resize(at.position.size());
  at.value = function(at.position, at.gradient);
  if (!std::isfinite(at.value) || !at.gradient.allFinite()) {
    at.ending = Ending::numerical_failure;
    return at;
  }
  std::deque<Step> memory;
  double reference = at.value;
  for (; at.iterations < options.max_iterations; ++at.iterations) {
    if (options.go_on && !options.go_on()) {
      at.ending = Ending::told_to;
      return at;
    }
    const double norm = at.gradient.norm();
    if (!(norm > 0)) return at;
    if (at.iterations > 0 && at.iterations % options.patience == 0) {
      if (!(reference - at.value > options.least_decrease * std::fabs(at.value))) return at;
      reference = at.value;
    }
    Vector direction = direction_of(memory, at.gradient);
    if (!(direction.dot(at.gradient) < 0)) memory.clear(), direction = -at.gradient;
    const Vector position = at.position, gradient = at.gradient;
    const double first = memory.empty() ? std::min(1.0, at.position.norm() / norm + 1e-3 / norm) : 1;
    if (!line_search(function, direction, first, at)) {
      if (memory.empty()) return at;
      memory.clear();  // once more, downhill
      continue;
    }
    Step step{at.position - position, at.gradient - gradient, 0};
    step.curvature = step.moved.dot(step.turned);
    if (!(step.curvature > 1e-14 * step.moved.norm() * step.turned.norm())) continue;
    memory.push_back(std::move(step));
    if (static_cast<int>(memory.size()) > options.memory) memory.pop_front();
  }
  at.ending = Ending::iteration_limit;
  return at;
}

}  // namespace nadir
