#include <cstdio>
#include <cstdlib>

#include "fuzz/targets.h"

namespace maildiag::fuzz {

void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}

}  // namespace maildiag::fuzz
