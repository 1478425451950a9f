#include "output_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace maildiag::tool {

namespace {

namespace fs = std::filesystem;

/// What a new file gets under the process's umask; it stands open to a collector of another user.
constexpr mode_t usual_mode = 0666;

mode_t current_umask() {
  const mode_t mask = umask(0);
  umask(mask);
  return mask;
}

/// Another user's symbolic link in a directory where everybody may make one. Linux follows none
/// (fs.protected_symlinks), but does not know that rename(2) goes where one leads.
bool is_planted_link(const fs::path& path) {
  struct stat link {
  }, parent{};
  if (lstat(path.c_str(), &link) != 0 || !S_ISLNK(link.st_mode)) return false;
  const auto directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (stat(directory.c_str(), &parent) != 0) return false;
  const bool everybodys = (parent.st_mode & S_ISVTX) != 0 && (parent.st_mode & S_IWOTH) != 0;
  return everybodys && link.st_uid != geteuid() && link.st_uid != parent.st_uid;
}

}  // namespace

OutputFile::~OutputFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Error OutputFile::failure() const {
  const auto name = path_.empty() ? std::string("standard output") : path_;
  return {ErrorCode::cannot_write, name + ": " + std::strerror(errno)};
}

std::optional<Error> OutputFile::open(const std::string& path) {
  if (is_planted_link(path)) {
    const std::string what =
        "a symbolic link that another user put into a directory of everybody's";
    return Error{ErrorCode::cannot_write, path + ": " + what, path + ": ", what, {}};
  }
  std::error_code ignored;
  const auto target = fs::weakly_canonical(path, ignored);
  path_ = target.empty() ? path : target.string();
  struct stat status {};
  const bool exists = stat(path_.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {  // /dev/null must not become a file
    file_.reset(std::fopen(path_.c_str(), "w"));
    return file_ ? std::nullopt : std::optional(failure());
  }
  if (exists) replaced_ = path_;
  // A dot in front and no suffix of the original, so that no collector reads it half written.
  const fs::path whole(path_);
  std::string name = (whole.parent_path() / ("." + whole.filename().string() + ".XXXXXX")).string();
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0) return failure();
  temporary_ = name;
  file_.reset(fdopen(descriptor, "w"));
  // The new file is ours: what another user allowed on his, or a set-user-ID bit, is not for it.
  const bool ours = exists && status.st_uid == geteuid();
  const auto mode = ours ? status.st_mode & 0777U : usual_mode & ~current_umask();
  if (!file_ || fchmod(descriptor, mode) != 0) return failure();
  return std::nullopt;
}

std::optional<Error> OutputFile::write(std::string_view text) {
  std::FILE* to = file_ ? file_.get() : stdout;
  if (text.empty() ||
      (std::fwrite(text.data(), 1, text.size(), to) == text.size() && std::fflush(to) == 0))
    return std::nullopt;
  return failure();
}

std::optional<Error> OutputFile::commit() {
  if (!file_) return std::nullopt;
  // After a power cut the name must not stand for an empty file.
  const bool synced = temporary_.empty() || fsync(fileno(file_.get())) == 0;
  const bool closed = std::fclose(file_.release()) == 0;
  if (!synced || !closed) return failure();
  if (temporary_.empty()) return std::nullopt;
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return failure();
  temporary_.clear();
  return std::nullopt;
}

}  // namespace maildiag::tool
