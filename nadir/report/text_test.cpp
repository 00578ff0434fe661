#include "nadir/report/text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "nadir/report/test_util.hpp"

namespace nadir::report {
namespace {

Certificate sample(double gap, Evidence evidence) {
  Certificate certificate = make_certificate(-0.25, {-0.25 - gap}, 0.75, 1e-9, std::move(evidence));
  certificate.samples = 150;
  certificate.features_sha256 = std::string(16, 'a') + std::string(48, 'b');
  certificate.weights_sha256 = std::string(16, 'c') + std::string(48, 'd');
  return certificate;
}

bool has(const std::string& text, const std::string& part) {
  std::string line = text;  // paragraphs are wrapped
  for (char& c : line)
    if (c == '\n') c = ' ';
  return line.find(part) != std::string::npos;
}

TEST(Describe, ACertifiedNetwork) {
  const std::string text = describe(sample(0x1p-33, {}));  // 1.164e-10
  EXPECT_TRUE(text.starts_with("CERTIFIED")) << text;
  EXPECT_TRUE(has(text, "relative gap of 1.2e-10 (target 1e-9)")) << text;
  EXPECT_TRUE(has(text, "On the 150 training samples no network of this shape")) << text;
  EXPECT_TRUE(has(text, "  objective     -0.25  (proven")) << text;
  EXPECT_TRUE(has(text, "change of variables")) << text;
  EXPECT_TRUE(has(text, "aaaaaaaaaaaaaaaa...")) << text;
  EXPECT_TRUE(has(text, "cccccccccccccccc...")) << text;
  EXPECT_TRUE(has(text, "Not claimed: anything about data other than the training samples")) << text;
  EXPECT_EQ(text, describe(sample(0x1p-33, {})));
}

TEST(Describe, ABoundedNetwork) {
  const std::string text = describe(sample(1, {"box", 300}));
  EXPECT_TRUE(text.starts_with("BOUNDED")) << text;
  EXPECT_TRUE(has(text, "relative gap of 5.0e-1 is above the target of 1e-9, so a better network may exist")) << text;
  EXPECT_TRUE(has(text, "a box of weights that was cut 300 times")) << text;
  EXPECT_FALSE(has(text, "change of variables")) << text;
  EXPECT_TRUE(has(describe(sample(1, {"box", 1})), "was cut 1 time,"));
}

TEST(Describe, AGatedNetwork) {
  const std::string text = describe(sample(0x1p-33, {.kind = "dual_point"}));
  EXPECT_TRUE(text.starts_with("CERTIFIED")) << text;
  EXPECT_TRUE(has(text, "no network of this shape (with these gates) has an objective below the lower bound")) << text;
  EXPECT_TRUE(has(text, "(proven, for every network of this shape (with these gates))")) << text;
  EXPECT_TRUE(has(text, "Evidence: dual point. The objective is convex in the weights")) << text;
  EXPECT_TRUE(has(text, "of another shape or with other gates")) << text;
  EXPECT_FALSE(has(text, "feasible set")) << text;
}

TEST(Describe, AKernelMachine) {
  const std::string text = describe(sample(0x1p-33, {.kind = "coefficients"}));
  EXPECT_TRUE(has(text, "no network of infinitely many units with a density of weights has an objective below"))
      << text;
  EXPECT_TRUE(has(text, "Evidence: coefficients. The objective is convex in the function")) << text;
  EXPECT_TRUE(has(text, "of another shape or with another kernel")) << text;
  EXPECT_FALSE(has(text, "feasible set")) << text;
}

TEST(Describe, ParallelSubnetworks) {
  for (const auto& [kind, words] : {std::pair{"layer_norms", "Evidence: norms of layers. No sub-network of cost 1"},
                                    {"layer_units", "Evidence: units of the first layer. No sub-network of cost 1"}}) {
    const std::string text = describe(sample(0x1p-33, {.kind = kind}));
    EXPECT_TRUE(
        has(text, "no network of any number of sub-networks of this depth, of any widths, has an objective below"))
        << text;
    EXPECT_TRUE(has(text, words)) << text;
    EXPECT_TRUE(has(text, "of another shape or with other activations")) << text;
    EXPECT_FALSE(has(text, "feasible set")) << text;
  }
}

TEST(Describe, NothingIsCalledProvenWithoutAClaim) {
  Certificate certificate = sample(1e-10, {});
  for (const Claim claim : {Claim::undecided, Claim::not_applicable}) {
    certificate.claim = claim;
    const std::string text = describe(certificate);
    EXPECT_FALSE(has(text, "(proven")) << text;
    EXPECT_FALSE(has(text, "Evidence")) << text;
    EXPECT_TRUE(has(text, "not known")) << text;
  }
  EXPECT_TRUE(describe(Certificate{}).starts_with("UNDECIDED"));
}

TEST(Describe, AClaimThatItsNumbersContradictIsNotRepeated) {
  const auto contradicted = [](auto change) {
    Certificate certificate = sample(1e-10, {});
    change(certificate);
    const std::string text = describe(certificate);
    return text.starts_with("INCONSISTENT") && !has(text, "(proven") && !has(text, "Evidence");
  };
  EXPECT_FALSE(contradicted([](Certificate&) {}));
  EXPECT_TRUE(contradicted([](Certificate& c) { c.relative_gap = 1e-8; }));
  EXPECT_TRUE(contradicted([](Certificate& c) { c.relative_gap = -1e-12; }));
  EXPECT_TRUE(contradicted([](Certificate& c) { c.relative_gap = std::nan(""); }));
  EXPECT_TRUE(contradicted([](Certificate& c) { c.target_gap = std::nan(""); }));
  EXPECT_TRUE(contradicted([](Certificate& c) { c.lower_bound = 0; }));
  EXPECT_TRUE(contradicted([](Certificate& c) { c.objective = std::nan(""); }));
  EXPECT_TRUE(contradicted([](Certificate& c) { c.claim = Claim::bounded; }));
}

TEST(Describe, IsNarrowPlainText) {
  Certificate certificate = sample(1e-10, {"\x1B[2J\xFF" + std::string(200, 'k'), 0});
  certificate.weights_sha256 = "\x1B]0;";
  certificate.features_sha256 = "";
  const std::string text = describe(certificate);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << static_cast<int>(c);
  EXPECT_TRUE(text.ends_with(".\n") && !text.ends_with("\n\n"));
  EXPECT_TRUE(has(text, "which this program does not know")) << text;
  EXPECT_TRUE(has(text, "sha256 (none)")) << text;

  std::istringstream lines(describe(sample(1, {"box", 300})));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 96U) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

}  // namespace
}  // namespace nadir::report
