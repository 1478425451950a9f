/// The envelope of a mail that is at hand: what the user says of it, the rest as its header tells.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <maildiag/session.h>

#include "checks/message_auth.h"
#include "core/clock.h"
#include "core/result.h"

namespace maildiag::session {

/// An envelope and where each part of it comes from.
struct EnvelopeOrigin {
  checks::Envelope envelope;
  std::string ip_source, helo_source, sender_source;  ///< "option" "received" "return-path"
  std::string by;           ///< who wrote the Received field that was used
  std::optional<bool> tls;  ///< what that field says of the transmission
};

/// Of --helo and --sender, as they were typed. usage: no host name or address literal; no address,
/// <> or nothing (nullopt; the empty string is the null reverse-path, <>).
Result<void> read_helo(const std::string& option);
Result<std::optional<std::string>> read_sender(const std::string& option);

/// What the options say of the envelope. usage: one of them is malformed.
Result<EnvelopeOrigin> read_envelope_options(const DmarcOptions& options);

/// The rest out of the message itself, as far as it tells.
void fill_envelope(EnvelopeOrigin& origin, std::string_view octets);
/// usage: address or sender stand nowhere.
Result<EnvelopeOrigin> complete_envelope(EnvelopeOrigin origin, std::string_view octets);

/// When the message came in: the date of its newest Received field (RFC 5321 section 4.4), as the
/// server that took it noted; `now` where there is none, or a later one.
WallTime received_at(std::string_view octets, WallTime now);

}  // namespace maildiag::session
