#pragma once
// Training one architecture to its global optimum.
//
// Given an architecture (problem.hpp) and data, returns the network, why the loop ended, and a proven interval for the
// minimum of F. Where hidden concavity holds (concavity.hpp) F has one minimizer and the interval closes at every width
// and on any data; elsewhere the box (box.hpp) is tried.
#include <optional>
#include <vector>

#include "nadir/claim/certificate.hpp"
#include "nadir/opt/fixed_point.hpp"
#include "nadir/spectral/objective.hpp"

namespace nadir::spectral {

struct TrainOptions {
  double gap = 1e-9;      ///< relative gap to certify
  double change = 1e-11;  ///< and in log-weights, how still the iteration is to be
  int max_iterations = 10000;
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
  int memory = 20;      ///< steps that the quasi-Newton direction looks back on; 0: the plain map, safeguarded
  int box_steps = 300;  ///< where hidden concavity does not hold: how often to cut the box; 0 leaves it out
};

struct TrainResult {
  PolynomialNetwork network;  ///< feasible: every norm at most its radius
  Certificate certificate;    ///< without hashes
  Stop stop = Stop::no_progress;
  std::string stop_sentence;  ///< the numbers that were compared
  int iterations = 0;
  std::vector<Progress> trace;
};

TrainResult train(Objective& objective, Vector start, const TrainOptions& options, const Watch& watch = {});

/// What is proved of a feasible network: by hidden concavity where it holds, else by a box that is cut so often.
/// Without samples and hashes.
Certificate certify(Objective& objective, const PolynomialNetwork& network, double gap, int box_steps);

/// The network of normalized log-shares, bit for bit the one that the iteration evaluates there.
PolynomialNetwork feasible_network(const Packing& packing, const Vector& logs);

}  // namespace nadir::spectral
