/// How much memory is in use, in any build.
#pragma once

#include <cstddef>

namespace maildiag::faults {

/// Octets that are allocated now.
std::size_t heap_in_use();
/// The most since reset_heap_peak(), as far as note_heap() was called.
void note_heap();

/// From its start to now.
class HeapMark {
 public:
  HeapMark();
  /// The most that note_heap() saw since then, beyond what was there.
  std::size_t highest() const;

 private:
  std::size_t before_;
};

}  // namespace maildiag::faults
