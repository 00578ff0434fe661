#pragma once
// What `nadir train` tells at the end: as a table for people, and as JSON.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "nadir/cli/measures.hpp"
#include "nadir/cli/train.hpp"

namespace nadir::cli {

struct Outcome {
  double seconds_loading = 0, seconds = 0;  ///< reading; choosing and training
  Measures train;
  std::optional<Measures> test;
  std::string model;  ///< path written
  std::string data;   ///< path to name in hints
};

/// For the model file: what was asked and tried. Holds no times, so that equal runs give equal files.
nlohmann::json notes_of(const Trained& trained, const std::string& data, std::uint64_t seed);

nlohmann::json to_json(const Trained& trained, const Outcome& outcome);

/// On stderr.
void print_table(const Trained& trained, const Outcome& outcome);

}  // namespace nadir::cli
