/// The mail servers of a watched target: whether they take connections, and their certificates.
#pragma once

#include <vector>

#include "session/impl.h"
#include "session/targets.h"
#include "watch/item.h"

namespace maildiag::session {

struct ServerParts {
  bool smtp = false;  ///< greeting, names, what is offered
  bool tls = false;   ///< handshake and certificate
  bool any() const { return smtp || tls; }
};

struct ServerSights {
  std::vector<watch::Observation> observations;  ///< one a part and server, port 25
  std::vector<Finding> findings;
  bool all = true;  ///< false: there may be more, whose names or addresses are not known now
};

/// A server that does not answer stays as it is remembered; after Policy::patience that is told.
Task<ServerSights> look_at_servers(Session::Impl& impl, Target target, ServerParts parts);

}  // namespace maildiag::session
