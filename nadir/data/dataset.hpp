#pragma once
// What a trainer sees: numbers and their names.
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir {

struct Dataset {
  Matrix features;  ///< n × d, finite
  // What is to be predicted: one of the two, or neither where the file holds no target.
  std::vector<int> labels;                 ///< n class indices from 0
  Vector targets;                          ///< n scaled quantities y, finite (data/target.hpp maps them back)
  Vector weights;                          ///< n, above 0: how much each row counts; empty where all count alike
  std::vector<std::string> feature_names;  ///< d
  std::vector<std::string> class_names;    ///< K; empty where the target is a quantity

  Index samples() const { return features.rows(); }
  int classes() const { return static_cast<int>(class_names.size()); }
};

/// SHA-256 over features, labels or targets, and weights if there are some, as docs/certificate-format.md section 6
/// defines it.
std::string features_sha256(const Dataset& dataset);

}  // namespace nadir
