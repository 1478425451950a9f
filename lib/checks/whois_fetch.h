/// A GET from a host that a stranger named, over its redirects: https and public addresses only.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <maildiag/finding.h>

#include "checks/context.h"
#include "checks/whois_url.h"

namespace maildiag::checks::whois {

/// RFC 7480 section 5.2 lets servers redirect; a registry needs one hop, ARIN's at times two.
inline constexpr int max_redirects = 3;

struct Fetched {
  bool answered = false;  ///< `reply` holds an answer that is no redirect
  bool offline = false;   ///< no connection was to be made
  net::HttpReply reply;
  std::string host;  ///< the last one that was asked
  Value reason;      ///< why not: a text, or {en, ko}
  std::vector<Evidence> evidence;
};
/// REQUIRES: context.network.
Task<Fetched> fetch_public(Context context, std::string url, std::string accept,
                           std::size_t max_body, std::chrono::milliseconds timeout);

/// A label in both languages, as findings carry it.
Value words(const rulebook::Rulebook& rulebook, std::string_view label);
/// Why a host has no address to go to. REQUIRES: it has none.
Value no_address(const rulebook::Rulebook& rulebook, const HostAddresses& host);

}  // namespace maildiag::checks::whois
