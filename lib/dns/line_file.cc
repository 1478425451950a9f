#include "dns/line_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
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
  Descriptor descriptor(
      ::open(end.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | link, mode));
  if (!descriptor.is_open())
    return fail(ErrorCode::cannot_write, fmt::format("{}: {}", path, std::strerror(errno)));
  return LineFile(std::move(descriptor), path);
}

LineFile::LineFile(Descriptor descriptor, std::string path)
    : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

void LineFile::append(std::string line) {
  line += '\n';
  if (!write_all(descriptor_, line)) throw std::system_error(errno, std::generic_category(), path_);
}

}  // namespace maildiag::dns
