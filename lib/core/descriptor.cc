#include "core/descriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace maildiag {

namespace {

constexpr int read_interval = 25;  // ms

}  // namespace

bool Descriptor::close() {
  const int number = release();
  return number <= STDERR_FILENO || ::close(number) == 0;
}

Descriptor open_input(const std::string& path) {
  return Descriptor(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

ssize_t read_some(const Descriptor& descriptor, char* buffer, std::size_t size,
                  const Cancellation& cancellation) {
  while (!cancellation.requested()) {
    pollfd waiting{descriptor.number(), POLLIN, 0};
    const int ready = ::poll(&waiting, 1, read_interval);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const auto count = ::read(descriptor.number(), buffer, size);
    if (count >= 0 || (errno != EINTR && errno != EAGAIN)) return count;
  }
  errno = ECANCELED;
  return -1;
}

bool read_rest(const Descriptor& descriptor, std::size_t most, std::string& octets) {
  for (const auto before = octets.size(); octets.size() - before <= most;) {
    char part[16384];
    const auto count = ::read(descriptor.number(), part, sizeof part);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0;
    octets.append(part, static_cast<std::size_t>(count));
  }
  return true;
}

bool write_all(const Descriptor& descriptor, std::string_view octets) {
  while (!octets.empty()) {
    const auto count = ::write(descriptor.number(), octets.data(), octets.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace maildiag
