#pragma once
// A deep linear network that was trained elsewhere: judged by theorem and by value in double precision, and certified
// by a lower bound that is proven.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "nadir/data/recipe.hpp"
#include "nadir/linear/biased.hpp"
#include "nadir/linear/residual.hpp"
#include "nadir/model/model_file.hpp"

namespace nadir::train {

struct LinearRequest {
  std::string network, data;  ///< file names, for the model's notes and for messages
  std::string source;         ///< what the network was read from, in words
  double gap = 1e-6;          ///< relative, to be certified
  bool residual = false;      ///< the layers are those of (I + W_L) ··· (I + W_1)
  int threads = 0;            ///< 0: all processors
};

/// What was judged and proved. Losses are half the squared errors' sum: n times the model file's.
struct JudgedChain {
  LinearRequest request;
  linear::BiasedJudgement judged;
  std::optional<linear::ResidualJudgement> residual;
  Model model;
  bool dependent = false;  ///< no feature depends on others but for rounding

  const Certificate& certificate() const { return model.certificate; }
  double lower_bound() const { return certificate().lower_bound * static_cast<double>(certificate().samples); }
};

/// On all usable rows of the table. Throws InputError where the chain does not fit the data.
JudgedChain certify_linear(const Table& table, const RecipeOptions& recipe, BiasedChain chain,
                           const LinearRequest& request);

/// `seconds` it took; `model`: the file written, if one was.
nlohmann::json to_json(const JudgedChain& told, double seconds, const std::string& model);

}  // namespace nadir::train
