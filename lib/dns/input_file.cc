#include "dns/input_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>

#include <fmt/format.h>

#include "core/descriptor.h"

namespace maildiag::dns {

Result<std::string> read_input_file(const std::string& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string octets;
  if (!file.is_open() || !read_rest(file, limit, octets))
    return fail(ErrorCode::no_input, fmt::format("{}: {}", path, std::strerror(errno)));
  if (octets.size() > limit) {
    return fail_with(ErrorCode::bad_data, "{}: larger than {} MiB, the most that is read", path,
                     limit >> 20U);
  }
  return octets;
}

}  // namespace maildiag::dns
