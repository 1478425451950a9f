/// https URLs that servers name, and where their hosts are: never a place that only we can reach.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks::whois {

/// Octets; RFC 9110 section 4.1 asks for 8000, no registry comes near.
inline constexpr std::size_t max_url = 2000;

struct HttpsUrl {
  std::string host;       ///< a name or an address, lower case, without brackets
  std::string authority;  ///< as it stands in the URL
  std::string path;       ///< with query, from the slash on

  std::string text() const { return "https://" + authority + path; }
  /// nullopt: another scheme, a user, a malformed host or port, an octet that no URL has.
  static std::optional<HttpsUrl> parse(std::string_view text);
};
/// A redirect's target (RFC 3986 section 5), where it is an https URL of any host or a path of this
/// one.
std::optional<HttpsUrl> follow(const HttpsUrl& from, std::string_view location);

/// Addresses of one host that are tried; the rest is not looked at.
inline constexpr std::size_t max_host_addresses = 8;

struct HostAddresses {
  /// Public ones first. To the others only a rule of the user's own leads (net::Reach).
  std::vector<IpAddress> addresses;
  bool private_only = false;  ///< there are addresses, and none of them is public
  bool unanswered = false;    ///< DNS left it open whether there are any
};
Task<HostAddresses> find_host(Context context, std::string host);

}  // namespace maildiag::checks::whois
