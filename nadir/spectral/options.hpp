#pragma once
// What a user of the spectral method can ask for. Defaults are at the members; ranges and help are in the table.
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "nadir/base/options.hpp"

namespace nadir::spectral {

struct SpectralOptions {
  // Which networks are tried. "best" chooses among families that the project found to work; "published" and "masked"
  // draw at random as section 5 of Gautier, Nguyen, Hein (2016) does; "given" trains the one described below.
  std::string model = "best";
  int layers = 1;             ///< hidden layers that "published" and "masked" draw
  int draws = 100;            ///< architectures that they draw
  int folds = 5;              ///< of the cross-validation on training rows
  int selection_rows = 4000;  ///< it sees at most so many rows, drawn by class

  // One network in full (model = given).
  std::vector<int> hidden = {10};      ///< units per hidden layer; ignored where mask = single
  std::vector<double> alpha = {1, 2};  ///< exponents, dealt out to the units of each layer in turn
  std::string p_rule = "concave";      ///< published: (4) and (9); concave: smallest p of hidden concavity; given
  double p_w = 2;                      ///< p of the output rows (concave, given)
  std::vector<double> p_u = {4};       ///< p of each hidden layer (given)
  double rho_w = 1;
  std::vector<double> rho_u = {1};  ///< radius of each hidden layer; the last one serves for the rest
  double epsilon = 1e-8;
  std::string norm = "matrix";  ///< one norm per hidden layer, or one per unit
  std::string mask = "dense";   ///< dense, random, or single: one feature a unit, for each exponent
  double mask_density = 0.6;
  bool bias = false;
  bool complement = false;
  std::string map = "identity";  ///< of scaled columns: identity, or root: their square roots
  std::string start = "flat";    ///< or random
  double start_spread = 3;       ///< of a random start, in log-weights

  // The loop.
  double gap = 1e-9;
  double change = 1e-11;
  int max_iterations = 10000;
  double time_limit = std::numeric_limits<double>::infinity();
  int memory = 20;
  int box_steps = 300;
  bool all_certificates = false;  ///< the box, too, is tried and reported: it costs much more than the others

  bool operator==(const SpectralOptions&) const = default;
};

std::span<const Option<SpectralOptions>> option_table();

}  // namespace nadir::spectral
