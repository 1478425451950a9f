#include "core/ip_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag {

IpAddress IpAddress::from_v4(std::array<std::uint8_t, 4> octets) {
  IpAddress address;
  std::ranges::copy(octets, address.octets_.begin());
  return address;
}

IpAddress IpAddress::from_v6(const std::array<std::uint8_t, 16>& octets) {
  IpAddress address;
  address.family_ = Family::ip6;
  address.octets_ = octets;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  if (text::starts_with_ignore_case(text, "ipv6:")) text.remove_prefix(5);
  if (text.size() > INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  const std::string terminated(text);
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) return from_v4(v4);
  std::array<std::uint8_t, 16> v6{};
  if (inet_pton(AF_INET6, terminated.c_str(), v6.data()) == 1) return from_v6(v6);
  return std::nullopt;
}

IpAddress IpAddress::unmapped() const {
  static constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (is_v4() || !std::equal(prefix.begin(), prefix.end(), octets_.begin())) return *this;
  return from_v4({octets_[12], octets_[13], octets_[14], octets_[15]});
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  if (is_v6()) {
    inet_ntop(AF_INET6, octets_.data(), text, sizeof text);
    return text;
  }
  // inet_ntop() calls sprintf() here, for each address record of a bulk run.
  char* end = text;
  for (std::size_t i = 0; i < size(); ++i) {
    if (i > 0) *end++ = '.';
    end = std::to_chars(end, text + sizeof text, octets_[i]).ptr;
  }
  return {text, end};
}

std::string IpAddress::reversed() const {
  if (is_v4()) return fmt::format("{}.{}.{}.{}", octets_[3], octets_[2], octets_[1], octets_[0]);
  std::string nibbles;
  for (std::size_t i = octets_.size(); i-- > 0;) {
    fmt::format_to(std::back_inserter(nibbles), "{:x}.{:x}{}", octets_[i] & 15U, octets_[i] >> 4U,
                   i > 0 ? "." : "");
  }
  return nibbles;
}

std::string IpAddress::ptr_name() const {
  return reversed() + (is_v4() ? ".in-addr.arpa" : ".ip6.arpa");
}

bool IpAddress::is_special() const {
  // The IANA special-purpose registries (RFC 6890), as far as they are not globally reachable.
  static const std::array networks{
      *IpNetwork::parse("0.0.0.0/8"),       *IpNetwork::parse("10.0.0.0/8"),
      *IpNetwork::parse("100.64.0.0/10"),   *IpNetwork::parse("127.0.0.0/8"),
      *IpNetwork::parse("169.254.0.0/16"),  *IpNetwork::parse("172.16.0.0/12"),
      *IpNetwork::parse("192.0.0.0/24"),    *IpNetwork::parse("192.0.2.0/24"),
      *IpNetwork::parse("192.168.0.0/16"),  *IpNetwork::parse("198.18.0.0/15"),
      *IpNetwork::parse("198.51.100.0/24"), *IpNetwork::parse("203.0.113.0/24"),
      *IpNetwork::parse("224.0.0.0/3"),     *IpNetwork::parse("::/96"),
      *IpNetwork::parse("64:ff9b:1::/48"),  *IpNetwork::parse("100::/64"),
      *IpNetwork::parse("2001:db8::/32"),   *IpNetwork::parse("fc00::/7"),
      *IpNetwork::parse("fe80::/10"),       *IpNetwork::parse("fec0::/10"),
      *IpNetwork::parse("ff00::/8")};
  const IpAddress plain = unmapped();
  return std::ranges::any_of(networks,
                             [&](const IpNetwork& network) { return network.contains(plain); });
}

bool IpAddress::is_public() const {
  static const std::array examples{
      *IpNetwork::parse("192.0.2.0/24"), *IpNetwork::parse("198.51.100.0/24"),
      *IpNetwork::parse("203.0.113.0/24"), *IpNetwork::parse("2001:db8::/32")};
  const IpAddress plain = unmapped();
  return !plain.is_special() || std::ranges::any_of(examples, [&](const IpNetwork& network) {
    return network.contains(plain);
  });
}

IpNetwork::IpNetwork(const IpAddress& address, unsigned prefix) : prefix_(prefix) {
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < address.size(); ++i) {
    const unsigned kept =
        prefix > 8 * i ? std::min<unsigned>(8, prefix - static_cast<unsigned>(8 * i)) : 0;
    octets[i] = static_cast<std::uint8_t>(address.data()[i] & (0xff00U >> kept));
  }
  address_ = address.is_v4() ? IpAddress::from_v4({octets[0], octets[1], octets[2], octets[3]})
                             : IpAddress::from_v6(octets);
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto longest = static_cast<unsigned>(8 * address->size());
  unsigned prefix = longest;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc{} || end != digits.data() + digits.size() || prefix > longest)
      return std::nullopt;
  }
  return IpNetwork(*address, prefix);
}

bool IpNetwork::contains(const IpAddress& address) const {
  return address.family() == address_.family() && IpNetwork(address, prefix_).address_ == address_;
}

std::string IpNetwork::to_string() const {
  return fmt::format("{}/{}", address_.to_string(), prefix_);
}

}  // namespace maildiag
