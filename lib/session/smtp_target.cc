#include "session/smtp_target.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "core/typed_domain.h"

namespace maildiag::session {

namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || port == 0)
    return std::nullopt;
  return port;
}

std::optional<std::variant<IpAddress, DomainName>> name_of(std::string_view text) {
  if (const auto address = IpAddress::parse(text)) return *address;
  if (const auto name = domain_from_user(text)) return *name;
  return std::nullopt;
}

}  // namespace

Result<SmtpTarget> parse_smtp_target(const std::string& text) {
  if (auto name = name_of(text)) return SmtpTarget{text, std::move(*name), std::nullopt};
  const auto colon = text.rfind(':');
  if (colon != std::string::npos) {
    const auto front = std::string_view(text).substr(0, colon);
    const auto port = port_of(std::string_view(text).substr(colon + 1));
    // Without brackets, nobody can tell where an IPv6 address ends.
    const bool clear = front.find(':') == std::string_view::npos || front.ends_with(']');
    auto name = name_of(front);
    if (port && clear && name) return SmtpTarget{text, std::move(*name), port};
  }
  return fail_with(ErrorCode::usage,
                   "`{}` is not a domain, host or address (examples: example.com, "
                   "mail.example.com:587, 192.0.2.1, [2001:db8::1]:25)",
                   text);
}

}  // namespace maildiag::session
