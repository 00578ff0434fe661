#pragma once
// Arithmetic rounded upward, for the few places where a sum must be an upper bound. A source that includes this is
// compiled with -frounding-math.
#include <cfenv>

namespace nadir {

/// While one lives, the thread rounds upward.
class RoundUpward {
 public:
  RoundUpward() : before_(std::fegetround()) { std::fesetround(FE_UPWARD); }
  ~RoundUpward() { std::fesetround(before_); }
  RoundUpward(const RoundUpward&) = delete;
  RoundUpward& operator=(const RoundUpward&) = delete;

 private:
  int before_;
};

}  // namespace nadir
