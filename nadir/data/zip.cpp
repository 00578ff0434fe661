#include "nadir/data/zip.hpp"

#include <zlib.h>

#include <algorithm>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"

namespace nadir {
namespace {

constexpr std::size_t kEnd = 22;        // bytes of the record that ends an archive
constexpr std::size_t kEntry = 46;      // bytes of an entry in the directory, without name, extra fields and comment
constexpr std::size_t kLocal = 30;      // bytes before an entry's content, without name and extra fields
constexpr std::size_t kEntries = 4096;  // more are refused, and longer names than
constexpr std::size_t kName = 1024;

/// Reads the directory; every refusal names the file.
class Directory {
 public:
  Directory(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  std::vector<ZipEntry> read() {
    const std::size_t end = find_end();
    const std::size_t count = number(end + 10, 2);
    require(number(end + 4, 4) == 0 && number(end + 8, 2) == count, "is one of several parts of a ZIP archive");
    const std::size_t size = number(end + 12, 4);
    const std::size_t begin = number(end + 16, 4);
    require(count <= kEntries, "holds more than " + std::to_string(kEntries) + " entries");
    damaged_unless(begin <= end && size == end - begin);
    std::vector<ZipEntry> entries;
    std::size_t place = begin;
    for (std::size_t i = 0; i < count; ++i) {
      damaged_unless(end - place >= kEntry && bytes_.substr(place, 4) == "PK\1\2");
      const std::size_t length = number(place + 28, 2);
      const std::size_t more = length + number(place + 30, 2) + number(place + 32, 2);
      damaged_unless(end - place - kEntry >= more && length <= kName);
      entries.push_back(entry(place, begin));
      entries.back().name = bytes_.substr(place + kEntry, length);
      place += kEntry + more;
    }
    damaged_unless(place == end);
    return entries;
  }

 private:
  void require(bool holds, const std::string& why) const {
    if (!holds) throw InputError(name_ + ": " + why + "; save the file again by numpy.savez");
  }
  void damaged_unless(bool holds) const { require(holds, "the ZIP archive is damaged or cut short"); }

  /// Little-endian; the place lies in the file.
  std::size_t number(std::size_t place, std::size_t count) const {
    std::size_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
      value |= static_cast<std::size_t>(static_cast<unsigned char>(bytes_[place + i])) << (8 * i);
    return value;
  }

  /// Where the last record is: the one whose comment ends with the file.
  std::size_t find_end() const {
    const std::size_t last = bytes_.size() < kEnd ? 0 : bytes_.size() - kEnd;
    for (std::size_t comment = 0; bytes_.size() >= kEnd && comment <= std::min<std::size_t>(last, 0xFFFF); ++comment)
      if (bytes_.substr(last - comment, 4) == "PK\5\6" && number(last - comment + 20, 2) == comment)
        return last - comment;
    damaged_unless(false);
    return 0;
  }

  /// The entry at this place of the directory, whose content lies before `directory`.
  ZipEntry entry(std::size_t place, std::size_t directory) const {
    require((number(place + 8, 2) & 1) == 0, "is an encrypted ZIP archive");
    const std::size_t method = number(place + 10, 2);
    require(method == 0 || method == 8, "is a ZIP archive of another compression than deflate");
    const std::size_t packed = number(place + 20, 4);
    const std::size_t local = number(place + 42, 4);
    require(packed != 0xFFFFFFFF && local != 0xFFFFFFFF, "is a ZIP64 archive, as for more than 4 GB");
    damaged_unless(local <= directory && directory - local >= kLocal && bytes_.substr(local, 4) == "PK\3\4");
    // Sizes are those of the directory: NumPy leaves the local ones to an extra field.
    const std::size_t begin = local + kLocal + number(local + 26, 2) + number(local + 28, 2);
    damaged_unless(begin <= directory && packed <= directory - begin);
    return {{},
            method == 8,
            static_cast<std::uint32_t>(number(place + 16, 4)),
            number(place + 24, 4),
            bytes_.substr(begin, packed)};
  }

  std::string_view bytes_;
  const std::string& name_;
};

/// A zlib stream without header or checksum that frees itself.
struct RawInflater {
  z_stream stream{};
  RawInflater() {
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw ResourceError("zlib cannot be started: out of memory");
  }
  RawInflater(const RawInflater&) = delete;
  RawInflater& operator=(const RawInflater&) = delete;
  ~RawInflater() { inflateEnd(&stream); }
};

/// The content, or an empty text if the stream is damaged; at most limit + 1 bytes.
std::string inflate_up_to(std::string_view packed, std::size_t limit) {
  RawInflater inflater;
  z_stream& stream = inflater.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib reads only
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string content;
  for (int status = Z_OK; status != Z_STREAM_END && content.size() <= limit;) {
    const std::size_t filled = content.size();
    content.resize(std::min(limit + 1, std::max<std::size_t>(2 * filled, 4096)));
    stream.next_out = reinterpret_cast<Bytef*>(content.data() + filled);
    stream.avail_out = static_cast<uInt>(content.size() - filled);
    status = inflate(&stream, Z_NO_FLUSH);
    content.resize(content.size() - stream.avail_out);
    if (status != Z_STREAM_END && (status != Z_OK || stream.avail_out > 0)) return {};
  }
  return content;
}

}  // namespace

std::vector<ZipEntry> zip_directory(std::string_view bytes, const std::string& name) {
  return Directory(bytes, name).read();
}

std::string unzip(const ZipEntry& entry, std::size_t limit, const std::string& name) {
  const std::string what = name + ": entry " + in_quotes(entry.name);
  const bool too_large = !entry.deflated && entry.packed.size() > limit;
  std::string content = too_large        ? std::string()
                        : entry.deflated ? inflate_up_to(entry.packed, limit)
                                         : std::string(entry.packed);
  if (too_large || content.size() > limit)
    throw InputError(what + " holds more than the " + std::to_string(limit) + " bytes that are left for it");
  const uLong checksum = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  if (content.size() != entry.size || checksum != entry.checksum)
    throw InputError(what + " is damaged: its size or checksum is wrong; fetch or save the file again");
  return content;
}

}  // namespace nadir
