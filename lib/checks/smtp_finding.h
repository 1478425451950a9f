/// How the findings of smtpcheck are made of a finished report.
#pragma once

#include <string_view>
#include <vector>

#include "checks/smtp.h"

namespace maildiag::checks::smtp {

/// data {server, host, address, port}; evidence: the greeting, where there was one.
Finding make(std::string_view id, Severity severity, const SmtpReport& report);
/// The same with {kind: "smtp", text} as evidence.
Evidence line_evidence(std::string_view text);

/// The reply to EHLO that turned us away: that within TLS, or the first. REQUIRES: one did.
const net::SmtpReply& refused_hello(const net::SmtpTalk& talk);

/// How the server received us: always one finding; a second of a ready one that was slow.
void add_entry(const SmtpReport& report, std::vector<Finding>& findings);
/// What it offers: STARTTLS, AUTH.
void add_offer(const SmtpReport& report, std::vector<Finding>& findings);
/// The handshake and the certificate.
void add_tls(const SmtpReport& report, std::vector<Finding>& findings);
/// What it said to RCPT of a stranger to a stranger.
void add_relay(Context context, const SmtpReport& report, std::vector<Finding>& findings);
/// What it calls itself, against DNS. Fills `report.reverse`.
Task<void> check_names(Context context, SmtpReport& report);

}  // namespace maildiag::checks::smtp
