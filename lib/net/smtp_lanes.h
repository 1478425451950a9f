/// One dialogue at a time with each server, and no second wait for one that has just not answered.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include <asio/steady_timer.hpp>

#include "net/network.h"

namespace maildiag::net {

/// A time-out stands for all who ask the same server the same thing within this time: a domain with
/// many names for one address that drips would otherwise cost a time-out a name.
inline constexpr std::chrono::seconds timeout_memory{60};

class SmtpLanes {
 public:
  /// REQUIRES: `options` outlive the task.
  Task<SmtpTalk> talk(const AccessOptions& options, Endpoint endpoint, SmtpRequest request);

 private:
  using Clock = std::chrono::steady_clock;
  class Pass;
  struct Ended {
    SmtpRequest request;
    SmtpTalk talk;
    Clock::time_point at;
  };

  Task<std::unique_ptr<Pass>> enter(Endpoint endpoint);
  void leave(const Endpoint& endpoint);
  std::optional<SmtpTalk> known(const Endpoint& endpoint, const SmtpRequest& request);
  void forget_old();

  std::map<Endpoint, std::shared_ptr<asio::steady_timer>> open_;  ///< set: somebody waits
  std::multimap<Endpoint, Ended> ended_;                          ///< by a time-out, not long ago
};

/// `talk`, which `first` got, as the answer to `second`.
SmtpTalk repeat_of(SmtpTalk talk, const SmtpRequest& first, const SmtpRequest& second);

}  // namespace maildiag::net
