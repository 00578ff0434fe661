#pragma once
// Bytes from disk or from gzip, and the little that every reader of bytes needs: limits, lines, texts in messages.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace nadir {

/// Bytes of memory that this process may count on: physical memory, or the control group's limit where it is lower.
std::uint64_t memory_limit();

/// Throws ResourceError if `bytes` exceeds what memory_limit() allows; `what` begins the message.
void require_memory(double bytes, const std::string& what);

/// The content of a file, decompressed if its first bytes say gzip.
/// Throws InputError (unreadable, damaged) or ResourceError (more than half of memory_limit()).
std::string read_bytes(const std::filesystem::path& path);

/// The content if `bytes` begin as gzip (members are concatenated), otherwise `bytes` themselves. `name` is for
/// messages. Throws InputError (damaged) or ResourceError (the content exceeds `limit` bytes).
std::string decompress(std::string bytes, const std::string& name, std::uint64_t limit);

/// Throws InputError, naming the row, unless `bytes` are UTF-8 without NUL.
void require_text(std::string_view bytes, const std::string& name);

/// The number, from 1, that an editor shows for the line that holds `position`. Lines end with LF, CRLF or CR.
std::uint64_t line_at(std::string_view bytes, std::size_t position);

/// `text` in quotes and fit for a one-line message: shortened, control characters replaced.
std::string in_quotes(std::string_view text);

}  // namespace nadir
