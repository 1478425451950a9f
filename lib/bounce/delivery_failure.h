/// What a bounce says, without any judgement: who, where, which reply.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/ip_address.h"

namespace maildiag::bounce {

/// An SMTP reply (RFC 5321 section 4.2), multi-line ones joined.
struct Reply {
  int code = 0;        ///< 200-599; 0: none found
  std::string status;  ///< enhanced status code "5.7.1" (RFC 3463); empty: none
  std::string text;    ///< valid UTF-8, one line: without code and status in front; what rules are
                       ///< matched against
  std::string raw;     ///< as it stood in the bounce, valid UTF-8, at most 8 KiB
};

/// Parses a reply or a diagnostic of any form: "550-5.7.1 a\r\n550 5.7.1 b", "smtp; 550 ...", "host
/// mx[192.0.2.1] said: 550 ... (in reply to RCPT TO command)", "Remote host said: 550 ...", text
/// without any code. White space is collapsed, wrappers are removed, typographic quotes and dashes
/// become ASCII. `command` and `remote_host`, `remote_ip` receive what the wrapper tells.
struct ParsedReply {
  Reply reply;
  std::string command;  ///< "RCPT TO", "DATA", "end of DATA", "MAIL FROM", "EHLO", "connect";
                        ///< empty: unknown
  std::string remote_host;
  std::optional<IpAddress> remote_ip;
};
ParsedReply parse_reply(std::string_view text);

/// The mail that came back, or what the bounce kept of it.
struct ReturnedMessage {
  bool headers_only = false;
  std::string raw;          ///< octets as they stood in the bounce; capped
  std::uint64_t size = 0;   ///< octets of the whole message; 0: only a part came back
  std::string from_domain;  ///< of the From field (RFC 5322), lower case
  std::string message_id;
  std::vector<std::pair<std::string, std::string>>
      dkim_selectors;                    ///< (selector, domain) of each DKIM-Signature
  std::optional<IpAddress> received_ip;  ///< the newest Received hop's public client address
  std::string received_helo;
  std::optional<WallTime> date;
};

enum class Action {
  failed,
  delayed,
  delivered,
  relayed,
  expanded,
  unknown
};  // RFC 3464 section 2.3.3
std::string_view to_string(Action action);

struct DeliveryFailure {
  std::string recipient;  ///< final recipient's address; empty: unknown
  std::string original_recipient;
  std::string sender;         ///< reverse-path of the returned message; empty: unknown
  std::string sender_source;  ///< "option", "dsn", "return-path", "bounce-to", "log"; "from": only
                              ///< guessed from the From field
  std::string remote_host;    ///< who replied
  std::optional<IpAddress> remote_ip;
  /// remote_host may be no name that was looked up: what the server greeted with, as Exchange
  /// writes, or one that a report does not say of this recipient.
  bool remote_greeted = false;
  std::string reporting_mta;
  Reply reply;
  Action action = Action::failed;
  std::string command;  ///< see ParsedReply
  std::optional<IpAddress> sending_ip;
  std::string sending_ip_source;  ///< "option", "reply", "received", "dsn", "log"
  std::string helo;
  std::optional<WallTime> time;
};

/// What kind of message it is. Only failure and delay are diagnosed.
enum class Kind { failure, delay, delivered, auto_reply, feedback_report, challenge, not_a_bounce };
std::string_view to_string(Kind kind);

struct Bounce {
  Kind kind = Kind::not_a_bounce;
  std::string format;  ///< which reader understood it: "rfc3464", "postfix", "sendmail", "qmail",
                       ///< "exim", "exchange", "reply"
  std::vector<DeliveryFailure> failures;
  bool full = false;  ///< it tells of as many recipients as are read, and perhaps of more
  std::optional<ReturnedMessage> returned;
};

}  // namespace maildiag::bounce
