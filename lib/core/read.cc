#include "core/read.h"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace maildiag {

namespace {

constexpr int read_interval = 25;  // ms

}  // namespace

ssize_t read_some(int descriptor, char* buffer, std::size_t size,
                  const Cancellation& cancellation) {
  while (!cancellation.requested()) {
    pollfd waiting{descriptor, POLLIN, 0};
    const int ready = poll(&waiting, 1, read_interval);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const auto count = read(descriptor, buffer, size);
    if (count >= 0 || (errno != EINTR && errno != EAGAIN)) return count;
  }
  errno = ECANCELED;
  return -1;
}

}  // namespace maildiag
