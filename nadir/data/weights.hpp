#pragma once
// How much each row counts in training: by a column of the table, by its class, or by both
// (docs/certificate-format.md, section 5.2).
#include <string>
#include <vector>

#include "nadir/base/matrix.hpp"
#include "nadir/data/table.hpp"

namespace nadir {

struct Weighting {
  Index column = -1;            ///< that holds a weight for each row, from 0; -1: none does
  std::vector<double> classes;  ///< a weight for each class; empty: all count alike

  bool any() const { return column >= 0 || !classes.empty(); }
};

/// The column that `text` names, or counts from 1. Throws UsageError if there is none, if it is the target, or if the
/// table is no CSV.
Index find_weight_column(const Table& table, const std::string& text);

/// n / (K n_c) for class c of K, n_c of the n labels: every class counts as much as any other. Each n_c is above 0.
std::vector<double> balanced_weights(const std::vector<int>& labels, int classes);

/// The weight of each of `rows`: its cell times the weight of its class; none if the weighting has none. `labels` are
/// those of the rows. Throws InputError naming row and column: a weight that is missing, no number, not above 0, or not
/// from 2⁻¹⁰⁰ to 2¹⁰⁰.
Vector weights_of(const Weighting& weighting, const Table& table, const std::vector<Index>& rows,
                  const std::vector<int>& labels);

}  // namespace nadir
