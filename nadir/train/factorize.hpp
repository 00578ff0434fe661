#pragma once
// Matrix factorization of a table all of whose cells are numbers, with its model file: what
// homogeneous/factorization.hpp trains and proves.
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "nadir/base/options.hpp"
#include "nadir/data/table.hpp"
#include "nadir/homogeneous/factorization.hpp"
#include "nadir/model/factorization_file.hpp"
#include "nadir/train/follower.hpp"

namespace nadir::train {

struct FactorizeOptions {
  double lambda = 0;  ///< 0: by lambda_ratio
  double lambda_ratio = 0.1;
  std::vector<std::string> norms = {"l2", "l2"};
  std::string non_negative = "none";  ///< none, left, right, both
  double gap = 0;                     ///< relative, that is wanted; 0: 1e-6, and 1e-5 where the proof is a relaxation
  int max_rounds = 200;
  int sweeps = 1000;
  int search_starts = 32;
  int nodes = 1000;
  double time_limit = std::numeric_limits<double>::infinity();
  std::uint64_t seed = 0;

  bool operator==(const FactorizeOptions&) const = default;
};

std::span<const Option<FactorizeOptions>> factorize_option_table();

struct Factorized {
  FactorizationModel model;
  double largest_lambda = 0;       ///< that was found, of which the ratio is
  double trainer_lower_bound = 0;  ///< with what the file does not hold: branching on supports
  bool no_descent_found = false;
  int rounds = 0;
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
};

/// Y, every cell of the table. Throws InputError naming row and column of a cell that is missing or no finite number,
/// UsageError for other formats than csv, npy and npz, which a model file does not state.
Matrix matrix_of(const Table& table);

/// The model of factors that came from anywhere, with its proof (`added` as of prove_factorization). Throws InputError
/// for factors that do not fit Y.
FactorizationModel certified_factorization(const Matrix& Y, const Source& source, const FactorPenalty& penalty,
                                           homogeneous::FactorPair factors, double gap,
                                           std::optional<Matrix> added = {}, const GoOn& go_on = {});

/// Throws UsageError for a λ at which the best factorization is 0, as far as is known. `data`: for the notes.
Factorized factorize(const Table& table, const std::string& data, const FactorizeOptions& options, Follower& follower);

/// `seconds` it took; `model`: the file written.
nlohmann::json to_json(const Factorized& told, double seconds, const std::string& model);

/// "l1, l2 ≥ 0 and so on", for tables.
std::string penalty_in_words(const FactorPenalty& penalty);

}  // namespace nadir::train
