#pragma once
// The factorization of a matrix as one file (docs/certificate-format.md, sections 3, 4.7, 5.5 and 6.12): it has no
// recipe but the matrix itself, and makes no predictions.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "nadir/claim/certificate.hpp"
#include "nadir/claim/factor_evidence.hpp"
#include "nadir/data/table.hpp"
#include "nadir/model/sealed_file.hpp"

namespace nadir {

struct FactorizationModel {
  Source source;       ///< csv, npy or npz; every cell is an entry of the matrix
  Matrix left, right;  ///< U, n × r; V, d × r
  FactorPenalty penalty;
  FactorEvidence evidence;
  Certificate certificate;
  nlohmann::json notes = nlohmann::json::object();
};

/// The file's bytes: the same for the same model.
std::string encode_factorization(const FactorizationModel& model);

/// Whether a file that unseal takes is one; of others false.
bool is_factorization(std::string_view bytes);
bool is_factorization(const SealedFile& sealed);

/// Throws InputError, in one line that begins with `name`, for whatever is not such a file.
FactorizationModel decode_factorization(std::string_view bytes, const std::string& name);
FactorizationModel decode_factorization(const SealedFile& sealed, const std::string& name);

/// The hashes of section 6: of the matrix, and of U and V.
std::string matrix_sha256(const Matrix& Y);
std::string factors_sha256(const Matrix& left, const Matrix& right);

}  // namespace nadir
