#pragma once
// ZIP archives as numpy.savez writes them (PKWARE APPNOTE 6.3): stored or deflated entries, no encryption, below 4 GB.
// Our own reader of the directory, because a library reads all of it before it can be asked how much there is: libzip
// 1.7.3 takes 500 MB to open 66 MB of empty extra fields.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nadir {

struct ZipEntry {
  std::string_view name;
  bool deflated = false;
  std::uint32_t checksum = 0;  ///< CRC-32 of the content
  std::uint64_t size = 0;      ///< of the content, as the directory states it
  std::string_view packed;     ///< as it lies in the file
};

/// The directory of an archive; views of `bytes`. Throws InputError: `name`, and what is damaged or not read.
std::vector<ZipEntry> zip_directory(std::string_view bytes, const std::string& name);

/// The content of an entry. Stops at `limit` bytes, whatever size is stated. Throws InputError.
std::string unzip(const ZipEntry& entry, std::size_t limit, const std::string& name);

}  // namespace nadir
