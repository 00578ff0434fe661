#pragma once
// The data set inside the program, for a first run without data: Fisher's iris flowers, the file data/iris.csv.
#include <string>
#include <string_view>

namespace nadir::cli {

extern const std::string_view built_in_csv;  ///< the bytes of data/iris.csv
inline constexpr const char* built_in_name = "iris";
inline constexpr const char* built_in_target = "class";

}  // namespace nadir::cli
