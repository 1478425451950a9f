// What an SMTP server says, in pieces as they come, and what the rules make of it.
#include "checks/smtp_reply.h"

#include <algorithm>
#include <string>
#include <vector>

#include "checks/smtp_extensions.h"
#include "core/text.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "net/smtp_reply.h"

namespace maildiag::fuzz {

namespace {

using net::SmtpReplyReader;

struct Outcome {
  SmtpReplyReader::State state{};
  net::SmtpReply reply;
};

/// Reads until the reply is whole, `step` octets at a time.
Outcome read_in_steps(std::string_view octets, std::size_t step) {
  SmtpReplyReader reader([](std::string_view line) {
    require(line.size() <= net::max_reply_line, "a line is bounded");
  });
  Outcome outcome;
  while (!octets.empty() && outcome.state == SmtpReplyReader::State::unfinished) {
    outcome.state = reader.read(octets.substr(0, step));
    octets.remove_prefix(std::min(step, octets.size()));
  }
  outcome.reply = reader.take();
  return outcome;
}

void check_reply(const Outcome& outcome) {
  const auto& reply = outcome.reply;
  require(reply.lines.size() <= net::max_reply_lines, "lines are bounded");
  require((outcome.state == SmtpReplyReader::State::whole) == reply.came(),
          "only a whole reply has a code");
  require(!reply.came() || (reply.code >= 200 && reply.code <= 599), "a code is one of SMTP");
  for (const auto& line : reply.lines)
    require(is_one_safe_line(line), "a line is safe for a terminal");
}

const rulebook::Rulebook& shipped_rules() {
  static const auto rules = rulebook::Rulebook::load({});
  require(rules.has_value(), "the shipped rules load");
  return **rules;
}

}  // namespace

void smtp_reply(std::string_view octets) {
  const auto whole = read_in_steps(octets, octets.size() + 1);
  check_reply(whole);
  const auto piecewise = read_in_steps(octets, 1 + octets.size() % 7);
  check_reply(piecewise);
  require(whole.reply.code == piecewise.reply.code, "pieces change no code");
  if (whole.reply.came())
    require(whole.reply.lines == piecewise.reply.lines, "pieces change no line");
  (void)net::offers(whole.reply, "STARTTLS");
  const auto words = checks::reply_words(whole.reply);
  require(words.text.find('\n') == std::string::npos, "the words are one line");
  if (const auto cause = checks::cause_of(shipped_rules(), whole.reply, "mx.example.com"))
    require(cause->rule != nullptr && cause->cause != nullptr, "a cause has a rule");
  (void)checks::reply_text(whole.reply);
}

}  // namespace maildiag::fuzz
