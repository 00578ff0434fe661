#pragma once
// Whole files in and out of memory.
#include <filesystem>
#include <string>
#include <string_view>

namespace nadir {

/// The bytes of a regular file. Throws InputError, naming the path and the reason.
std::string read_file(const std::filesystem::path& path);

/// Writes the file so that it is there whole or not at all: a temporary neighbour, flushed to disk, then renamed.
/// Throws ResourceError (disk) or InputError (path), and leaves no partial file.
void write_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace nadir
