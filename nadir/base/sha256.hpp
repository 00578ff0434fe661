#pragma once
// SHA-256 of what is fed in, in pieces of any size (OpenSSL).
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace nadir {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::span<const std::byte> bytes);
  void add(std::string_view text);
  /// The digest as 64 lower-case hexadecimal digits. To be called once.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace nadir
