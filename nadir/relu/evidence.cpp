#include "nadir/relu/evidence.hpp"

#include "nadir/polar/tree_evidence.hpp"

namespace nadir::relu {
namespace {

/// The trees of all polars, one below the other.
Matrix simplices_of(const WidthBound& widths) {
  Index rows = 0, row = 0;
  for (const PolarBound& one : widths.polars) rows += one.tree.rows();
  Matrix all(rows, widths.polars.front().tree.cols());
  for (const PolarBound& one : widths.polars) {
    all.middleRows(row, one.tree.rows()) = one.tree;
    row += one.tree.rows();
  }
  return all;
}

}  // namespace

PolarEvidence evidence_of(const WidthBound& widths, PatternsBound patterns, Index samples, Index inputs) {
  polar::TreeWriter writer;
  const bool simplices = widths.polars.front().tree.size() > 0;
  if (!simplices)
    for (const Index v : file_order(widths))
      writer.add(widths.polars[static_cast<std::size_t>(v)].result.upper.evidence);
  PolarEvidence evidence = writer.finish(samples, inputs);
  evidence.cells = std::move(patterns.cells);
  if (widths.cones) evidence.output_cones = widths.cones->listing().nodes;
  if (simplices) evidence.simplices = simplices_of(widths);
  return evidence;
}

PolarEvidence cones_of(const WidthBound& widths) {
  PolarEvidence evidence;
  evidence.cones = simplices_of(widths);
  return evidence;
}

}  // namespace nadir::relu
