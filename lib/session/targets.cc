#include "session/targets.h"

#include <fmt/format.h>

namespace maildiag::session {

namespace {

std::uint32_t number_of(const IpAddress& ip) {
  const auto* octet = ip.data();
  return std::uint32_t{octet[0]} << 24U | std::uint32_t{octet[1]} << 16U |
         std::uint32_t{octet[2]} << 8U | octet[3];
}

IpAddress address_of(std::uint32_t number) {
  return IpAddress::from_v4(
      {static_cast<std::uint8_t>(number >> 24U), static_cast<std::uint8_t>(number >> 16U),
       static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)});
}

Result<void> too_large(const std::string& text) {
  return fail(ErrorCode::usage,
              fmt::format("`{}` has more than {} addresses: give a /16 or smaller, or several",
                          text, max_network_addresses));
}

Result<void> expand_range(const std::string& text, const IpAddress& first, const IpAddress& last,
                          const std::function<bool(Target)>& sink) {
  const std::uint64_t start = number_of(first), end = number_of(last);
  if (end < start) return fail(ErrorCode::usage, fmt::format("`{}` ends before it starts", text));
  if (end - start >= max_network_addresses) return too_large(text);
  for (std::uint64_t number = start; number <= end; ++number) {
    if (!sink(address_of(static_cast<std::uint32_t>(number)))) break;
  }
  return {};
}

}  // namespace

Result<void> expand_target(const std::string& text, const std::function<bool(Target)>& sink) {
  if (const auto ip = IpAddress::parse(text)) {
    sink(*ip);
    return {};
  }
  if (const auto network = IpNetwork::parse(text)) {
    const auto& ip = network->address();
    const auto host_bits = static_cast<unsigned>(8 * ip.size()) - network->prefix();
    if (ip.is_v6() && host_bits > 0)
      return fail(ErrorCode::usage,
                  fmt::format("`{}`: IPv6 networks are too large to sweep; give addresses", text));
    if (host_bits > 16) return too_large(text);
    return expand_range(text, ip, address_of(number_of(ip) + (1U << host_bits) - 1U), sink);
  }
  if (const auto dash = text.find('-'); dash != std::string::npos) {
    const auto first = IpAddress::parse(text.substr(0, dash)),
               last = IpAddress::parse(text.substr(dash + 1));
    if (first && last && first->is_v4() && last->is_v4())
      return expand_range(text, *first, *last, sink);
  }
  const auto name = DomainName::from_user(text);
  if (!name || name->label_count() < 2 || text.find('/') != std::string::npos) {
    return fail(ErrorCode::usage, fmt::format("`{}` is no address, network (192.0.2.0/28), range "
                                              "(192.0.2.1-192.0.2.9) or domain name",
                                              text));
  }
  sink(*name);
  return {};
}

}  // namespace maildiag::session
