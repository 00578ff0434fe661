#pragma once
// How far is a network that was trained elsewhere from the optimum of its own training problem? Objective and
// stationarity in the user's definition (convention.hpp), a unit that lowers the objective where the search finds one,
// and a lower bound over every width. The bound is proven from the dual point of a better network, trained from the
// given one: at the given network itself the same argument proves little where it is far from optimal.
#include "nadir/relu/convention.hpp"
#include "nadir/relu/fit.hpp"
#include "nadir/relu/shared_units.hpp"

namespace nadir::relu {

struct CertifyOptions : Convention {
  std::string loss = "auto";
  double huber_delta = 1;
  double gap = 1e-2;  ///< relative, that is wanted
  double time_limit = std::numeric_limits<double>::infinity();
  int max_rounds = 100;
  int nodes = 0;
  bool improve = false;  ///< whether the better network is the one in the result

  bool operator==(const CertifyOptions&) const = default;
};

std::span<const Option<CertifyOptions>> certify_option_table();

/// The network in the result is the given one with balanced units, or the better one; its certificate is in our
/// definition. All that follows is in the user's.
struct Certified : ReluFit {
  Theirs given;
  double balanced = 0;      ///< factor · F of the given network
  double best = 0;          ///< factor · F of the better one
  double lower_bound = 0;   ///< over every width
  double at_zero = 0;       ///< of the network without units
  double relative_gap = 0;  ///< of the given network
  Claim claim = Claim::undecided;
  double bias_scale = 0;   ///< M where hidden biases cost nothing (docs/math/two-layer.md, section 8); else 0
  double bias_weight = 0;  ///< our β; 0 where there are no output biases, or they cost nothing
  SharedCandidate unit;    ///< that lowers the objective to first order if its value is above our λ, `lambda`
  UnitStep step;           ///< its best size; the decrease in the user's definition
};

/// On `rows` of the table. Throws UsageError and InputError; InputError also where network and data do not fit.
Certified certify(const Table& table, const std::vector<Index>& rows, RecipeOptions recipe,
                  const TwoLayerNetwork& network, const CertifyOptions& options, std::uint64_t seed,
                  const ReluWatch& watch);

}  // namespace nadir::relu
