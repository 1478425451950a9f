#include "dns/line_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <maildiag/planted_link.h>

#include "core/safe_path.h"

namespace maildiag::dns {

Result<LineFile> LineFile::open(const std::string& path) {
  const auto end = follow_links(path);
  if (end.planted || (!end.error && !end.of_kernel && is_planted(end.path)))
    return fail_with(ErrorCode::cannot_write,
                     "{}: another user put it into a directory of everybody's; name another file "
                     "with --record",
                     path);
  constexpr mode_t mode = 0666;                                  // less the umask
  const int link = end.of_kernel || end.error ? 0 : O_NOFOLLOW;  // one that has come there since
  const int descriptor =
      ::open(end.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | link, mode);
  if (descriptor < 0)
    return fail(ErrorCode::cannot_write, fmt::format("{}: {}", path, std::strerror(errno)));
  return LineFile(descriptor, path);
}

LineFile::LineFile(int descriptor, std::string path)
    : descriptor_(descriptor), path_(std::move(path)) {}

LineFile::LineFile(LineFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

LineFile::~LineFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void LineFile::append(std::string line) {
  line += '\n';
  for (std::string_view rest = line; !rest.empty();) {
    const auto count = ::write(descriptor_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::generic_category(), path_);
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace maildiag::dns
