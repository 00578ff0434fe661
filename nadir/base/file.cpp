#include "nadir/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "nadir/base/error.hpp"

namespace nadir {
namespace {

/// A POSIX file descriptor that closes itself.
struct Descriptor {
  int number;
  explicit Descriptor(int value) : number(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

std::string reason() { return std::strerror(errno); }

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool out_of_space() { return errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO; }

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why) {
  const std::string message = path.string() + ": cannot write: " + why;
  if (out_of_space()) throw ResourceError(message + "; free some space or choose another place with --out");
  throw InputError(message);
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number < 0) throw InputError(path.string() + ": cannot open: " + reason());
  struct stat status {};
  if (::fstat(file.number, &status) != 0) throw InputError(path.string() + ": cannot read: " + reason());
  if (S_ISDIR(status.st_mode)) throw InputError(path.string() + ": is a directory; give a file");

  std::string bytes(static_cast<std::size_t>(status.st_size > 0 ? status.st_size : 0), '\0');
  std::size_t filled = 0;
  for (;;) {
    if (filled == bytes.size()) bytes.resize(filled + 65536);  // pipes and files that grow
    const ssize_t got = ::read(file.number, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw InputError(path.string() + ": cannot read: " + reason());
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {  // a pipe or a device: nothing to rename
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.number < 0 || !write_all(file.number, bytes)) fail(path, reason());
    return;
  }
  const std::string temporary = path.string() + ".part" + std::to_string(::getpid());
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file.number < 0) fail(path, reason());
    if (!write_all(file.number, bytes) || ::fsync(file.number) != 0) {
      const int error = errno;
      ::unlink(temporary.c_str());
      errno = error;
      fail(path, reason());
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    errno = error;
    fail(path, reason());
  }
}

}  // namespace nadir
