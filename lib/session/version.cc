#include <maildiag/version.h>

namespace maildiag {

std::string_view version() noexcept {
  return MAILDIAG_VERSION;
}

}  // namespace maildiag
