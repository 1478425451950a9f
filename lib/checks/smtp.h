/// A mail server as those see it who bring mail: greeting, names, what it offers, TLS (RFC 5321,
/// RFC 3207). Nothing is ever sent: the dialogue ends with QUIT before any message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/certificate.h"
#include "checks/context.h"
#include "checks/ptr.h"
#include "checks/smtp_extensions.h"
#include "checks/smtp_reply.h"
#include "net/smtp.h"

namespace maildiag::checks {

/// TLS from the first octet (RFC 8314 section 3.3).
inline constexpr std::uint16_t submissions_port = 465;

struct SmtpQuestion {
  IpAddress address;
  std::uint16_t port = 25;
  std::optional<DomainName> host;  ///< the MX name; none: only the address is known
  std::string helo_name;           ///< empty: the network's
  std::optional<net::RelayQuestion> relay;
  net::Reach reach = net::Reach::any;
  std::chrono::milliseconds greeting_timeout{30000};
  ExpiryLimits limits;
  WallTime now;
};

/// "mx1.example.com[192.0.2.1]:25", as Postfix writes it.
std::string server_text(const SmtpQuestion& question);

/// How far we were let in. All but `ready` say why nothing more is known of the server.
enum class SmtpState {
  ready,        ///< greeted, and answered EHLO
  deferred,     ///< greeted with 4yz
  rejected,     ///< greeted with 5yz
  not_smtp,     ///< something else speaks there
  closed,       ///< before a greeting
  silent,       ///< no greeting in time
  refused,      ///< no such port
  unreachable,  ///< no way from here
  no_answer,    ///< to the attempt to connect
  no_tls,       ///< where TLS has to come first
  no_ehlo,      ///< EHLO was refused
  broken_off,   ///< after the greeting
  untried,      ///< connections were not allowed, or libcurl is missing from the start
};
std::string_view to_string(SmtpState state);

struct SmtpReport {
  SmtpQuestion question;
  net::SmtpTalk talk;
  SmtpState state = SmtpState::untried;
  std::string banner_name;                 ///< the first word of a greeting 220, as it stands
  SmtpExtensions clear, secured;           ///< before and after STARTTLS
  std::optional<Certificate> certificate;  ///< the server's own
  std::optional<bool> name_matches;        ///< whether it is for `host`, or for the bare address
  std::optional<PtrResult> reverse;        ///< of a server that is ready
  std::optional<ReplyCause> cause;         ///< what the words of a refusal mean
  std::vector<Finding> findings;           ///< smtp.*

  bool implicit_tls() const { return question.port == submissions_port; }
  /// {address, port, host, source, state, connect_ms, banner_ms, banner, code, extensions[],
  /// starttls{...} ...}; see maildiag-smtpcheck(1).
  Value to_value() const;
};

/// Exactly one finding where the server did not let us in. REQUIRES: context.network may be
/// nullptr: nothing is known then.
Task<SmtpReport> check_smtp(Context context, SmtpQuestion question);

}  // namespace maildiag::checks
