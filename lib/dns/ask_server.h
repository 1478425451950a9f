/// One question to one server, and its answer as it came: flags, size, EDNS, all sections. What a
/// resolver smooths over is what one wants to see of a server that may be at fault.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "core/task.h"
#include "dns/answer.h"
#include "dns/backends.h"

namespace maildiag::dns {

struct ServerQuestion {
  ServerAddress server;
  std::optional<IpAddress> source;  ///< of the server's family; none: as the routes say
  Question question;
  bool tcp = false;  ///< else UDP, and a truncated answer stays truncated
  bool edns = true;
  bool recursion = false;                   ///< the RD bit
  std::chrono::milliseconds timeout{2000};  ///< of each try
  unsigned tries = 2;                       ///< over UDP, where packets get lost
};

struct ServerReply {
  /// timeout, network_error or malformed: nothing usable came, see `error` and `detail`. answer:
  /// NOERROR with a record of the asked type in the answer section.
  Outcome outcome = Outcome::timeout;
  std::error_code error;  ///< of the network
  std::string detail;
  int rcode = -1;  ///< -1: no answer
  std::size_t octets = 0;
  bool authoritative = false, truncated = false, recursion_available = false;
  bool edns = false;                                      ///< there is an OPT record in it
  std::vector<Record> answers, authorities, additionals;  ///< class IN, without OPT
  std::chrono::microseconds elapsed{0};                   ///< since the first try

  bool came() const { return rcode >= 0; }
};

Task<ServerReply> ask_server(ServerQuestion question);

/// As evidence of a finding (see Evidence); `server` as people know it.
Evidence to_evidence(const Question& question, const ServerReply& reply, const std::string& server);

}  // namespace maildiag::dns
