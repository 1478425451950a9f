/// Which host and which SMTP command running text around a reply speaks of.
#pragma once

#include <string_view>

#include "bounce/reply_wrapper.h"

namespace maildiag::bounce {

/// The SMTP command that running text names: "after RCPT TO:<x>", ">>> DATA"; empty: none.
std::string_view command_in(std::string_view lower);

/// "connect to mx.example.com[192.0.2.1]:25: Connection refused", "lost connection with ... while
/// sending RCPT TO": the host that gave no reply, and the command. False: none is named.
bool read_talk(std::string_view text, std::string_view lower, Unwrapped& out);

/// "mx.example.com[192.0.2.1]", "by mx.example.com. [192.0.2.1]", "Remote Server at mx.example.com
/// (192.0.2.1)".
void read_remote(std::string_view text, Unwrapped& out);

}  // namespace maildiag::bounce
