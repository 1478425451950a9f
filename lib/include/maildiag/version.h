/// Which release of the library a program runs with.
#pragma once

#include <string_view>

#include <maildiag/export.h>

namespace maildiag {

/// "0.1.0". Thread-safe; the text lives as long as the library.
MAILDIAG_EXPORT std::string_view version() noexcept;

}  // namespace maildiag
