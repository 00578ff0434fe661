#pragma once
// What a trainer sees: numbers and their names.
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"

namespace nadir {

struct Dataset {
  Matrix features;                         ///< n × d, finite
  std::vector<int> labels;                 ///< n class indices from 0, or empty where the file holds no target
  std::vector<std::string> feature_names;  ///< d
  std::vector<std::string> class_names;    ///< K

  Index samples() const { return features.rows(); }
  int classes() const { return static_cast<int>(class_names.size()); }
};

/// SHA-256 over features and labels, as docs/certificate-format.md section 6 defines it.
std::string features_sha256(const Dataset& dataset);

}  // namespace nadir
