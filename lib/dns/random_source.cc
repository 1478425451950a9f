#include "dns/random_source.h"

#include <cerrno>
#include <sys/random.h>
#include <system_error>

namespace maildiag::dns {

void RandomSource::refill() {
  std::size_t filled = 0;
  auto* octets = reinterpret_cast<unsigned char*>(pool_.data());
  while (filled < sizeof pool_) {
    const auto count = ::getrandom(octets + filled, sizeof pool_ - filled, 0);
    if (count < 0 && errno != EINTR) throw std::system_error(errno, std::system_category());
    if (count > 0) filled += static_cast<std::size_t>(count);
  }
  used_ = 0;
}

}  // namespace maildiag::dns
