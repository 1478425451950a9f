/// Numbers that nobody can guess: message ids and the choice of a socket (RFC 5452 section 4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace maildiag::dns {

/// getrandom(2), read ahead. Throws std::system_error where the kernel has none.
class RandomSource {
 public:
  std::uint16_t next() {
    if (used_ == pool_.size()) refill();
    return pool_[used_++];
  }

 private:
  void refill();
  std::array<std::uint16_t, 256> pool_{};
  std::size_t used_ = pool_.size();
};

}  // namespace maildiag::dns
