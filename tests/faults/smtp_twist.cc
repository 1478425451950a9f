#include <utility>

#include "faults/talk_fault.h"

namespace maildiag::faults {
namespace {

using Kind = Step::Kind;
using net::Fault;

const Step read_line{Kind::read_line, ""};
constexpr const char *greeting = "220 mail.test ESMTP\r\n",
                     *ehlo = "250-mail.test\r\n250-SIZE 1000\r\n250 8BITMIME\r\n",
                     *bye = "221 bye\r\n";

/// All replies are true, and none comes at once.
SmtpPlay late(Dice& dice) {
  SmtpPlay play;
  play.name = "delays";
  play.script = {delay(dice), sent(greeting), read_line, delay(dice), sent(ehlo), read_line};
  if (dice.chance(50)) {
    play.asks_relay = true;
    play.relay = "smtp.relay-refused";
    append(play.script, {delay(dice), sent("250 ok\r\n"), read_line, delay(dice),
                         sent("554 5.7.1 Relay access denied\r\n"), read_line, delay(dice),
                         sent("250 reset\r\n"), read_line});
  }
  append(play.script, {delay(dice), sent(bye)});
  return play;
}

/// Nobody has asked yet for what comes, or for something else.
SmtpPlay out_of_turn(Dice& dice) {
  SmtpPlay play;
  play.ready = false;
  play.outcome = Outcome::broken;
  const std::string starttls = "250-mail.test\r\n250 STARTTLS\r\n";
  switch (dice.below(4)) {
    case 0:
      play.name = "EHLO's reply with the greeting";
      play.script = {sent(std::string(greeting) + ehlo), read_line, sent(bye)};
      play.ehlo = 0;
      break;
    case 1:
      play.name = "STARTTLS's reply with EHLO's";
      play.offers_tls = true;
      play.script = {sent(greeting), read_line, sent(starttls + "220 go ahead\r\n"), read_line};
      break;
    case 2:
      // The first digit decides (RFC 5321 section 4.2): every sender goes on.
      play.name = "EHLO's reply, then the greeting";
      play.ready = true;
      play.outcome = Outcome::unclear;
      play.greeting = play.ehlo = SmtpPlay::any;
      play.script = {sent(ehlo), read_line, sent(greeting), read_line, sent(bye)};
      break;
    default:
      // What refuses the sender says nothing about relaying.
      play.name = "RCPT's reply, then MAIL's";
      play.ready = true;
      play.outcome = Outcome::unclear;
      play.asks_relay = true;
      play.relay = "smtp.relay-undecided";
      play.script = {sent(greeting),
                     read_line,
                     sent(ehlo),
                     read_line,
                     sent("554 5.7.1 Relay access denied\r\n"),
                     read_line,
                     sent("250 ok\r\n"),
                     read_line,
                     sent(bye)};
  }
  return play;
}

/// A place in the words of a reply: behind a code, before a line's end.
std::size_t place_in_text(const std::string& reply, Dice& dice) {
  std::vector<std::size_t> places;
  std::size_t column = 0;
  for (std::size_t at = 0; at < reply.size(); ++at, ++column) {
    if (reply[at] == '\n') column = static_cast<std::size_t>(-1);
    if (column > 3 && column < reply.size() && reply[at] != '\r') places.push_back(at);
  }
  return dice.pick(places);
}

/// A word that differs changes nothing: it is another word.
SmtpPlay damaged_word(Dice& dice) {
  SmtpPlay play;
  play.name = "a damaged word";
  std::vector<std::string> replies{greeting, ehlo, bye};
  auto& reply = replies[dice.below(replies.size())];
  const auto place = place_in_text(reply, dice);
  const auto whole = reply;
  do {
    reply = whole;
    damage(reply, place, dice);
  } while (reply[place] == '\n' || reply[place] == '\r');
  play.script = {sent(replies[0]), read_line, sent(replies[1]), read_line, sent(replies[2])};
  return play;
}

/// Who lets us in says something else by another first digit, in whatever line.
SmtpPlay damaged_welcome(Dice& dice) {
  SmtpPlay play;
  play.name = "a damaged welcome";
  play.outcome = Outcome::unclear;
  play.ready = false;
  std::string first = greeting, second = ehlo;
  if (dice.chance(30)) {
    damage(first, 0, dice);
    play.greeting = SmtpPlay::any;
    play.ehlo = 0;
  } else {
    const auto line = dice.pick({std::size_t{0}, second.find("250-SIZE"), second.find("250 8")});
    damage(second, line, dice);
    play.ehlo = SmtpPlay::any;
  }
  play.script = {sent(first), read_line, sent(second), read_line, sent(bye)};
  return play;
}

/// Who refuses must not seem to let us in, nor to relay, whatever octet was damaged. In a reply of
/// one line, a first digit that became that of the opposite is a true reply to any reader: these
/// two places have no such damage here. In one of two lines the other line speaks against it.
SmtpPlay damaged_refusal(Dice& dice) {
  const bool two_lines = dice.chance(60);
  const auto reply = [&](const std::string& code, char opposite) {
    const auto whole = (two_lines ? code + "-first\r\n" : "") + code + " last\r\n";
    std::string damaged;
    do {
      damaged = whole;
      damage(damaged, dice.chance(50) ? whole.rfind(code) : dice.below(whole.size()), dice);
    } while (!two_lines && damaged[0] == opposite);
    if (two_lines && dice.chance(30)) {  // what matters most
      damaged = whole;
      damaged[dice.pick({std::size_t{0}, whole.rfind(code)})] = opposite;
    }
    return damaged;
  };
  SmtpPlay play;
  play.name = "a damaged refusal";
  play.outcome = Outcome::unclear;
  play.ready = false;
  switch (dice.below(4)) {
    case 0:
      play.greeting = SmtpPlay::any;
      play.ehlo = SmtpPlay::any;
      play.script = {sent(reply("554", '2')), read_line, sent(ehlo), read_line, sent(bye)};
      return play;
    case 1:
      play.ehlo = SmtpPlay::any;
      play.script = {
          sent(greeting), read_line, sent(reply("550", '2')), read_line, sent("550 no HELO\r\n"),
          read_line,      sent(bye)};
      return play;
    default:
      break;
  }
  play.asks_relay = true;
  play.ready = true;
  const bool open = dice.chance(50);
  play.never = open ? "smtp.relay-refused" : "smtp.relay-not-refused";
  play.name += open ? " of nobody" : " to relay";
  play.script = {sent(greeting),
                 read_line,
                 sent(ehlo),
                 read_line,
                 sent("250 sender ok\r\n"),
                 read_line,
                 sent(open ? reply("250", '5') : reply("554", '2')),
                 read_line,
                 sent("250 reset\r\n"),
                 read_line,
                 sent(bye)};
  return play;
}

}  // namespace

SmtpPlay smtp_twist(Dice& dice) {
  switch (dice.below(6)) {
    case 0:
      return late(dice);
    case 1:
      return out_of_turn(dice);
    case 2:
      return damaged_word(dice);
    case 3:
      return damaged_welcome(dice);
    default:
      return damaged_refusal(dice);
  }
}

}  // namespace maildiag::faults
