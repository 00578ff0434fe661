#pragma once
// What `nadir certify` prints of its methods.
#include <string>

#include "nadir/train/certify.hpp"
#include "nadir/train/certify_gated.hpp"
#include "nadir/train/certify_linear.hpp"
#include "nadir/train/certify_parallel.hpp"
#include "nadir/train/certify_polynomial.hpp"

namespace nadir::cli {

/// `seconds` it took; `model`: the file written.
void print_table(const train::CertifiedNetwork& told, double seconds, const std::string& model);
void print_table(const train::JudgedChain& told, double seconds, const std::string& model);
void print_table(const train::CertifiedGated& told, double seconds, const std::string& model);
void print_table(const train::CertifiedParallel& told, double seconds, const std::string& model);
void print_table(const train::CertifiedPolynomial& told, double seconds, const std::string& model);

}  // namespace nadir::cli
