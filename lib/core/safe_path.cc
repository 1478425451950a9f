#include "core/safe_path.h"

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <filesystem>
#include <linux/magic.h>
#include <optional>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <maildiag/planted_link.h>

#include "core/descriptor.h"

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

namespace {

/// A link as it stood at one moment.
struct Link {
  struct stat status {};
  std::string target;
  bool in_proc = false;
};

/// nullopt: there is no link. Error: of what is one and cannot be read.
std::optional<Link> read_link(const fs::path& path, std::error_code& error) {
  const Descriptor held(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  Link link;
  struct statfs system {};
  if (!held.is_open() || ::fstat(held.number(), &link.status) != 0 || !S_ISLNK(link.status.st_mode))
    return std::nullopt;
  link.target.resize(PATH_MAX);
  const auto length = ::readlinkat(held.number(), "", link.target.data(), link.target.size());
  if (length < 0 || ::fstatfs(held.number(), &system) != 0) {
    error = {errno, std::generic_category()};
    return std::nullopt;
  }
  link.target.resize(static_cast<std::size_t>(length));
  link.in_proc = system.f_type == PROC_SUPER_MAGIC;
  return link;
}

/// What a link in /proc names need not stand where its text says.
bool leads_to_file(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// Of whom the directory's owner and we know nothing.
bool is_strangers(uid_t owner, const struct stat& directory) {
  const bool everybodys = (directory.st_mode & S_ISVTX) != 0 && (directory.st_mode & S_IWOTH) != 0;
  return everybodys && owner != ::geteuid() && owner != directory.st_uid;
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

bool is_planted(const std::string& path) {
  struct stat own {
  }, directory{};
  return ::lstat(path.c_str(), &own) == 0 && ::stat(directory_of(path).c_str(), &directory) == 0 &&
         is_strangers(own.st_uid, directory);
}

LinkEnd follow_links(const std::string& path) {
  constexpr int most_links = 40;  // as many as Linux follows
  fs::path at(path);
  LinkEnd end;
  for (int i = 0;; ++i) {
    end.path = at.string();
    const auto link = read_link(at, end.error);
    if (!link) return end;
    if (i == most_links) end.error = std::make_error_code(std::errc::too_many_symbolic_link_levels);
    end.of_kernel = link->in_proc && !leads_to_file(at);
    const auto directory = directory_of(at);
    struct stat parent {};
    if (::stat(directory.c_str(), &parent) != 0) end.error = {errno, std::generic_category()};
    if (end.error || end.of_kernel) return end;
    end.planted = is_strangers(link->status.st_uid, parent);
    if (end.planted) return end;
    const fs::path target(link->target);
    at = target.is_absolute() ? target : directory / target;
  }
}

}  // namespace maildiag
