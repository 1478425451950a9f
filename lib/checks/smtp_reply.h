/// What the words of a refusal mean, by the rulebook.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <maildiag/value.h>

#include "net/smtp.h"
#include "rulebook/rulebook.h"

namespace maildiag::checks {

/// A reply as the rules see it: one line, without codes.
struct ReplyWords {
  std::string status;  ///< "5.7.1" of the first line (RFC 3463); empty: none
  std::string text;
};
ReplyWords reply_words(const net::SmtpReply& reply);

struct ReplyCause {
  const rulebook::Rule* rule = nullptr;    ///< lives as long as the rulebook
  const rulebook::Cause* cause = nullptr;  ///< the same
  /// {rule, cause, title{en,ko}, meaning{en,ko}, facts{}}
  Value value;
};
/// nullopt: no rule knows the words. `host` may be empty.
std::optional<ReplyCause> cause_of(const rulebook::Rulebook& rulebook, const net::SmtpReply& reply,
                                   std::string_view host);

/// "554 5.7.1 first line second line".
std::string reply_text(const net::SmtpReply& reply);

}  // namespace maildiag::checks
