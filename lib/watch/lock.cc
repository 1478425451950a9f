#include "watch/lock.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <thread>

#include <fmt/format.h>

#include "core/safe_path.h"

namespace maildiag::watch {

namespace {

constexpr auto pause = std::chrono::milliseconds(25);
constexpr mode_t lock_file_mode = 0640;

}  // namespace

Result<Lock> take_lock(const std::string& path, std::chrono::milliseconds patience,
                       const Cancellation& cancellation) {
  const auto directory = std::filesystem::path(path).parent_path().string();
  if (const auto error = create_private_directories(directory)) {
    return fail_with(ErrorCode::cannot_write, "{}: {}; name another place with --state", directory,
                     error.message());
  }
  // A lock is no link of anybody.
  Lock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, lock_file_mode));
  if (!lock.is_open()) {
    return fail_with(ErrorCode::cannot_write, "{}: {}; name another place with --state", path,
                     std::strerror(errno));
  }
  for (auto waited = std::chrono::milliseconds(0); waited < patience; waited += pause) {
    if (waited.count() > 0) std::this_thread::sleep_for(pause);
    if (cancellation.requested()) break;
    if (flock(lock.number(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return fail(ErrorCode::cannot_write, fmt::format("{}: {}", path, std::strerror(errno)));
    }
  }
  return fail_with(ErrorCode::locked, "{}: another run holds the lock", path);
}

}  // namespace maildiag::watch
