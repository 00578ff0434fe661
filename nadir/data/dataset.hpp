#pragma once
// What a trainer sees: numbers and their names.
#include <memory>
#include <string>
#include <vector>

#include "nadir/base/sample_rows.hpp"

namespace nadir {

struct Dataset {
  // Features, n × d, finite: one of the two.
  Matrix features;
  std::shared_ptr<const RowMaker> in_place;  ///< made of the table's rows where they are wanted (apply_in_place)
  // What is to be predicted: one of the two, or neither where the file holds no target.
  std::vector<int> labels;                 ///< n class indices from 0
  Vector targets;                          ///< n scaled quantities y, finite (data/target.hpp maps them back)
  Vector weights;                          ///< n, above 0: how much each row counts; empty where all count alike
  std::vector<std::string> feature_names;  ///< d
  std::vector<std::string> class_names;    ///< K; empty where the target is a quantity

  SampleRows rows() const { return in_place ? SampleRows(*in_place) : SampleRows(features); }
  Index samples() const { return rows().rows(); }
  Index inputs() const { return rows().cols(); }
  int classes() const { return static_cast<int>(class_names.size()); }
};

/// SHA-256 over features, labels or targets, and weights if there are some, as docs/certificate-format.md section 6
/// defines it.
std::string features_sha256(const Dataset& dataset);

}  // namespace nadir
