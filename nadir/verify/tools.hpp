#pragma once
// What every part of the verifier uses: refusal, matrices, hashes.
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nadir::verify {

/// A rule of docs/certificate-format.md does not hold: thrown where it is found, caught by the check that asked.
struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};
[[noreturn]] inline void refuse(const std::string& why) { throw Refusal(why); }

/// Conditions are written so that a NaN makes them false.
inline void require(bool holds, const char* why) {
  if (!holds) refuse(why);
}
inline void require(bool holds, const std::string& why) { require(holds, why.c_str()); }

/// Row-major doubles.
struct Matrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;

  Matrix() = default;
  Matrix(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c) {}
  const double* row(std::size_t i) const { return values.data() + i * columns; }
  double* row(std::size_t i) { return values.data() + i * columns; }
};

class Sha256 {
 public:
  Sha256() { require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "no SHA-256"); }
  void add(std::string_view bytes) {
    require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1, "SHA-256 failed");
  }
  /// Lower case; ends the hash.
  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    require(EVP_DigestFinal_ex(context_.get(), digest, nullptr) == 1, "SHA-256 failed");
    std::string text;
    for (int i = 0; i < 64; ++i) text += "0123456789abcdef"[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15];
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

}  // namespace nadir::verify
