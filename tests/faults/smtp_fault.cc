#include <utility>

#include "faults/talk_fault.h"

namespace maildiag::faults {
namespace {

using Kind = Step::Kind;
using net::Fault;
using std::chrono::milliseconds;

constexpr milliseconds too_slow{3000}, in_time{2};
const Step read_line{Kind::read_line, ""}, silence{Kind::silence, ""}, reset{Kind::reset, ""},
    half_close{Kind::half_close, ""};

struct BadReply : Play {
  int code = 0;  ///< what it is to be told with; 0: it is no reply
};

/// In place of a reply: nothing, nothing that ends, half of one, or more than one.
BadReply bad_reply(const std::string& code, Dice& dice) {
  const int wanted = std::stoi(code);
  const bool positive = wanted < 300;  // behind a refusal nothing counts
  // A greeting alone may turn into a refusal.
  const bool turns = wanted != 220 && wanted < 500;
  const auto refusal = dice.pick({554, 421});
  const std::string two_lines = code + "-one\r\n" + code + " two";
  const std::vector<BadReply> all{
      {{"silence", {silence}, Outcome::cut}},
      {{"close", {}, Outcome::cut}},
      {{"reset", {reset}, Outcome::cut}},
      {{"half-closed", {half_close}, Outcome::cut}},
      {{"half a line", {sent(code + " hal")}, Outcome::cut}},
      {{"half a line and reset", {sent(code + " hal"), reset}, Outcome::cut}},
      {{"half a line and half-closed", {sent(code + " hal"), half_close}, Outcome::cut}},
      {{"half a line and silence", {sent(code + " hal"), silence}, Outcome::cut}},
      {{"one line of two", {sent(code + "-one\r\n")}, Outcome::cut}},
      {{"one line of two and silence", {sent(code + "-one\r\n"), silence}, Outcome::cut}},
      {{"no last line end", {sent(two_lines)}, Outcome::cut}},
      {{"some of it", {sent(two_lines.substr(0, dice.below(two_lines.size())))}, Outcome::cut}},
      {{"slow", {{Kind::drip, code + std::string(200, 'x') + "\r\n", too_slow}}, Outcome::broken}},
      {{"slow line", {{Kind::drip, code + " slow and slower still\r\n", too_slow}}, Outcome::cut}},
      {{"no line end", {endless(std::string(4096, 'x'))}, Outcome::broken, Fault::protocol}},
      {{"line ends", {endless("\r\n\n\r")}, Outcome::broken, Fault::protocol}},
      {{"no last line", {endless(code + "-more and more\r\n")}, Outcome::broken, Fault::too_large}},
      {{"long lines",
        {endless(code + "-" + std::string(10'000, 'y') + "\r\n")},
        Outcome::broken,
        Fault::too_large}},
      {{"one long line",
        {sent(code + " "), endless(std::string(4096, 'z'))},
        Outcome::broken,
        Fault::too_large}},
      {{"NUL", {endless(std::string(4096, '\0'))}, Outcome::broken, Fault::protocol}},
      {{"octets", {sent("\x80" + dice.octets(dice.between(1, 5000)))}, Outcome::broken}},
      {{"no code", {sent("hello there\r\n"), silence}, Outcome::broken, Fault::protocol}},
      {{"no such code",
        {sent(dice.pick({"099 ", "999 ", "2200 ", "22 ", "2x0 ", "150 "}) + std::string("no\r\n"))},
        Outcome::broken,
        Fault::protocol}},
      {{"a refusal", {sent(std::to_string(refusal) + " no\r\n")}, Outcome::unclear}, refusal},
      {{"codes that differ",
        {sent(code + "-one\r\n554 two\r\n")},
        turns ? Outcome::broken : Outcome::unclear,
        turns ? std::optional(Fault::protocol) : std::nullopt},
       turns ? 0 : 554},
      {{"the next replies, too",
        {sent(code + " one\r\n250-mail.test\r\n250 STARTTLS\r\n220 go ahead\r\n")},
        positive ? Outcome::broken : Outcome::unclear,
        positive ? std::optional(Fault::protocol) : std::nullopt},
       wanted},
  };
  return dice.pick(all);
}

/// The same within TLS, where there is more to break.
BadReply bad_reply_inside(const std::string& code, Dice& dice) {
  const std::vector<BadReply> more{
      {{"octets past TLS", {{Kind::raw, "\x16\x03" + dice.octets(300)}}, Outcome::broken}},
      {{"clear text past TLS", {{Kind::raw, code + " in clear\r\n"}, silence}, Outcome::broken}},
      {{"half a line and octets past TLS",
        {sent(code + " hal"), {Kind::raw, "\x17\x03\x03\x01" + dice.octets(300)}, silence},
        Outcome::broken}},
  };
  return dice.chance(30) ? dice.pick(more) : bad_reply(code, dice);
}

/// In place of a handshake.
Script bad_handshake(Dice& dice) {
  const std::vector<Script> all{
      {sent("220 go ahead\r\n250-injected\r\n250 AUTH PLAIN\r\n")},
      {sent("220 go ahead\r\n"), sent(dice.octets(300))},
      {sent("220 go ahead\r\n"), sent("\x16\x03\x03\x7f\xff" + dice.octets(3000)), silence},
      {sent("220 go ahead\r\n"), silence},
      {sent("220 go ahead\r\n"), half_close},
      {sent("220 go ahead\r\n"), reset},
      {sent("220 go ahead\r\n")},
      {sent("220 go ahead\r\n"), endless("250 plain text goes on\r\n")},
      {sent("220-go\r\n")},
      {sent("220-go\r\n454 not now\r\n")},
      {sent("454 not now\r\n")},
      {reset},
  };
  return dice.pick(all);
}

/// MAIL, RCPT and RSET.
void add_relay(SmtpPlay& play, Dice& dice) {
  struct Answer {
    const char* line;
    const char* found;
  };
  constexpr const char *undecided = "smtp.relay-undecided", *open = "smtp.relay-not-refused",
                       *closed = "smtp.relay-refused";
  play.asks_relay = true;
  append(play.script, {read_line, sent("250 sender ok\r\n"), read_line});
  const auto roll = dice.below(100);
  if (roll < 50) {
    const auto answer = dice.pick<Answer>({{"250 ok", open},
                                           {"554 5.7.1 Relay access denied", closed},
                                           {"454 4.7.1 <x@y>: Relay access denied", closed},
                                           {"451 4.3.0 try again later", undecided},
                                           {"421 bye", undecided}});
    append(play.script,
           {sent(std::string(answer.line) + "\r\n"), read_line, sent("250 reset\r\n")});
    play.relay = answer.found;
    return;
  }
  const auto* const code = dice.pick({"250", "550"});
  auto bad = play.secured ? bad_reply_inside(code, dice) : bad_reply(code, dice);
  play.name += "RCPT: " + bad.name;
  // No words of such a reply are about relaying, whole as it may be.
  play.relay = bad.code == 250 ? "" : undecided;
  play.outcome = bad.outcome;
  play.fault = bad.fault;
  append(play.script, std::move(bad.script));
}

/// Ends a play by a reply that is none; `code`: what of it has to be known.
void end_by(BadReply bad, const std::string& where, int& code, SmtpPlay& play) {
  play.name += where + ": " + bad.name;
  play.outcome = bad.outcome;
  play.fault = bad.fault;
  play.ready = false;
  code = bad.code;
  append(play.script, std::move(bad.script));
}

void add_quit(SmtpPlay& play, Dice& dice) {
  play.script.push_back(read_line);
  if (dice.chance(50)) {
    auto bad = play.secured ? bad_reply_inside("221", dice) : bad_reply("221", dice);
    play.name += "QUIT: " + bad.name;
    append(play.script, std::move(bad.script));
  } else {
    play.name += "all is well";
    play.script.push_back(sent("221 bye\r\n"));
  }
}

}  // namespace

SmtpPlay smtp_play(Dice& dice) {
  SmtpPlay play;
  const auto way = dice.pick({Kind::send, Kind::send, Kind::drip});
  const Step greeting{way, "220 mail.test ESMTP " + (dice.chance(30) ? escapes() : "") + "\r\n",
                      in_time};
  play.offers_tls = dice.chance(60);
  const Step ehlo{way,
                  "250-mail.test\r\n250-SIZE 1000\r\n250 " +
                      std::string(play.offers_tls ? "STARTTLS" : "8BITMIME") + "\r\n",
                  in_time};
  const auto stage = dice.below(play.offers_tls ? 8 : 4);
  if (stage == 0) {
    play.ehlo = 0;
    end_by(bad_reply("220", dice), "greeting", play.greeting, play);
    return play;
  }
  play.script = {greeting, read_line};
  if (stage == 1) {
    end_by(bad_reply("250", dice), "EHLO", play.ehlo, play);
    return play;
  }
  append(play.script, {ehlo});
  if (play.offers_tls) append(play.script, {read_line});
  if (play.offers_tls && stage < 4) {
    play.name = "STARTTLS";
    play.outcome = Outcome::unclear;
    append(play.script, bad_handshake(dice));
    return play;
  }
  if (play.offers_tls) {
    play.name = "in TLS, ";
    play.secured = true;
    play.ehlo_again = 250;
    append(play.script, {sent("220 go ahead\r\n"), {Kind::handshake, ""}, read_line});
    if (stage < 6) {
      end_by(bad_reply_inside("250", dice), "EHLO", play.ehlo_again, play);
      return play;
    }
    append(play.script, {{way, "250-mail.test\r\n250 SIZE 1000\r\n", in_time}});
  }
  if (dice.chance(50)) {
    add_relay(play, dice);
    if (play.outcome != Outcome::whole) return play;
  }
  add_quit(play, dice);
  return play;
}

}  // namespace maildiag::faults
