#pragma once
// A generalized polynomial network that was trained elsewhere: how far it is from the best one of its shape whose
// weights keep to the same norms (spectral/problem.hpp). Where hidden concavity holds, its own slope bounds the
// objective from below over all of them; elsewhere the box is tried. Training on from it tells what is to be gained.
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nadir/base/options.hpp"
#include "nadir/data/table.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/train/follower.hpp"

namespace nadir::train {

struct PolynomialCertifyOptions {
  std::vector<double> p_u = {4};    ///< p of each hidden layer's norm; the last one serves for the rest
  double p_w = 2;                   ///< of the output rows
  std::vector<double> rho_u = {0};  ///< radius of each hidden layer, likewise; 0: the largest norm that it has
  double rho_w = 0;                 ///< of the output rows, likewise
  std::string norm = "matrix";      ///< one norm per hidden layer, or one per unit
  double epsilon = 1e-8;            ///< reward of the sum of weights
  double gap = 1e-9;                ///< relative, that is wanted
  int max_iterations = 10000;
  double time_limit = std::numeric_limits<double>::infinity();
  int box_steps = 300;
  bool improve = false;  ///< whether the better network is the one in the model

  bool operator==(const PolynomialCertifyOptions&) const = default;
};

std::span<const Option<PolynomialCertifyOptions>> polynomial_certify_option_table();

struct PolynomialRequest {
  std::string network, data;  ///< file names, for the model's notes and for messages
  std::string source;         ///< what the network was read from, in words
  PolynomialCertifyOptions options;
  int threads = 0;  ///< 0: all processors
};

struct CertifiedPolynomial {
  PolynomialRequest request;
  std::vector<Index> widths;  ///< inputs, hidden layers, classes
  double degree = 0;          ///< hidden concavity holds if it is at most 1
  double shrunk = 0;          ///< the largest share by which a norm was above its radius, and was drawn in
  Certificate given;          ///< of the given network; by the box also where a weight is 0
  Certificate better;         ///< of the network trained on from it
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
  int iterations = 0;
  Model model;
};

/// On all usable rows of the table. Throws UsageError, and InputError where network and data do not fit, or a norm is
/// above its radius by more than a millionth.
CertifiedPolynomial certify_polynomial(const Table& table, const RecipeOptions& recipe,
                                       const PolynomialNetwork& network, const PolynomialRequest& request,
                                       Follower& follower);

/// `seconds` it took; `model`: the file written, if one was.
nlohmann::json to_json(const CertifiedPolynomial& told, double seconds, const std::string& model);

}  // namespace nadir::train
