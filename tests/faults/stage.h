/// What a scenario of the network is played on: a loop of virtual time, certificates, and what
/// always has to hold.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <asio/io_context.hpp>

#include <maildiag/finding.h>

#include "core/task.h"
#include "faults/dice.h"
#include "faults/scenario.h"
#include "net/network.h"
#include "support/certificate_maker.h"
#include "support/temporary_file.h"

namespace maildiag::faults {

/// The host of all certificates but one; it stands for others, too.
inline constexpr const char* host = "policy.test";
inline constexpr const char* rdap_host = "rdap.verisign.com";

/// The client trusts all but the stranger's. `expired` is nobody's any more.
struct Certificates {
  Certificates();
  test::MadeCertificate good, expired, other_name, stranger;
  test::TemporaryFile trusted;
};
/// REQUIRES: first called before time is virtual.
const Certificates& certificates();

class Stage {
 public:
  Stage(std::uint64_t seed, ScenarioEnd& end);

  void require(bool holds, const std::string& otherwise) { end.ledger.require(holds, otherwise); }
  void require_clean(std::string_view text, const std::string& what);
  /// Titles are told by the catalogue; all else of a finding comes from servers.
  void require_clean(const std::vector<Finding>& findings);
  /// Has to end within `limit` of virtual time.
  void play_out(Task<void> body, std::chrono::milliseconds limit);
  /// The same for who blocks.
  void block(const std::function<void()>& body, std::chrono::milliseconds limit);
  /// One of which each client has to think the worst, or the good one.
  const test::MadeCertificate& any_certificate();

  Dice dice;
  ScenarioEnd& end;
  net::AccessOptions options;
  asio::io_context loop{1};

 private:
  void judge_time(std::chrono::nanoseconds started, bool ended, std::chrono::milliseconds limit);
};

// What may be played; each one once.
void play_smtp(Stage& stage);
void play_http(Stage& stage);
void play_policy(Stage& stage);
void play_post(Stage& stage);
void play_whois(Stage& stage);
void play_registry(Stage& stage);

}  // namespace maildiag::faults
