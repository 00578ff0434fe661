#pragma once

namespace nadir {

inline constexpr const char* version = "0.1.0";

}  // namespace nadir
