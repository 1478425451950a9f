#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "net/network.h"

namespace maildiag::net {

namespace {

/// The text up to the next colon outside brackets; `rest` moves behind it.
std::string_view take_part(std::string_view& rest) {
  const auto bracket = !rest.empty() && rest.front() == '[' ? rest.find(']') : 0;
  const auto end = bracket == std::string_view::npos ? rest.size() : rest.find(':', bracket);
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos || end >= rest.size() ? std::string_view()
                                                             : rest.substr(end + 1);
  return part;
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end || port == 0) return std::nullopt;
  return port;
}

}  // namespace

Result<ConnectTo> ConnectTo::parse(std::string_view text) {
  const auto wrong = [&] {
    return fail_with(ErrorCode::usage,
                     "`{}` is no HOST1:PORT1:ADDRESS2:PORT2, where parts may be empty "
                     "(examples: mx.example.com:25:192.0.2.1:2525, :25::2525)",
                     text::sanitize(text));
  };
  // Three colons outside brackets, no more and no less.
  auto rest = text;
  ConnectTo rule;
  const auto host = take_part(rest);
  const auto port = take_part(rest);
  const auto to_host = take_part(rest);
  const auto to_port = rest;
  const auto length = host.size() + port.size() + to_host.size() + to_port.size() + 3;
  if (text.size() != length || to_port.find(':') != std::string_view::npos) return wrong();
  const auto address = IpAddress::parse(host);
  rule.host = address ? address->to_string() : text::ascii_lower(host);
  if (!rule.host.empty() && rule.host.back() == '.') rule.host.pop_back();
  if (!port.empty() && !(rule.port = read_port(port))) return wrong();
  if (!to_host.empty() && !(rule.to_address = IpAddress::parse(to_host))) return wrong();
  if (!to_port.empty() && !(rule.to_port = read_port(to_port))) return wrong();
  return rule;
}

namespace {

bool matches(const ConnectTo& rule, std::string_view host, const Endpoint& endpoint) {
  if (rule.port && *rule.port != endpoint.port) return false;
  if (rule.host.empty() || rule.host == endpoint.address.to_string()) return true;
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  return rule.host == text::ascii_lower(host);
}

/// The IPv4 address that routers turn an IPv6 one into: NAT64 (RFC 6052 section 2.1), 6to4 (RFC
/// 3056 section 2), IPv4-mapped.
IpAddress translated(const IpAddress& address) {
  static const auto nat64 = *IpNetwork::parse("64:ff9b::/96");
  static const auto six_to_four = *IpNetwork::parse("2002::/16");
  const auto embedded = [&address](std::size_t at) {
    const auto* octets = address.data() + at;
    return IpAddress::from_v4({octets[0], octets[1], octets[2], octets[3]});
  };
  if (nat64.contains(address)) return embedded(12);
  if (six_to_four.contains(address)) return embedded(2);
  return address.unmapped();
}

}  // namespace

std::optional<Endpoint> AccessOptions::endpoint(std::string_view host, Endpoint wanted,
                                                Reach reach) const {
  const auto rule = std::find_if(connect_to.begin(), connect_to.end(),
                                 [&](const ConnectTo& one) { return matches(one, host, wanted); });
  if (rule == connect_to.end()) {
    const bool inside = reach == Reach::public_only && translated(wanted.address).is_special();
    return offline || inside ? std::nullopt : std::optional(wanted);
  }
  return Endpoint{rule->to_address.value_or(wanted.address), rule->to_port.value_or(wanted.port)};
}

}  // namespace maildiag::net
