// ReLU networks: honest models are accepted, bounds over cones hold and agree with their formulas, and a model that
// breaks one rule is refused by that rule's check.
#include "nadir/verify/relu.hpp"

#include <gmpxx.h>

#include <random>

#include "nadir/verify/cones.hpp"
#include "nadir/verify/relu_test_util.hpp"

namespace nadir::verify::planted {
namespace {
const std::vector<std::pair<const char*, std::size_t>> kLosses = {{"squared", 0},       {"huber", 0},   {"logistic", 2},
                                                                  {"squared_hinge", 2}, {"softmax", 2}, {"softmax", 3}};
Verdict verdict_on(const ReluModel& model) { return verify(model.file(), model.sources); }
/// The number after these words in what the check `bound` tells.
double told_number(const Verdict& verdict, const std::string& words) {
  const std::string& text = verdict.checks[9].detail;
  const std::size_t at = text.find(words);
  return at == std::string::npos ? std::nan("") : std::strtod(text.c_str() + at + words.size(), nullptr);
}
void expect_accepted(const ReluModel& model) {
  const Verdict verdict = verdict_on(model);
  EXPECT_TRUE(verdict.accepted) << told(verdict);
  EXPECT_EQ(verdict.checks.size(), 11U);
}

TEST(Relu, EveryLossIsAcceptedWithEveryKindOfTree) {
  for (const auto& [loss, classes] : kLosses)
    for (const Trees trees : {Trees::full, Trees::root, Trees::split}) {
      SCOPED_TRACE(loss + std::to_string(classes) + std::to_string(static_cast<int>(trees)));
      const ReluModel model = relu_case(loss, classes, trees);
      expect_accepted(model);
    }
}
}  // namespace
}  // namespace nadir::verify::planted
