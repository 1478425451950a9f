#include "core/safe_path.h"

#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include <maildiag/planted_link.h>

namespace maildiag {

namespace fs = std::filesystem;

std::error_code create_private_directories(const std::string& path) {
  std::error_code error;
  if (path.empty() || fs::is_directory(path, error)) return {};
  const auto above = fs::path(path).parent_path().string();
  if (above != path) {
    if (const auto failure = create_private_directories(above)) return failure;
  }
  // Another run may have been faster.
  if (::mkdir(path.c_str(), private_directory_mode) == 0 || errno == EEXIST) return {};
  return {errno, std::generic_category()};
}

bool is_planted_link(const std::string& path) {
  constexpr int most_links = 40;  // as many as Linux follows
  fs::path at(path);
  for (int i = 0; i < most_links; ++i) {
    struct stat link {};
    if (::lstat(at.c_str(), &link) != 0 || !S_ISLNK(link.st_mode)) return false;
    const auto directory = at.has_parent_path() ? at.parent_path() : fs::path(".");
    struct stat parent {};
    if (::stat(directory.c_str(), &parent) != 0) return false;
    const bool everybodys = (parent.st_mode & S_ISVTX) != 0 && (parent.st_mode & S_IWOTH) != 0;
    if (everybodys && link.st_uid != ::geteuid() && link.st_uid != parent.st_uid) return true;
    std::error_code error;
    const auto target = fs::read_symlink(at, error);
    if (error) return false;
    at = target.is_absolute() ? target : directory / target;
  }
  return true;
}

}  // namespace maildiag
