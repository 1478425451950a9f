/// Why a connection or a transfer did not end well.
#pragma once

#include <string_view>

namespace maildiag::net {

enum class Fault {
  none,
  refused,      ///< TCP: connection refused
  unreachable,  ///< no route, no such network, no permission
  timeout,      ///< see the times and the stage for what was waited for
  closed,       ///< by the other side, before the end
  certificate,  ///< the handshake ended because the certificate was not trusted
  handshake,    ///< TLS could not be agreed on
  protocol,     ///< what came is not the protocol that was asked for
  too_large,    ///< more octets than the cap
  offline,      ///< not tried: see AccessOptions::offline and Reach
  no_library,   ///< libcurl cannot work: it or free files are wanting
  trust_store,  ///< the file of certificates to trust is missing, or libcurl cannot read it
};

/// Something is wanting on this machine, which says nothing about the other side.
bool is_own(Fault fault);

/// Where a connection may lead. What strangers wrote (a bounce, a redirect, a record) must not lead
/// into the network of whoever reads it.
enum class Reach { any, public_only };

/// "none", "refused", "no-library": the word in JSON.
std::string_view to_string(Fault fault);

}  // namespace maildiag::net
