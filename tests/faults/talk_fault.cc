#include "faults/talk_fault.h"

#include <utility>

namespace maildiag::faults {
namespace {

using Kind = Step::Kind;
using std::chrono::milliseconds;

constexpr milliseconds too_slow{3000}, in_time{2};
/// For a terminal that believes them: CSI, OSC, NUL, a C1 control, a change of direction.
constexpr char controls[] =
    "\x1b[2J\x1b]0;owned\x07\0\x9b"
    "31m\xe2\x80\xae";
const std::string escapes(controls, sizeof controls - 1);

Step sent(std::string octets) {
  return {Kind::send, std::move(octets)};
}
Step endless(const std::string& octets) {
  constexpr std::size_t at_once = 4096;
  std::string many;
  while (many.size() < at_once) many += octets;
  return {Kind::endless, std::move(many)};
}

/// In place of a reply: nothing, or nothing that ends.
Play bad_reply(const std::string& code, Dice& dice) {
  const std::vector<Play> all{
      {"silence", {{Kind::silence, ""}}, Outcome::broken},
      {"close", {}, Outcome::broken},
      {"reset", {{Kind::reset, ""}}, Outcome::broken},
      {"half a line", {sent(code + " hal")}, Outcome::broken},
      {"half a line and silence", {sent(code + " hal"), {Kind::silence, ""}}, Outcome::broken},
      {"slow", {{Kind::drip, code + std::string(200, 'x') + "\r\n", too_slow}}, Outcome::broken},
      {"no line end", {endless(std::string(4096, 'x'))}, Outcome::broken},
      {"line ends", {endless("\r\n\n\r")}, Outcome::broken},
      {"no last line", {endless(code + "-more and more\r\n")}, Outcome::broken},
      {"long lines", {endless(code + "-" + std::string(10'000, 'y') + "\r\n")}, Outcome::broken},
      {"NUL", {endless(std::string(4096, '\0'))}, Outcome::broken},
      {"octets", {sent(dice.octets(dice.between(1, 5000)))}, Outcome::unclear},
      {"no code", {sent("hello there\r\n"), {Kind::silence, ""}}, Outcome::broken},
      {"another code",
       {sent(dice.pick({"554 ", "421 ", "099 ", "999 ", "2200 ", "22 "}) + std::string("no\r\n"))},
       Outcome::unclear},
      {"codes that differ", {sent(code + "-one\r\n554 two\r\n")}, Outcome::unclear},
  };
  return dice.pick(all);
}

/// In place of a handshake.
Script bad_handshake(Dice& dice) {
  const std::vector<Script> all{
      {{Kind::read_line, ""}, sent("220 go ahead\r\n250-injected\r\n250 AUTH PLAIN\r\n")},
      {{Kind::read_line, ""}, sent("220 go ahead\r\n"), sent(dice.octets(300))},
      {{Kind::read_line, ""}, sent("220 go ahead\r\n"), {Kind::silence, ""}},
      {{Kind::read_line, ""}, sent("220 go ahead\r\n")},
      {{Kind::read_line, ""}, sent("220 go ahead\r\n"), endless("250 plain text goes on\r\n")},
      {{Kind::read_line, ""}, sent("454 not now\r\n")},
      {{Kind::read_line, ""}, {Kind::reset, ""}},
  };
  return dice.pick(all);
}

void append(Script& to, Script more) {
  for (auto& step : more) to.push_back(std::move(step));
}

std::string page(const std::string& status, const std::string& fields, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + fields + "\r\n" + body;
}

std::string length(std::size_t octets) {
  return "Content-Length: " + std::to_string(octets) + "\r\n";
}

std::string chunked(const std::string& body) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += 10) {
    const auto part = body.substr(at, 10);
    out += digits[part.size()];
    out += "\r\n" + part + "\r\n";
  }
  return out + "0\r\n\r\n";
}

}  // namespace

SmtpPlay smtp_play(Dice& dice) {
  SmtpPlay play;
  const auto way = dice.pick({Kind::send, Kind::send, Kind::drip});
  const Step greeting{way, "220 mail.test ESMTP " + (dice.chance(30) ? escapes : "") + "\r\n",
                      in_time};
  const bool tls = dice.chance(30);
  const Step ehlo{way,
                  "250-mail.test\r\n250-SIZE 1000\r\n250 " +
                      std::string(tls ? "STARTTLS" : "8BITMIME") + "\r\n",
                  in_time};
  const auto stage = dice.below(tls ? 3 : 4);
  play.name = "all is well";
  if (stage == 0) {
    static_cast<Play&>(play) = bad_reply("220", dice);
    play.name = "greeting: " + play.name;
    play.greeted = play.introduced = false;
    return play;
  }
  play.script = {greeting, {Kind::read_line, ""}};
  if (stage == 1) {
    auto bad = bad_reply("250", dice);
    play.name = "EHLO: " + bad.name;
    play.outcome = bad.outcome;
    play.introduced = false;
    append(play.script, std::move(bad.script));
    return play;
  }
  play.script.push_back(ehlo);
  if (tls) {
    play.name = "STARTTLS";
    play.outcome = Outcome::unclear;
    append(play.script, bad_handshake(dice));
    return play;
  }
  play.script.push_back({Kind::read_line, ""});
  if (stage == 2) {
    auto bad = bad_reply("221", dice);
    play.name = "QUIT: " + bad.name;
    append(play.script, std::move(bad.script));
  } else {
    play.script.push_back(sent("221 bye\r\n"));
  }
  return play;
}

HttpPlay http_play(Dice& dice) {
  const auto body = "version: STSv1\r\n" + std::string(dice.below(3000), 'b');
  const auto all_of_it = page("200 OK", length(body.size()), body);
  const auto half = all_of_it.substr(0, all_of_it.size() - 1 - dice.below(body.size()));
  const auto in_chunks = page("200 OK", "Transfer-Encoding: chunked\r\n", chunked(body));
  const std::string none;
  const std::vector<HttpPlay> all{
      {{"whole", {sent(all_of_it)}, Outcome::whole}, 200, body},
      {{"drip",
        {{Kind::drip, all_of_it.substr(0, 40), in_time}, sent(all_of_it.substr(40))},
        Outcome::whole},
       200,
       body},
      {{"chunks", {sent(in_chunks)}, Outcome::whole}, 200, body},
      {{"until the end", {sent(page("200 OK", "Connection: close\r\n", body))}, Outcome::unclear},
       200,
       body},
      {{"redirect",
        {sent(page("302 Found", "Location: http://127.0.0.1/\r\n" + length(0), ""))},
        Outcome::whole},
       302,
       none},
      {{"escapes",
        {sent(page("200 OK", "Server: " + escapes.substr(0, 6) + "\r\n" + length(body.size()),
                   body))},
        Outcome::unclear},
       200,
       body},
      {{"silence", {{Kind::silence, ""}}, Outcome::broken}},
      {{"close", {}, Outcome::broken}},
      {{"reset", {{Kind::reset, ""}}, Outcome::broken}},
      {{"no HTTP", {sent("220 mail.test ESMTP\r\n"), {Kind::silence, ""}}, Outcome::broken}},
      {{"octets", {sent("\x80" + dice.octets(3000))}, Outcome::broken}},
      {{"slow", {{Kind::drip, all_of_it, too_slow}}, Outcome::broken}},
      {{"half and close", {sent(half)}, Outcome::broken}},
      {{"half and reset", {sent(half), {Kind::reset, ""}}, Outcome::broken}},
      {{"half and silence", {sent(half), {Kind::silence, ""}}, Outcome::broken}},
      {{"chunks that end early",
        {sent(in_chunks.substr(0, in_chunks.size() - 9))},
        Outcome::broken}},
      {{"no chunk",
        {sent(page("200 OK", "Transfer-Encoding: chunked\r\n", "zz\r\nabc"))},
        Outcome::broken}},
      {{"giant chunk",
        {sent(page("200 OK", "Transfer-Encoding: chunked\r\n", "ffffffffffffff\r\n")),
         endless(std::string(16'384, 'c'))},
        Outcome::broken}},
      {{"endless chunks",
        {sent(page("200 OK", "Transfer-Encoding: chunked\r\n", "")), endless("5\r\nabcde\r\n")},
        Outcome::broken}},
      {{"giant body",
        {sent(page("200 OK", "Content-Length: 1000000000000\r\n", "")),
         endless(std::string(16'384, 'c'))},
        Outcome::broken}},
      {{"body without an end",
        {sent(page("200 OK", "", "")), endless(std::string(16'384, 'c'))},
        Outcome::broken}},
      {{"header without an end",
        {sent("HTTP/1.1 200 OK\r\n"), endless("X-More: and more\r\n")},
        Outcome::broken}},
      {{"header line without an end",
        {sent("HTTP/1.1 200 OK\r\nX: "), endless(std::string(4096, 'h'))},
        Outcome::broken}},
      {{"endless 100", {endless("HTTP/1.1 100 Continue\r\n\r\n")}, Outcome::broken}},
      {{"endless trailer",
        {sent(page("200 OK", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n")),
         endless("X-More: and more\r\n")},
        Outcome::broken}},
      {{"negative length",
        {sent(page("200 OK", "Content-Length: -5\r\n", body))},
        Outcome::unclear}},
      {{"no such length",
        {sent(page("200 OK", "Content-Length: 9z\r\n", body))},
        Outcome::unclear}},
  };
  auto play = dice.pick(all);
  play.script.insert(play.script.begin(), {Kind::read_page, ""});
  return play;
}

HttpPlay whois_play(Dice& dice) {
  const auto text = "domain: example.com\r\n" + std::string(dice.below(5000), 'w') + "\r\n";
  const std::vector<HttpPlay> all{
      {{"whole", {sent(text)}, Outcome::whole}, 0, text},
      {{"drip", {{Kind::drip, text.substr(0, 20), in_time}, sent(text.substr(20))}, Outcome::whole},
       0,
       text},
      {{"silence", {{Kind::silence, ""}}, Outcome::broken}},
      {{"close", {}, Outcome::unclear}},
      {{"reset", {sent(text), {Kind::reset, ""}}, Outcome::unclear}},
      {{"slow", {{Kind::drip, text, too_slow}}, Outcome::broken}},
      {{"endless", {endless(std::string(8192, 'w'))}, Outcome::broken}},
      {{"then silence", {sent(text), {Kind::silence, ""}}, Outcome::broken}},
      {{"octets", {sent(dice.octets(4000))}, Outcome::unclear}},
  };
  auto play = dice.pick(all);
  play.script.insert(play.script.begin(), {Kind::read_line, ""});
  return play;
}

}  // namespace maildiag::faults
