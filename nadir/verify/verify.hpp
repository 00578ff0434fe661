#pragma once
// The verifier: accepts or rejects a model file by docs/certificate-format.md alone, with its own reader and with every
// inequality proven in outward-rounded or exact arithmetic. What acceptance means: on these data, made into features by
// the model's recipe, no network of this shape in the feasible set has an objective below the certificate's
// `lower_bound`.
#include "nadir/verify/format.hpp"

namespace nadir::verify {
struct Check {
  std::string name;  // of section 7
  bool passed = false;
  std::string detail;  // the numbers compared, or why it failed
};

struct Verdict {
  bool accepted = false;      // every check was run and passed
  std::vector<Check> checks;  // all eleven, in the order of section 7
};
/// Whatever goes wrong with the arguments is a check that failed.
Verdict verify(const std::string& model_bytes, const Sources& sources);
}  // namespace nadir::verify
