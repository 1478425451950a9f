// All targets in one libFuzzer program; MAILDIAG_FUZZ_TARGET says which of them runs.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "fuzz/targets.h"

namespace {

const maildiag::fuzz::Target* chosen = nullptr;

}  // namespace

/// libFuzzer starts itself again with its own command line (-merge, -fork, -jobs, -minimize_crash),
/// so the target has no place there.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** argv) {
  const char* const name = std::getenv("MAILDIAG_FUZZ_TARGET");
  chosen = name == nullptr ? nullptr : maildiag::fuzz::find_target(name);
  if (chosen == nullptr) {
    std::fprintf(stderr,
                 "usage: MAILDIAG_FUZZ_TARGET=TARGET %s [OPTION OF LIBFUZZER | CORPUS]...\n",
                 (*argv)[0]);
    std::exit(64);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
