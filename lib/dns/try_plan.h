/// Which server is asked next for one question, for how long one waits, and what is said when all
/// have failed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/backends.h"
#include "dns/round_trip.h"

namespace maildiag::dns {

/// The most servers of one backend (resolv.conf knows three).
inline constexpr std::size_t most_servers = 32;

/// Then a server is taken for one that does not keep the letters: who forges that many times what
/// all else is right in gains nothing from them any more.
inline constexpr unsigned most_unproven_losses = 3;

struct Server {
  ServerAddress address;
  std::string name;
  unsigned failures = 0;  ///< time-outs since its last message
  RoundTrip round_trip{};
  bool keeps_case = true;        ///< its answers repeat the letters of the question
  unsigned unproven_losses = 0;  ///< they did not, and TCP had no answer either
};
using Servers = std::vector<Server>;

struct Failure {
  Outcome outcome = Outcome::timeout;
  int rcode = -1;
  std::string reason;  ///< "SERVFAIL", "connection refused"
};

/// Tries go round the servers, those that have kept silent lately last; the second waits 1.5 times
/// as long as the first, the third twice ... After `tries` of them one more, without EDNS and with
/// the name as it was asked, waits three times as long. A server that answered something unusable
/// is not asked again and costs no try.
class TryPlan {
 public:
  struct Try {
    std::size_t server = 0;
    std::chrono::milliseconds timeout{};
    bool edns = true;
    bool mixed_case = true;
  };

  /// nullopt: nobody is left to ask.
  std::optional<Try> next(const Servers& servers, const NetworkOptions& options);
  /// The server stays in the plan: a time-out, a broken connection.
  void spend(const Server& server, Failure failure);
  /// The server is not asked again.
  void exclude(std::size_t index, const Server& server, Failure failure);
  /// The server does not know EDNS (RFC 6891 section 7): nobody gets it from now on.
  void drop_edns() { edns_ = false; }

  /// What is reported when nobody is left: the failure that says most.
  Failure verdict() const;
  /// "192.0.2.1#53: SERVFAIL; 192.0.2.2#53: timeout"
  const std::string& detail() const { return detail_; }

 private:
  std::optional<std::size_t> choose(const Servers& servers);
  void note(const Server& server, Failure failure);

  std::uint32_t excluded_ = 0;  // bits of servers
  std::uint32_t asked_ = 0;     // in this round
  unsigned spent_ = 0;
  bool edns_ = true;
  bool failed_ = false;
  Failure verdict_{Outcome::network_error, -1, {}};  // without words, which take an allocation
  std::string detail_;
};

}  // namespace maildiag::dns
