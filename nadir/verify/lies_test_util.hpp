#pragma once
// Lies about gated and ReLU networks: models that break one rule, each refused by the checks that see it, and by no
// other.
#include <random>
#include <type_traits>

#include "nadir/verify/gated_test_util.hpp"

namespace nadir::verify::planted {

using Random = std::mt19937_64;
/// One of 0 .. end - 1.
inline std::size_t below(std::size_t end, Random& random) { return static_cast<std::size_t>(random() % end); }

template <class Model>
struct LieAbout {
  std::string what, checks;  // that fail
  std::function<void(Model&)> tell;
};

/// The checks that fail, in words.
inline std::string refused_by(const Verdict& verdict) {
  EXPECT_EQ(verdict.checks.size(), 11U);
  std::string names;
  for (const std::string& name : failed(verdict)) names += (names.empty() ? "" : " ") + name;
  return names;
}

template <class Model>
void expect_all_refused(const Model& honest, const std::type_identity_t<std::vector<LieAbout<Model>>>& lies) {
  expect_accepted(honest);
  for (const LieAbout<Model>& lie : lies) {
    SCOPED_TRACE(lie.what);
    Model model = honest;
    lie.tell(model);
    const Verdict verdict = verdict_on(model);
    EXPECT_FALSE(verdict.accepted);
    EXPECT_EQ(refused_by(verdict), lie.checks) << told(verdict);
  }
}

/// Another number in the certificate, and what follows from it.
inline auto stated(const char* key, double value) {
  return [=](auto& model) { restate(model, key, value); };
}

/// A lie in the document, of whatever kind the model is.
struct DocumentLie {
  std::string what, checks;
  std::function<void(Json&)> tell;

  template <class Model>
  operator LieAbout<Model>() const {  // NOLINT(google-explicit-constructor): it stands among the others in lists
    return {what, checks, [change = tell](Model& model) { change(model.document); }};
  }
};
inline DocumentLie set(const char* pointer, const Json& value, const char* checks = "document") {
  return {pointer, checks, [=](Json& document) { document[Json::json_pointer(pointer)] = value; }};
}
inline DocumentLie erase(const char* parent, const char* key) {
  return {key, "document", [=](Json& document) { document[Json::json_pointer(parent)].erase(key); }};
}

}  // namespace nadir::verify::planted
