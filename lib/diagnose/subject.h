/// Whom the checks are about: what the bounce, its reply and the user's options say together.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bounce/delivery_failure.h"
#include "core/domain_name.h"
#include "core/ip_address.h"
#include "rulebook/rulebook.h"

namespace maildiag::diagnose {

struct Subject {
  std::optional<IpAddress> ip;  ///< the sending server
  std::string sender;           ///< reverse-path
  /// `sender`, or what stands for it, is not what the envelope said for sure.
  bool sender_assumed = false;
  std::string helo;
  std::optional<DomainName> sender_domain;
  /// Of the From field; where nothing shows it, the sender's.
  std::optional<DomainName> author_domain;
  std::optional<DomainName> recipient_domain;
  std::optional<DomainName> listed_domain;  ///< what a domain list would be asked about
  std::string list;                         ///< the DNSBL that the reply names, as it stands there
  std::shared_ptr<const bounce::ReturnedMessage> returned;  ///< nullptr: the bounce has none
  std::optional<WallTime> time;                             ///< of the failure
  std::string remote_host;                                  ///< who replied; empty: not known
  std::optional<IpAddress> remote_ip;                       ///< the same
  bool remote_greeted = false;  ///< remote_host may be the name that the server greets with only
  bool passive = false;         ///< the receiver itself must not be asked
};

Subject find_subject(const bounce::DeliveryFailure& failure,
                     std::shared_ptr<const bounce::ReturnedMessage> returned,
                     const rulebook::Match& match, const rulebook::Cause& cause);

/// Octets of the message that came back; 0: not known.
std::uint64_t message_octets(const Subject& subject);

/// How much of a sender makes a subject of its own: SPF macros (RFC 7208 section 7) may ask for the
/// local part, which hardly any record does.
enum class SenderScope { address, domain };

/// Two failures of one cause with the same key get the same answers from the checks. nullopt: the
/// cause runs a check that looks at the returned message itself, so nothing may be shared.
std::optional<std::string> subject_key(const rulebook::Cause& cause, const Subject& subject,
                                       SenderScope scope);

/// The value of a named group of the winning rule; empty: none.
std::string_view fact(const rulebook::Match& match, std::string_view name);

}  // namespace maildiag::diagnose
