/// What the evaluation of a message comes to, as findings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/message_auth.h"

namespace maildiag::checks::message_auth {

/// Nothing is wrong with the signature and its key but that the text is another one: in a copy that
/// was altered on its way back this proves nothing.
bool is_broken_by_content(const DkimSignature& signature);

/// SPF for an envelope sender in the author domain: what would have to be published. Asked where
/// DMARC failed and MAIL FROM is not aligned.
Task<std::optional<SpfReport>> ask_author_spf(Context context, const MessageAuth& auth);

/// What each mechanism said, as in an Authentication-Results field (RFC 8601):
/// "spf=fail smtp.mailfrom=example.net; dkim=permerror (key-missing) header.d=example.com
/// header.s=s1".
std::string mechanisms_text(const MessageAuth& auth);

/// The ids of those findings that say what keeps the mechanisms from passing: "because" of a
/// deciding finding, which makes their remedies its own.
Value reasons_among(const std::vector<Finding>& findings);

/// Whether the message is known to pass or fail: one aligned pass needs no sending address.
bool decides_dmarc(const std::vector<Finding>& findings);

std::vector<Finding> make_findings(const MessageAuth& auth,
                                   const std::optional<SpfReport>& author_spf, bool maybe_unsigned);

}  // namespace maildiag::checks::message_auth
