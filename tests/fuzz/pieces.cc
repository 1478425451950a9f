#include "fuzz/pieces.h"

#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag::fuzz {

bool is_one_safe_line(std::string_view text) {
  return text::sanitize(text) == text;
}

MemoryFile::MemoryFile(std::string_view content)
    : descriptor_(::memfd_create("maildiag-fuzz", MFD_CLOEXEC)),
      path_(fmt::format("/proc/self/fd/{}", descriptor_)) {
  if (descriptor_ < 0) throw std::runtime_error("no file in memory");
  while (!content.empty()) {
    const auto written = ::write(descriptor_, content.data(), content.size());
    if (written <= 0) throw std::runtime_error("no room for a file in memory");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

MemoryFile::~MemoryFile() {
  ::close(descriptor_);
}

}  // namespace maildiag::fuzz
