/// IPv4 and IPv6 addresses and networks as values.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace maildiag {

class IpAddress {
 public:
  enum class Family { ip4, ip6 };

  IpAddress() = default;
  static IpAddress from_v4(std::array<std::uint8_t, 4> octets);
  static IpAddress from_v6(const std::array<std::uint8_t, 16>& octets);
  /// Dotted quad or RFC 4291 text; `[...]` and `IPv6:` (RFC 5321 literals) are accepted, a scope is
  /// not.
  static std::optional<IpAddress> parse(std::string_view text);

  Family family() const { return family_; }
  bool is_v4() const { return family_ == Family::ip4; }
  bool is_v6() const { return family_ == Family::ip6; }
  /// 4 or 16.
  std::size_t size() const { return is_v4() ? 4 : 16; }
  const std::uint8_t* data() const { return octets_.data(); }

  /// An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) becomes the IPv4 one; others are
  /// unchanged.
  IpAddress unmapped() const;
  /// Canonical text (RFC 5952 for IPv6).
  std::string to_string() const;
  /// Octets or nibbles in reverse order with dots, without a zone: "7.113.0.203" (RFC 5782
  /// section 2.1, 2.4).
  std::string reversed() const;
  /// The name of the PTR record: reversed() under in-addr.arpa or ip6.arpa (RFC 1035 section 3.5,
  /// RFC 3596 section 2.5).
  std::string ptr_name() const;

  /// Not to be met on the public Internet: RFC 1918, loopback, link-local, unique local,
  /// documentation, CGNAT, multicast ...
  bool is_special() const;
  /// May be met on the public Internet, or stands for such a one in an example (RFC 5737,
  /// RFC 3849).
  bool is_public() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  Family family_ = Family::ip4;
  std::array<std::uint8_t, 16> octets_{};  // an IPv4 address stands in the first four
};

/// An address with a prefix length, host bits cleared.
class IpNetwork {
 public:
  /// REQUIRES: prefix <= 8 * address.size().
  IpNetwork(const IpAddress& address, unsigned prefix);
  /// "192.0.2.0/24", "2001:db8::/32"; a bare address is a /32 or /128.
  static std::optional<IpNetwork> parse(std::string_view text);

  const IpAddress& address() const { return address_; }
  unsigned prefix() const { return prefix_; }
  bool contains(const IpAddress& address) const;
  std::string to_string() const;

  friend auto operator<=>(const IpNetwork&, const IpNetwork&) = default;

 private:
  IpAddress address_;
  unsigned prefix_ = 0;
};

}  // namespace maildiag
