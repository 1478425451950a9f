/// What SMTP, HTTP and whois servers may do, and what has to come of it.
#pragma once

#include <cstddef>
#include <string>

#include "faults/dice.h"
#include "faults/hostile_tcp.h"

namespace maildiag::faults {

enum class Outcome {
  whole,    ///< what was sent is complete: it has to be told as it was sent
  broken,   ///< it is not: this has to be said
  unclear,  ///< nobody can tell
};

struct Play {
  std::string name;
  Script script;
  Outcome outcome = Outcome::whole;
};

/// Replies of a server up to QUIT. `greeted`, `introduced`: greeting and EHLO are complete.
struct SmtpPlay : Play {
  bool greeted = true, introduced = true;
};
SmtpPlay smtp_play(Dice& dice);

struct HttpPlay : Play {
  long status = 200;
  std::string body{};
};
HttpPlay http_play(Dice& dice);

/// `body`: the text.
HttpPlay whois_play(Dice& dice);

}  // namespace maildiag::faults
