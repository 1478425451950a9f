/// What SMTP, HTTP and whois servers may do, and what has to come of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "checks/whois_ask.h"
#include "faults/dice.h"
#include "faults/hostile_tcp.h"
#include "net/fault.h"

namespace maildiag::faults {

enum class Outcome {
  whole,    ///< what was sent is complete: it has to be told as it was sent
  cut,      ///< it ends too early, or not in time: that, and no more, has to be said
  broken,   ///< it is no such answer: this has to be said
  unclear,  ///< nobody can tell
};

struct Play {
  std::string name;
  Script script;
  Outcome outcome = Outcome::whole;
  std::optional<net::Fault> fault{};  ///< the only right one of a broken one; none: several are
};

/// Terminals would obey: CSI, OSC, NUL, a C1 control, a change of direction.
std::string escapes();
Step sent(std::string octets);
/// Below each time-out.
Step delay(Dice& dice);
/// Any other octet at this place.
void damage(std::string& octets, std::size_t place, Dice& dice);
/// Over and over.
Step endless(const std::string& octets);
void append(Script& to, Script more);

/// Replies of a server up to QUIT.
struct SmtpPlay : Play {
  static constexpr int any = -1;
  int greeting = 220, ehlo = 250;  ///< their codes; 0: there is none, or not its end
  bool offers_tls = false;
  bool secured = false;  ///< there is a handshake
  int ehlo_again = 0;    ///< within TLS
  bool ready = true;     ///< it lets us in, as far as it was asked
  bool asks_relay = false;
  std::string relay{};  ///< what has to be found then; empty: several are right
  std::string never{};  ///< the finding of relaying that is not so
};
SmtpPlay smtp_play(Dice& dice);
/// Late, too early or in another order, or true replies of which one octet was damaged.
SmtpPlay smtp_twist(Dice& dice);

struct HttpPlay : Play {
  long status = 0;  ///< whose line is complete; 0: none
  std::string body{};
};
/// `fields`: of the header, each with its line end. A whole one has `body`.
HttpPlay http_play(Dice& dice, const std::string& body, const std::string& fields = "");
/// An answer of a status with a body.
std::string page(const std::string& status, const std::string& fields, const std::string& body);

/// `body`: the text.
HttpPlay whois_play(Dice& dice, const std::string& text);

/// A registry of example.com. Several scripts: for one connection after the other.
struct RegistryPlay {
  std::string name;
  std::vector<Script> scripts;
  bool unclear = false;
  /// Where it is not unclear: what it tells; none: nothing.
  std::optional<checks::whois::WhoisOutcome> told{};
};
/// Its first steps read the request, without a handshake. `host`: its own.
RegistryPlay rdap_play(Dice& dice, const std::string& host);
RegistryPlay port43_play(Dice& dice, const std::string& host);

}  // namespace maildiag::faults
