#pragma once
// What `nadir train` and its methods say to one another. A method is a file of its own: from rows to a model, and what
// it alone has to tell.
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "nadir/cli/progress.hpp"
#include "nadir/convex/options.hpp"
#include "nadir/linear/fit.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/particle/options.hpp"
#include "nadir/path/path.hpp"
#include "nadir/planted/descent.hpp"
#include "nadir/relu/options.hpp"
#include "nadir/spectral/options.hpp"

namespace nadir::cli {

struct TrainOptions {
  std::string data;
  std::string method = "auto";
  std::string test;
  double holdout = 0;
  std::uint64_t seed = 0;
  int threads = 0;
  std::string out;
  std::string checkpoint;
  bool resume = false;
  bool json = false, quiet = false;
};

struct TrainArguments {
  TrainOptions train;
  ReadOptions read;
  RecipeOptions recipe;
  bool resume_given = false;  ///< or its contrary
  bool scale_given = false;   ///< by the user; otherwise each method scales as suits it
  spectral::SpectralOptions spectral;
  convex::GatedOptions gated;
  relu::ReluOptions relu;
  linear::LinearOptions linear;
  planted::PlantedOptions planted;
  particle::ParticleOptions particle;
  path::Checkpoint* checkpoint = nullptr;  ///< where relu and gated keep how far they have come
};

/// What a method hands back.
struct Trained {
  std::string method;
  Model model;  ///< complete but for the training rows, and what notes every method has
  std::vector<IgnoredColumn> ignored;
  Dataset training;
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
  int iterations = 0;
  std::vector<Progress> trace;
  Index neurons = 0;
  nlohmann::json more;                                     ///< keys for --json that this method alone has
  std::vector<std::pair<std::string, std::string>> lines;  ///< of the table: its choice and its network
  std::string bound_of;                                    ///< what the lower bound is over, in words
};

Trained train_spectral(const Table& table, const std::vector<Index>& rows, const TrainArguments& arguments, int threads,
                       ProgressLine& line);
/// `chosen`: lambda, where it was chosen before.
Trained train_gated(const Table& table, const std::vector<Index>& rows, const TrainArguments& arguments, int threads,
                    ProgressLine& line, const path::PathChoice* chosen = nullptr);
Trained train_relu(const Table& table, const std::vector<Index>& rows, const TrainArguments& arguments, int threads,
                   ProgressLine& line, const path::PathChoice* chosen = nullptr);
Trained train_linear(const Table& table, const std::vector<Index>& rows, const TrainArguments& arguments, int threads);
Trained train_planted(const Table& table, const std::vector<Index>& rows, const TrainArguments& arguments,
                      ProgressLine& line);
Trained train_particle(const Table& table, const std::vector<Index>& rows, const TrainArguments& arguments,
                       ProgressLine& line);
/// The one of these two that does better on the rows that the same cross-validation leaves out.
Trained train_auto(const Table& table, const std::vector<Index>& rows, const TrainArguments& arguments, int threads,
                   ProgressLine& line);

}  // namespace nadir::cli
