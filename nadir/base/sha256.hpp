#pragma once
// SHA-256 of what is fed in, in pieces of any size (OpenSSL).
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "nadir/base/matrix.hpp"

namespace nadir {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::span<const std::byte> bytes);
  void add(std::string_view text);
  /// A matrix or vector, as its entries lie in memory.
  template <class Derived>
  void add(const Eigen::PlainObjectBase<Derived>& entries) {
    add(std::as_bytes(std::span(entries.data(), static_cast<std::size_t>(entries.size()))));
  }
  /// The digest as 64 lower-case hexadecimal digits. To be called once.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace nadir
