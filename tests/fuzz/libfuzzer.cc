// All targets in one libFuzzer program; MAILDIAG_FUZZ_TARGET says which of them runs.
#include <algorithm>
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
  const auto targets = maildiag::fuzz::targets();
  const char* const name = std::getenv("MAILDIAG_FUZZ_TARGET");
  const auto found = std::find_if(targets.begin(), targets.end(), [&](const auto& each) {
    return name != nullptr && each.name == name;
  });
  if (found == targets.end()) {
    std::fprintf(stderr,
                 "usage: MAILDIAG_FUZZ_TARGET=TARGET %s [OPTION OF LIBFUZZER | CORPUS]...\n",
                 (*argv)[0]);
    std::exit(64);
  }
  chosen = &*found;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
