#pragma once
// Matrix factorization (sections 4.7, 5.5 and 6.12 of docs/certificate-format.md):
//   F(U, V) = ||Y - U V^T||^2 / 2 + lambda sum over i of ||u_i|| ||v_i||,
// each norm l1 or l2, u_i >= 0 and v_i >= 0 where asked for, and its lower bound over any number of columns of U and V
// by a matrix G with u^T G v <= lambda ||u|| ||v|| for all such u and v.
#include "nadir/verify/proof.hpp"

namespace nadir::verify {
struct Factors {
  Matrix left, right;  // U, rows x r; V, columns x r
};
/// Refuses what section 4.7 refuses of shapes and entries.
Factors read_factors(const Container& container, const Document& document);
/// Refuses an entry below 0 of a factor that is to have none.
std::string require_signs(const Document& document, const Factors& factors);
/// F, enclosed; no columns: ||Y||^2 / 2.
Interval factorization_objective(const Document& document, const Matrix& y, const Factors& factors);

struct FactorEvidence {
  Matrix dual, above, left_added, right_added;  // G, P, N_u, N_v; of the last three those that the case asks for
};
/// Refuses what section 6.12 refuses of shapes and entries.
FactorEvidence read_factor_evidence(const Container& container, const Document& document);
/// Section 6.12, rounded down: refused unless u^T G v <= lambda ||u|| ||v|| is proven.
double factorization_bound(const Document& document, const Matrix& y, const FactorEvidence& evidence);
}  // namespace nadir::verify
