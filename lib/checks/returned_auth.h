/// The authentication of a message that came back, as far as the copy in the bounce can tell.
#pragma once

#include <string>
#include <vector>

#include "checks/message_auth.h"

namespace maildiag::checks {

/// The signatures alone: dkim.*, and auth.dkim-pass or auth.dkim-fail where the copy decides it.
Task<std::vector<Finding>> check_returned_dkim(Context context, std::string octets,
                                               MessageRequest request);

/// Everything that evaluate_message() or, with Copy::none, evaluate_envelope() finds, and
/// auth.both, auth.one-only, auth.none or auth.no-spf where it is decided. `author` counts where
/// the octets name none.
Task<std::vector<Finding>> check_returned_message(Context context, std::string octets,
                                                  DomainName author, MessageRequest request);

/// The newest Received field is of a server that signs while it delivers (Exim, qmail): what it
/// bounces can be older than its signature.
bool may_precede_signing(std::string_view octets);

}  // namespace maildiag::checks
