#pragma once
// What the methods with a penalty and a path of lambda tell alike.
#include "nadir/cli/train.hpp"
#include "nadir/path/fit.hpp"

namespace nadir::cli {

/// The user's wishes, with standardized features unless another scale was asked for.
RecipeOptions penalized_recipe(const TrainArguments& arguments);

/// Moves what the fit found into `trained`, whose network and evidence are set: its keys, its lines, its model's
/// objective with that penalty, or of the constrained form where the fit has a radius, its certificate.
void tell_fit(Trained& trained, path::Fit& fit, const std::string& penalty);

/// What the rows weigh, by an objective as in the model file; empty where all count alike.
std::string weights_in_words(const nlohmann::json& objective, const Recipe& recipe);

}  // namespace nadir::cli
