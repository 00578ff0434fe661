#pragma once
// What a training hands back, and how it is told as JSON.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nadir/base/watch.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/train/measures.hpp"

namespace nadir::train {

struct Trained {
  std::string method;
  Model model;
  std::vector<IgnoredColumn> ignored;
  Dataset training;
  Matrix outputs;  ///< at the training rows, where the training has them; else empty
  Stop stop = Stop::no_progress;
  std::string stop_sentence;
  int iterations = 0;
  std::vector<Progress> trace;
  Index neurons = 0;
  nlohmann::json more;                                     ///< keys for JSON that this method alone has
  std::vector<std::pair<std::string, std::string>> lines;  ///< of the table: its choice and its network
  std::string bound_of;                                    ///< what the lower bound is over, in words
};

/// Measured when all is done.
struct Outcome {
  double seconds_loading = 0, seconds = 0;  ///< reading; choosing and training
  Measures train;
  std::optional<Measures> test;
  std::string model;  ///< path written, if one was
  std::string data;   ///< path to name in hints
};

/// On the training rows.
Measures measure_training(const Trained& trained, int threads);

/// For the model file: what was asked and tried. Holds no times, so that equal runs give equal files.
nlohmann::json notes_of(const Trained& trained, const std::string& data, std::uint64_t seed);

nlohmann::json to_json(const Trained& trained, const Outcome& outcome);

}  // namespace nadir::train
