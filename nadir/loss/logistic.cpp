#include <cmath>

#include "nadir/loss/logistic_terms.hpp"
#include "nadir/loss/loss.hpp"

namespace nadir {

double LogisticLoss::value(double f, double y) const {
  const double margin = y * f;
  return margin >= 0 ? std::log1p(std::exp(-margin)) : -margin + std::log1p(std::exp(margin));
}

double LogisticLoss::gradient(double f, double y) const { return -y * sigmoid(-y * f); }

double LogisticLoss::curvature(double f, double y) const { return sigmoid(y * f) * sigmoid(-y * f); }

double LogisticLoss::conjugate(double g, double y) const {
  const double t = -g * y;
  if (!(t >= 0 && t <= 1)) return infinity;
  return entropy_term(t) + entropy_term(1 - t);
}

}  // namespace nadir
