#include "nadir/convex/gates.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "nadir/base/error.hpp"
#include "nadir/base/random.hpp"
#include "nadir/base/sha256.hpp"
#include "nadir/data/table.hpp"
#include "nadir/net/patterns.hpp"

namespace nadir::convex {
namespace {

/// Near a standard normal number, by additions only: the same on every machine.
double normal(Random& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.uniform();
  return sum;
}

/// One gate: a direction, and the threshold where it meets a row drawn at random.
void draw_gate(const SampleRows& features, const Vector& sizes, bool intercept, Random& random, double* gate) {
  const Index d = features.cols(), directions = intercept ? d - 1 : d;
  for (Index j = 0; j < directions; ++j) gate[j] = sizes[j] > 0 ? normal(random) / sizes[j] : 0;
  if (!intercept) return;
  const auto row = static_cast<Index>(random.integer(0, static_cast<int>(features.rows()) - 1));
  Matrix room;
  const ConstMatrixView x = features.block(row, 1, room);
  double dot = 0;
  for (Index j = 0; j < directions; ++j) dot += gate[j] * x(0, j);
  gate[d - 1] = -dot;
}

/// A digest of the samples that a gate is open on; empty where there are none.
std::string pattern_of(const Patterns& patterns, Index gate) {
  const std::span words(patterns.of(gate), static_cast<std::size_t>(patterns.words()));
  if (std::all_of(words.begin(), words.end(), [](std::uint64_t word) { return word == 0; })) return {};
  Sha256 digest;
  digest.add(std::as_bytes(words));
  return digest.finish();
}

}  // namespace

Matrix draw_gates(const SampleRows& features, int count, bool intercept, std::uint64_t seed, int threads) {
  const Index n = features.rows(), d = features.cols();
  const Vector sizes = column_norms(features) / std::sqrt(static_cast<double>(n));
  Random random(seed);
  Matrix gates = Matrix::Zero(std::max(count, 1), d);
  std::set<std::string> seen;
  Index kept = 0;
  for (int attempt = 0; attempt < 4 && kept < count; ++attempt) {
    Matrix drawn = Matrix::Zero(count - kept, d);
    for (Index p = attempt == 0 ? 1 : 0; p < drawn.rows(); ++p)
      draw_gate(features, sizes, intercept, random, drawn.data() + p * d);
    const Patterns patterns(features, drawn, threads);
    for (Index p = 0; p < drawn.rows(); ++p) {
      const std::string pattern = pattern_of(patterns, p);
      if (!pattern.empty() && seen.insert(pattern).second) gates.row(kept++) = drawn.row(p);
    }
  }
  gates.conservativeResize(std::max<Index>(kept, 1), d);
  return gates;
}

Matrix read_gates(const std::string& path, Index inputs) {
  const Table table = read_table(path, ReadOptions{.format = "npy"});
  if (table.rows != inputs)
    throw InputError(path + ": has " + std::to_string(table.rows) + " rows, but there are " + std::to_string(inputs) +
                     " features (inputs x gates is wanted)");
  Matrix gates(table.source.columns, inputs);
  RowReader reader(table);
  for (Index j = 0; j < inputs; ++j) {
    reader.go_to(j);
    for (Index p = 0; p < gates.rows(); ++p) {
      const Cell cell = reader.cell(p);
      if (!cell.is_number || !std::isfinite(cell.number))
        throw InputError(table.place(j, p) + "is not a finite number");
      gates(p, j) = cell.number;
    }
  }
  if (gates.rows() == 0) throw InputError(path + ": holds no gate");
  return gates;
}

int default_gates(Index rows) { return static_cast<int>(std::clamp<Index>(rows / 2, 100, 500)); }

}  // namespace nadir::convex
