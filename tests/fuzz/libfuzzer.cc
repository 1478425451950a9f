// One libFuzzer program a target: FUZZ_TARGET is its name.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  maildiag::fuzz::FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
