/// The session's way beyond DNS.
#pragma once

#include <memory>

#include <maildiag/session_options.h>

#include "core/result.h"
#include "net/network.h"

namespace maildiag::session {

/// Of single name servers: where they are written, and where they come from.
struct ServerAnswers {
  std::shared_ptr<dns::ServerRecorder> recorder;
  std::shared_ptr<const dns::ServerReplies> recorded;
};

/// usage: a --connect-to that is none. no_input: the file of certificates cannot be read. bad_data:
/// it holds none. With DNS answers from files only what a --connect-to names is reached.
Result<std::unique_ptr<net::Network>> open_network(const SessionOptions& options,
                                                   ServerAnswers servers);

}  // namespace maildiag::session
