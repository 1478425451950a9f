// All targets in one libFuzzer program: fuzz TARGET [OPTIONS OF LIBFUZZER] [CORPUS...]
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

/// Takes the target's name off the command line; libFuzzer reads the rest.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const auto targets = maildiag::fuzz::targets();
  const std::string_view name = *argc > 1 ? (*argv)[1] : "";
  const auto found = std::find_if(targets.begin(), targets.end(),
                                  [&](const auto& each) { return each.name == name; });
  if (found == targets.end()) {
    std::fprintf(stderr, "usage: %s TARGET [OPTION OF LIBFUZZER | CORPUS]...\n", (*argv)[0]);
    std::exit(64);
  }
  chosen = &*found;
  std::copy(*argv + 2, *argv + *argc + 1, *argv + 1);  // with the null pointer behind the last
  --*argc;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
