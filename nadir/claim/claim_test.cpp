#include <gtest/gtest.h>

#include <cmath>

#include "nadir/base/error.hpp"
#include "nadir/claim/certificate.hpp"

namespace nadir {
namespace {

TEST(Certificate, ClaimsWhatItsNumbersAllow) {
  const auto claim = [](double objective, double bound, double target) {
    return make_certificate(objective, {bound}, 1.0, target, {}).claim;
  };
  EXPECT_EQ(claim(0.5, 0.0, 0.5), Claim::certified);  // gap 0.5 of 1: just inside
  EXPECT_EQ(claim(0.5, 0.0, std::nextafter(0.5, 0.0)), Claim::bounded);
  EXPECT_EQ(claim(0.5, 0.6, 0.5), Claim::undecided);  // a bound above the objective proves that something is wrong
  EXPECT_EQ(claim(std::nan(""), 0, 0.5), Claim::undecided);
  EXPECT_EQ(claim(0.5, std::nan(""), 0.5), Claim::undecided);
  EXPECT_EQ(claim(0.5, -INFINITY, 0.5), Claim::undecided);
  EXPECT_EQ(claim(0.5, 0, std::nan("")), Claim::bounded);
}

TEST(Certificate, SurvivesItsText) {
  Certificate certificate = make_certificate(-1.25, {-1.25000001}, 0.7, 1e-3, {"box", 17});
  certificate.samples = 150, certificate.features_sha256 = "ab", certificate.weights_sha256 = "cd";
  EXPECT_EQ(certificate_from_json(to_json(certificate)), certificate);
  nlohmann::json document = to_json(certificate);
  document.erase("lower_bound");
  EXPECT_THROW(certificate_from_json(document), InputError);
  document = to_json(certificate);
  document["claim"] = "proven";
  EXPECT_THROW(certificate_from_json(document), InputError);
  document = to_json(certificate);
  document["objective"] = -1.25;  // a decimal number, not hexadecimal text
  EXPECT_THROW(certificate_from_json(document), InputError);
}

TEST(RelativeGap, IsFreeOfScale) {
  EXPECT_EQ(relative_gap(0.5, 0, 1), 0.5);
  EXPECT_EQ(relative_gap(500, 0, 1000), 0.5);
  EXPECT_GT(relative_gap(1, 0, 0), 1e300);
}

}  // namespace
}  // namespace nadir
