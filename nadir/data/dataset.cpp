#include "nadir/data/dataset.hpp"

#include <bit>
#include <cstdint>
#include <span>

#include "nadir/base/sha256.hpp"

namespace nadir {

static_assert(std::endian::native == std::endian::little, "hashes and files are defined on little-endian numbers");
static_assert(sizeof(int) == 4);

std::string features_sha256(const Dataset& dataset) {
  const std::uint64_t shape[] = {static_cast<std::uint64_t>(dataset.features.rows()),
                                 static_cast<std::uint64_t>(dataset.features.cols())};
  const bool quantity = dataset.targets.size() > 0;
  Sha256 hash;
  hash.add(quantity ? "nadir-features 2\n" : "nadir-features 1\n");
  hash.add(std::as_bytes(std::span(shape)));
  hash.add(dataset.features);
  if (quantity)
    hash.add(dataset.targets);
  else
    hash.add(std::as_bytes(std::span(dataset.labels)));
  return hash.finish();
}

}  // namespace nadir
