/// A message as a receiver judges it: SPF of its envelope, every DKIM signature, and DMARC of its
/// author domain (RFC 9989 section 5.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/author.h"
#include "checks/context.h"
#include "checks/dkim.h"
#include "checks/dmarc.h"
#include "checks/public_suffix.h"
#include "checks/spf.h"
#include "core/result.h"

namespace maildiag::checks {

/// Author domains that are judged; section 11.5 wants a bound.
inline constexpr std::size_t max_author_domains = 5;

/// What the SMTP session told. What is not known is left out: nothing is guessed in here.
struct Envelope {
  std::optional<IpAddress> ip;        ///< of the client; nullopt: SPF cannot be evaluated
  std::string helo;                   ///< empty: not known
  std::optional<std::string> sender;  ///< reverse-path without brackets, empty for <>
};

/// How far the octets at hand can be trusted.
enum class Copy {
  exact,     ///< as they arrived: a signature that does not hold is broken
  returned,  ///< out of a bounce: servers alter what they return, so a hash that differs proves
             ///< nothing
  header,    ///< out of a bounce that returns the header alone
  none,      ///< there is no message, only what is known of it
};

/// What one authentication mechanism came to. open: what is at hand cannot tell.
enum class Standing { pass, fail, temperror, open };
std::string_view to_string(Standing standing);

/// A domain that SPF or a DKIM signature might authenticate the message for.
struct Identifier {
  std::string method;                    ///< "spf" (MAIL FROM, section 4.4.2) or "dkim"
  std::string domain;                    ///< as checked; empty: not known
  std::string selector;                  ///< of a signature
  std::optional<std::size_t> signature;  ///< index in DkimMessageReport::signatures
  Standing standing = Standing::open;
};

/// RFC 9989 section 9.2. undecided: like Standing::open.
enum class DmarcResult { pass, fail, none, temperror, permerror, undecided };
std::string_view to_string(DmarcResult result);

/// DMARC for one author domain.
struct AuthorVerdict {
  DmarcReport policy;
  std::vector<dmarc::Alignment> alignments;  ///< one for each of MessageAuth::identifiers
  DmarcResult result = DmarcResult::none;
  /// What the domain owner asks for: none after a pass; nullopt where the result gives none.
  std::optional<dmarc::Policy> disposition;
  /// What a receiver comes to that still follows RFC 7489; nullopt: not asked, or not known.
  std::optional<DmarcResult> rfc7489;
};

struct MessageAuth {
  Envelope envelope;
  Copy copy = Copy::exact;
  Authors authors;
  std::optional<SpfReport> spf;       ///< of MAIL FROM, or postmaster@HELO for <>
  std::optional<SpfReport> spf_helo;  ///< of HELO, where that is another identity
  std::optional<DkimMessageReport> dkim;
  std::vector<Identifier> identifiers;
  std::vector<AuthorVerdict> verdicts;  ///< one for each author domain, at most max_author_domains
  /// Of the message: that of its only author domain, else permerror (section 5.3.1).
  DmarcResult dmarc = DmarcResult::permerror;
  /// With several author domains the strictest of those that fail (section 11.5).
  std::optional<dmarc::Policy> disposition;
  std::vector<Finding> findings;  ///< auth.* spf.* dkim.* dmarc.*

  /// Whether an identifier is authenticated and aligned with the only author domain.
  bool aligned_pass(std::string_view method) const;
  /// {from[], authors[], envelope, spf, spf_helo, dkim, identifiers[], dmarc}; see
  /// maildiag-dmarccheck(1).
  Value to_value() const;
};

struct MessageRequest {
  Envelope envelope;
  Copy copy = Copy::exact;
  WallTime now;                              ///< when it was received: decides about x=
  std::optional<WallTime> today;             ///< signatures that expired since are told of
  const PublicSuffixes* suffixes = nullptr;  ///< nullptr: no reading by RFC 7489
  /// The copy may be older than the signature: some servers sign as they deliver and bounce what
  /// they have queued.
  bool maybe_unsigned = false;
  /// The envelope sender is an assumption: SPF is evaluated for it, but DMARC does not hang on it.
  bool sender_assumed = false;
};

/// bad_data: the octets are no message, or a larger one than is read (dkim::read_message()).
/// REQUIRES: request.copy is not Copy::none.
Task<Result<MessageAuth>> evaluate_message(Context context, std::string octets,
                                           MessageRequest request);

/// Its signatures alone; no verdicts. The same errors.
Task<Result<MessageAuth>> evaluate_signatures(Context context, std::string octets,
                                              MessageRequest request);

/// The same as evaluate_message() of a message that is not at hand, but whose author domain is
/// known: its signatures stay open.
Task<MessageAuth> evaluate_envelope(Context context, DomainName author, MessageRequest request);

}  // namespace maildiag::checks
