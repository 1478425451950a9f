/// What a user may give to smtpcheck: "example.com", "mail.example.com:587", "[2001:db8::1]:25".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/domain_name.h"
#include "core/ip_address.h"
#include "core/result.h"

namespace maildiag::session {

struct SmtpTarget {
  std::string text;  ///< as given
  std::variant<IpAddress, DomainName> name;
  std::optional<std::uint16_t> port;  ///< where one is given, a name is a host
};

/// usage: none of these. An IPv6 address with a port stands in brackets.
Result<SmtpTarget> parse_smtp_target(const std::string& text);

}  // namespace maildiag::session
