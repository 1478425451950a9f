/// What MTAs put around the reply that they got: "host mx[192.0.2.1] said: ... (in reply to RCPT TO
/// command)".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ip_address.h"

namespace maildiag::bounce {

struct Unwrapped {
  std::string_view reply;  ///< a part of the text given
  std::string_view
      status;  ///< a status code that the wrapper carried ("#5.5.0 smtp;550 ..."); empty: none
  std::string_view command;
  std::string remote_host;
  std::optional<IpAddress> remote_ip;
};

/// REQUIRES: one line with single spaces; `lower` is the same text in ASCII lower case.
Unwrapped unwrap_reply(std::string_view text, std::string_view lower);

}  // namespace maildiag::bounce
