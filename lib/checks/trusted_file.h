/// The file of certificates that a user trusts instead of the system's.
#pragma once

#include <string>

namespace maildiag::checks {

enum class TrustedFile { good, unreadable, no_certificate };

/// As libcurl will find it: PEM, at least one certificate, and nothing in it that cannot be read. A
/// pipe is taken unseen, as what is read here would be gone for libcurl.
TrustedFile look_at_trusted(const std::string& path);

}  // namespace maildiag::checks
