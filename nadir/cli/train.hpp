#pragma once
// What `nadir train` is asked for.
#include <string>

#include "nadir/data/options.hpp"
#include "nadir/train/train.hpp"

namespace nadir::cli {

struct TrainArguments : train::Settings {
  ReadOptions read;
  std::string data;
  std::string test;
  double holdout = 0;
  std::string out;
  std::string checkpoint_file;
  bool resume = false, resume_given = false;  ///< the second: or its contrary
  bool json = false, quiet = false;
};

}  // namespace nadir::cli
