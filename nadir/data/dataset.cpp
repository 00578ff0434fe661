#include "nadir/data/dataset.hpp"

#include <bit>
#include <cstdint>
#include <span>

#include "nadir/base/sha256.hpp"

namespace nadir {

static_assert(std::endian::native == std::endian::little, "hashes and files are defined on little-endian numbers");
static_assert(sizeof(int) == 4);

std::string features_sha256(const Dataset& dataset) {
  const SampleRows rows = dataset.rows();
  const std::uint64_t shape[] = {static_cast<std::uint64_t>(rows.rows()), static_cast<std::uint64_t>(rows.cols())};
  const bool quantity = dataset.targets.size() > 0;
  Sha256 hash;
  const bool weighted = dataset.weights.size() > 0;
  hash.add("nadir-features " + std::to_string(1 + (quantity ? 1 : 0) + (weighted ? 2 : 0)) + "\n");
  hash.add(std::as_bytes(std::span(shape)));
  rows.for_each_summed([&](const ConstMatrixView& block) {
    hash.add(std::as_bytes(std::span(block.data(), static_cast<std::size_t>(block.size()))));
  });
  if (quantity)
    hash.add(dataset.targets);
  else
    hash.add(std::as_bytes(std::span(dataset.labels)));
  if (weighted) hash.add(dataset.weights);
  return hash.finish();
}

}  // namespace nadir
