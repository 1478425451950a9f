#include "session/cache_file.h"

#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "core/descriptor.h"
#include "core/safe_path.h"

namespace maildiag::session {

namespace {

/// Nobody but its owner can have written it.
bool is_trustworthy(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  const bool ours = status.st_uid == ::geteuid() || status.st_uid == 0;
  return ours && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace

std::string read_cache_file(const std::string& file, std::size_t most) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::string text;
  if (!descriptor.is_open() || !is_trustworthy(descriptor.number()) ||
      !read_rest(descriptor, most, text) || text.size() > most)
    return {};
  return text;
}

bool write_cache_file(const std::string& file, std::string_view text, mode_t mode) {
  create_private_directories(std::filesystem::path(file).parent_path().string());
  std::string temporary = file + ".XXXXXX";
  Descriptor descriptor(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!descriptor.is_open()) return false;
  const bool written = ::fchmod(descriptor.number(), mode) == 0 && write_all(descriptor, text);
  const bool closed = descriptor.close();
  if (written && closed && ::rename(temporary.c_str(), file.c_str()) == 0) return true;
  ::unlink(temporary.c_str());
  return false;
}

}  // namespace maildiag::session
