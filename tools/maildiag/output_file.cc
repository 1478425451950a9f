#include "output_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include <maildiag/planted_link.h>

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

}  // namespace

OutputFile::~OutputFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Error OutputFile::failure() const {
  const auto name = path_.empty() ? std::string("standard output") : path_;
  return {ErrorCode::cannot_write, name + ": " + std::strerror(errno)};
}

std::optional<Error> OutputFile::open(const std::string& path) {
  path_ = path;
  const auto end = follow_links(path);
  if (end.planted) {
    const std::string what =
        "a symbolic link that another user put into a directory of everybody's; name another file "
        "with --output";
    return Error{ErrorCode::cannot_write, path + ": " + what, path + ": ", what, {}};
  }
  if (end.error) {
    errno = end.error.value();
    return failure();
  }
  path_ = end.path;
  struct stat status {};
  const bool taken = lstat(path_.c_str(), &status) == 0;
  const bool exists = taken && S_ISREG(status.st_mode);
  // /dev/null must not become a file; a link that has come there since is replaced.
  if (end.of_kernel || (taken && !exists && !S_ISLNK(status.st_mode)))
    return open_directly(end.of_kernel);
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

std::optional<Error> OutputFile::open_directly(bool follow) {
  const int descriptor =
      ::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | (follow ? 0 : O_NOFOLLOW));
  if (descriptor < 0) return failure();
  file_.reset(fdopen(descriptor, "w"));
  struct stat status {};
  if (!file_ || fstat(descriptor, &status) != 0) return failure();
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  errno = EEXIST;  // a file has come there since
  return failure();
}

std::optional<Error> OutputFile::write(std::string_view text) {
  std::FILE* to = file_ ? file_.get() : stdout;
  if (text.empty() ||
      (std::fwrite(text.data(), 1, text.size(), to) == text.size() && std::fflush(to) == 0))
    return std::nullopt;
  broken_ = true;
  return failure();
}

std::optional<Error> OutputFile::commit() {
  if (!file_ || broken_) return std::nullopt;
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
