/// One question to one name server directly.
#pragma once

#include <string>

#include "dns/ask_server.h"
#include "net/fault.h"

namespace maildiag::net {

struct AccessOptions;

struct NameServerRequest {
  std::string host;  ///< its name, for connect-to rules; may be empty
  dns::ServerQuestion question;
  Reach reach = Reach::any;
};
struct NameServerReply {
  Fault fault = Fault::none;  ///< offline: not asked, nor recorded; else see `reply`
  dns::ServerReply reply;
};

/// `access` outlives the task. A recording is asked first, and what it does not hold goes where a
/// rule of connect_to leads.
Task<NameServerReply> ask_name_server(const AccessOptions& access, NameServerRequest request);

}  // namespace maildiag::net
