#pragma once
// The methods, a file each: from rows to a model that is complete but for the training rows and the notes that every
// method has. And what those with a penalty and a path of lambda tell alike.
#include "nadir/claim/mean_loss.hpp"
#include "nadir/path/fit.hpp"
#include "nadir/train/train.hpp"

namespace nadir::train {

Trained train_spectral(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                       Follower& follower);
/// `chosen`: lambda, where it was chosen before.
Trained train_gated(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                    Follower& follower, const path::PathChoice* chosen = nullptr);
Trained train_relu(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                   Follower& follower, const path::PathChoice* chosen = nullptr);
Trained train_linear(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads);
Trained train_planted(const Table& table, const std::vector<Index>& rows, const Settings& settings, Follower& follower);
Trained train_particle(const Table& table, const std::vector<Index>& rows, const Settings& settings,
                       Follower& follower);
Trained train_kernel(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                     Follower& follower);
/// Of relu and gated the one that does better on the rows that the same cross-validation leaves out.
Trained train_auto(const Table& table, const std::vector<Index>& rows, const Settings& settings, int threads,
                   Follower& follower);

/// Moves a fit of the mean squared loss, without a penalty, into `trained`.
template <class Fit>
void take_unpenalized(Trained& trained, Fit& fit) {
  trained.model.objective = mean_squared_loss_json();
  trained.model.recipe = std::move(fit.recipe);
  trained.model.network = std::move(fit.network);
  trained.model.certificate = std::move(fit.certificate);
  trained.ignored = std::move(fit.ignored);
  trained.training = std::move(fit.training);
}

/// What the settings give to begin with, if it is such a network.
template <class N>
const N* begin_with(const Settings& settings) {
  return settings.begin_with != nullptr ? std::get_if<N>(settings.begin_with) : nullptr;
}

/// The user's wishes, with standardized features unless another scale was asked for.
RecipeOptions penalized_recipe(const Settings& settings);

/// Moves what the fit found into `trained`, whose network and evidence are set: its keys, its lines, its model's
/// objective with that penalty, or of the constrained form where the fit has a radius, its certificate.
void tell_fit(Trained& trained, path::Fit& fit, const std::string& penalty);

}  // namespace nadir::train
