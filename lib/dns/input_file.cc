#include "dns/input_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

namespace maildiag::dns {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<std::string> read_input_file(const std::string& path, std::size_t limit) {
  const auto unreadable = [&] {
    return fail(ErrorCode::no_input, fmt::format("{}: {}", path, std::strerror(errno)));
  };
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return unreadable();
  std::string octets;
  std::array<char, std::size_t{64} << 10U> block;
  while (const auto count = std::fread(block.data(), 1, block.size(), file.get())) {
    if (count > limit - octets.size()) {
      return fail_with(ErrorCode::bad_data, "{}: larger than {} MiB, the most that is read", path,
                       limit >> 20U);
    }
    octets.append(block.data(), count);
  }
  if (std::ferror(file.get()) != 0) return unreadable();
  return octets;
}

}  // namespace maildiag::dns
