/// What large mailbox providers demand of senders (rules/bulk-senders.toml), point by point: what
/// can be seen from here of a domain, its sending addresses and a sample message.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/language.h>

#include "checks/arc.h"
#include "checks/context.h"
#include "checks/dkim.h"
#include "checks/message_auth.h"
#include "checks/ptr.h"
#include "core/result.h"

namespace maildiag::checks {

/// Sending addresses that are looked at.
inline constexpr std::size_t max_bulk_addresses = 50;

/// untested: what is at hand cannot tell, or nothing outside the sender can.
enum class BulkState { met, failed, unknown, untested };
std::string_view to_string(BulkState state);

struct BulkRequest {
  DomainName domain;
  std::vector<IpAddress> addresses;    ///< that send; empty: the message's client, else those of MX
  std::optional<std::string> message;  ///< the octets of a sample
  Envelope envelope;                   ///< the sample's
  std::optional<bool> tls;             ///< how it was transmitted, as its Received field says
  WallTime now;                        ///< when the sample was received
  std::optional<WallTime> today;       ///< as MessageRequest::today
};

/// One point and what it came to.
struct BulkPoint {
  std::string_view check;  ///< one of rulebook::known_sender_checks
  BulkState state = BulkState::untested;
};

struct BulkAddress {
  IpAddress ip;
  PtrResult reverse;
  std::optional<SpfReport> spf;  ///< for the domain; without a message
};

struct BulkReport {
  BulkRequest request;
  DmarcReport dmarc;
  std::vector<BulkAddress> addresses;
  bool assumed = false;               ///< they are the domain's MX: nobody said that they send
  std::optional<SpfReport> lint;      ///< where neither message nor address is given
  std::optional<DkimKeyReport> keys;  ///< without a message
  std::optional<MessageAuth> auth;
  std::optional<ArcReport> arc;
  std::vector<BulkPoint> points;  ///< in the order of rulebook::known_sender_checks
  std::vector<Finding> findings;  ///< bulk.*

  BulkState state_of(std::string_view check) const;
  /// {domain, addresses[], assumed, sample, points[], requirements[]}; see maildiag-dmarccheck(1).
  Value to_value(const rulebook::Rulebook& rulebook, Language language) const;
};
/// bad_data: the message is none (dkim::read_message()).
Task<Result<BulkReport>> check_bulk(Context context, BulkRequest request);

}  // namespace maildiag::checks
