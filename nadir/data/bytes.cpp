#include "nadir/data/bytes.hpp"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>

#include "nadir/base/error.hpp"
#include "nadir/base/file.hpp"

namespace nadir {
namespace {

constexpr std::size_t kSlack = 64;  // room beyond the expected end, so that zlib reaches the trailer in one call

std::string gigabytes(double bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g GB", bytes / 1e9);
  return text;
}

/// A zlib stream that ends itself.
struct Inflater {
  z_stream stream{};
  explicit Inflater(const std::string& name) {
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
      throw ResourceError(name + ": no memory to decompress");  // 16: gzip only
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream); }
};

/// What the last four bytes promise (the size modulo 2^32), within what deflate can reach (1032 to 1) and the limit.
std::size_t promised_size(const std::string& bytes, std::uint64_t limit) {
  if (bytes.size() < 18) return 0;
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4; ++i)
    size |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[bytes.size() - 4 + i])) << (8 * i);
  return static_cast<std::size_t>(
      std::min({static_cast<std::uint64_t>(size), static_cast<std::uint64_t>(bytes.size()) * 1032, limit}));
}

uInt piece(std::size_t size) { return static_cast<uInt>(std::min<std::size_t>(size, 1U << 30)); }

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

/// Bytes of the UTF-8 character that begins at `text`, 0 where there is none (RFC 3629: no overlong forms, no
/// surrogates).
std::size_t character_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;  // bounds of the second byte
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  if (at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!is_continuation(static_cast<unsigned char>(at(i)))) return 0;
  return length;
}

}  // namespace

std::uint64_t memory_limit() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page = ::sysconf(_SC_PAGE_SIZE);
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  if (pages > 0 && page > 0) limit = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
  std::ifstream group("/sys/fs/cgroup/memory.max");
  std::uint64_t group_limit = 0;
  if (group >> group_limit && group_limit > 0) limit = std::min(limit, group_limit);
  return limit;
}

void require_memory(double bytes, const std::string& what) {
  const double limit = 0.9 * static_cast<double>(memory_limit());
  if (!(bytes <= limit))
    throw ResourceError(what + " would need " + gigabytes(bytes) + " of memory where " + gigabytes(limit) +
                        " can be used; take fewer rows or columns");
}

std::string decompress(std::string bytes, const std::string& name, std::uint64_t limit) {
  if (!bytes.starts_with("\x1f\x8b")) return bytes;
  std::string content(promised_size(bytes, limit) + kSlack, '\0');
  std::size_t used = 0;
  std::size_t filled = 0;
  const auto input = reinterpret_cast<Bytef*>(bytes.data());
  while (used < bytes.size()) {  // a member a turn
    Inflater inflater(name);
    z_stream& stream = inflater.stream;
    for (int status = Z_OK; status != Z_STREAM_END;) {
      if (filled == content.size()) content.resize(content.size() + std::max<std::size_t>(content.size() / 2, 1 << 16));
      stream.next_in = input + used;
      stream.avail_in = piece(bytes.size() - used);
      stream.next_out = reinterpret_cast<Bytef*>(content.data()) + filled;
      stream.avail_out = piece(content.size() - filled);
      status = inflate(&stream, Z_NO_FLUSH);
      used = static_cast<std::size_t>(stream.next_in - input);
      filled = static_cast<std::size_t>(stream.next_out - reinterpret_cast<Bytef*>(content.data()));
      if (filled > limit)
        throw ResourceError(name + ": decompresses to more than " + gigabytes(static_cast<double>(limit)) +
                            ", half of this machine's memory; take fewer rows");
      const bool starved = status == Z_BUF_ERROR && stream.avail_in == 0 && stream.avail_out > 0;
      if (starved || (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR))
        throw InputError(name + ": the gzip data are " + (starved ? "cut short" : "damaged") +
                         "; fetch or compress the file again");
    }
  }
  content.resize(filled);
  return content;
}

std::string read_bytes(const std::filesystem::path& path) {
  const std::uint64_t limit = memory_limit() / 2;
  std::error_code error;
  const std::uintmax_t size =
      std::filesystem::is_regular_file(path, error) ? std::filesystem::file_size(path, error) : 0;
  if (!error && size > limit)
    throw ResourceError(path.string() + ": holds " + gigabytes(static_cast<double>(size)) +
                        ", more than half of this machine's memory; take fewer rows");
  return decompress(read_file(path), path.string(), limit);
}

void require_text(std::string_view bytes, const std::string& name) {
  std::size_t position = 0;
  while (position < bytes.size()) {
    std::uint64_t word = 0;
    if (position + 8 <= bytes.size()) {  // eight ASCII bytes at a time, none of them NUL
      std::memcpy(&word, bytes.data() + position, 8);
      const bool zero = ((word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL) != 0;
      if ((word & 0x8080808080808080ULL) == 0 && !zero) {
        position += 8;
        continue;
      }
    }
    const std::string row = std::to_string(line_at(bytes, position));
    if (bytes[position] == '\0')
      throw InputError(name + ": row " + row +
                       ": holds a NUL byte, so this is not a text file; give CSV, LIBSVM, IDX, NPY or NPZ");
    const std::size_t length = character_length(bytes.substr(position));
    if (length == 0)
      throw InputError(name + ": row " + row +
                       ": is not UTF-8; convert the file, for example by iconv -f latin1 -t utf-8");
    position += length;
  }
}

std::uint64_t line_at(std::string_view bytes, std::size_t position) {
  std::uint64_t line = 1;
  for (std::size_t i = 0; i < position && i < bytes.size(); ++i)
    if (bytes[i] == '\n' || (bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n'))) ++line;
  return line;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(character_length(text.substr(i)), 1);
    if (result.size() + length > kShown) return "'" + result + "..'";
    const auto first = static_cast<unsigned char>(text[i]);
    const bool broken = first >= 0x80 && length == 1;
    if (first < 0x20 || first == 0x7F || broken)
      result += ' ';
    else
      result += text.substr(i, length);
    i += length;
  }
  return "'" + result + "'";
}

}  // namespace nadir
