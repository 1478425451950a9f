#include "faults/heap.h"

#include <algorithm>
#include <malloc.h>

extern "C" {
// Of AddressSanitizer, which has a heap of its own.
__attribute__((weak)) std::size_t __sanitizer_get_current_allocated_bytes();  // NOLINT
}

namespace maildiag::faults {
namespace {

std::size_t& peak() {
  static std::size_t most = 0;
  return most;
}

}  // namespace

std::size_t heap_in_use() {
  if (__sanitizer_get_current_allocated_bytes != nullptr) {
    return __sanitizer_get_current_allocated_bytes();
  }
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

void note_heap() {
  peak() = std::max(peak(), heap_in_use());
}

HeapMark::HeapMark() : before_(heap_in_use()) {
  peak() = before_;
}

std::size_t HeapMark::highest() const {
  note_heap();
  return peak() - before_;
}

}  // namespace maildiag::faults
