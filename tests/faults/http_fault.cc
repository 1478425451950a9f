#include <utility>

#include "faults/talk_fault.h"

namespace maildiag::faults {
namespace {

using Kind = Step::Kind;
using net::Fault;
using std::chrono::milliseconds;

constexpr milliseconds too_slow{3000}, in_time{2};
const Step silence{Kind::silence, ""}, reset{Kind::reset, ""}, half_close{Kind::half_close, ""};

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

/// One digit of 200 was damaged. To any reader it is the status that it reads; over TLS nothing
/// damaged comes through.
long damaged_status(Dice& dice) {
  if (dice.chance(50)) return dice.pick({300, 400, 500});
  return dice.pick({201, 202, 203, 206, 207, 208, 209, 210, 220, 240, 280, 290});
}

/// Complete, each in its way.
std::vector<HttpPlay> whole_plays(const std::string& body, const std::string& fields, Dice& dice) {
  const auto all = page("200 OK", fields + length(body.size()), body);
  const auto in_chunks = page("200 OK", fields + "Transfer-Encoding: chunked\r\n", chunked(body));
  const auto cut = dice.below(all.size());
  const auto status = damaged_status(dice);
  return {
      {{"whole", {sent(all)}}, 200, body},
      {{"whole and silence", {sent(all), silence}}, 200, body},
      {{"drip", {{Kind::drip, all.substr(0, 40), in_time}, sent(all.substr(40))}}, 200, body},
      {{"two parts", {sent(all.substr(0, cut)), sent(all.substr(cut))}}, 200, body},
      {{"delays", {delay(dice), sent(all.substr(0, cut)), delay(dice), sent(all.substr(cut))}},
       200,
       body},
      {{"chunks", {sent(in_chunks)}}, 200, body},
      {{"more behind it", {sent(all + all)}}, 200, body},
      {{"100 first", {sent("HTTP/1.1 100 Continue\r\n\r\n" + all)}}, 200, body},
      {{"not found", {sent(page("404 Not Found", fields + length(body.size()), body))}}, 404, body},
      {{"an error", {sent(page("500 No", fields + length(body.size()), body))}}, 500, body},
      {{"a damaged status",
        {sent(page(std::to_string(status) + " OK", fields + length(body.size()), body))}},
       status,
       body},
      {{"no content", {sent(page("204 No Content", fields, ""))}}, 204, ""},
      {{"redirect",
        {sent(page("302 Found", "Location: http://127.0.0.1/\r\n" + fields + length(body.size()),
                   body))}},
       302,
       body},
      {{"until the end",
        {sent(page("200 OK", fields + "Connection: close\r\n", body))},
        Outcome::unclear},
       200,
       body},
      {{"less, until the end",
        {sent(page("200 OK", fields + "Connection: close\r\n",
                   body.substr(0, dice.below(body.size() + 1))))},
        Outcome::unclear},
       200},
      {{"escapes",
        {sent(page("200 OK",
                   fields + "Server: " + escapes().substr(0, 6) + "\r\n" + length(body.size()),
                   body))},
        Outcome::unclear},
       200},
  };
}

/// They end too early, or not in time.
std::vector<HttpPlay> cut_plays(const std::string& body, const std::string& fields, Dice& dice) {
  const auto all = page("200 OK", fields + length(body.size()), body);
  const auto half = all.substr(0, all.size() - 1 - dice.below(body.size()));
  const auto in_chunks = page("200 OK", fields + "Transfer-Encoding: chunked\r\n", chunked(body));
  return {
      {{"silence", {silence}, Outcome::cut}},
      {{"close", {}, Outcome::cut}},
      {{"reset", {reset}, Outcome::cut}},
      {{"half-closed", {half_close}, Outcome::cut}},
      {{"slow", {{Kind::drip, all, too_slow}}, Outcome::cut}},
      {{"a damaged length",
        {sent(page("200 OK", fields + length(body.size() + dice.pick<std::size_t>({10, 100, 1000})),
                   body))},
        Outcome::cut},
       200},
      {{"half and close", {sent(half)}, Outcome::cut}, 200},
      {{"half and reset", {sent(half), reset}, Outcome::cut}, 200},
      {{"half and half-closed", {sent(half), half_close}, Outcome::cut}, 200},
      {{"half and silence", {sent(half), silence}, Outcome::cut}, 200},
      {{"chunks that end early", {sent(in_chunks.substr(0, in_chunks.size() - 9))}, Outcome::cut},
       200},
      {{"chunks without the last",
        {sent(in_chunks.substr(0, in_chunks.size() - 5)), half_close},
        Outcome::cut},
       200},
  };
}

/// They are no answers, or have no end.
std::vector<HttpPlay> broken_plays(const std::string& body, const std::string& fields, Dice& dice) {
  const auto to_chunks = page("200 OK", fields + "Transfer-Encoding: chunked\r\n", "");
  const auto flood = endless(std::string(16'384, 'c'));
  auto damaged = page("200 OK", fields + length(body.size()), body);
  damaged[dice.below(4)] = dice.pick({'\0', ' ', '!', 'X', '\x90'});  // a letter's case is the same
  return {
      {{"a damaged protocol", {sent(damaged)}, Outcome::broken}},
      {{"no HTTP", {sent("220 mail.test ESMTP\r\n"), silence}, Outcome::broken}},
      {{"octets", {sent("\x80" + dice.octets(3000))}, Outcome::broken}},
      {{"no chunk", {sent(to_chunks + "zz\r\nabc")}, Outcome::broken}, 200},
      {{"giant chunk",
        {sent(to_chunks + "ffffffffffffff\r\n"), flood},
        Outcome::broken,
        Fault::too_large},
       200},
      {{"endless chunks",
        {sent(to_chunks), endless("5\r\nabcde\r\n")},
        Outcome::broken,
        Fault::too_large},
       200},
      {{"giant body",
        {sent(page("200 OK", fields + "Content-Length: 1000000000000\r\n", "")), flood},
        Outcome::broken,
        Fault::too_large},
       200},
      {{"body without an end",
        {sent(page("200 OK", fields, "")), flood},
        Outcome::broken,
        Fault::too_large},
       200},
      {{"header without an end",
        {sent("HTTP/1.1 200 OK\r\n"), endless("X-More: and more\r\n")},
        Outcome::broken,
        Fault::too_large},
       200},
      {{"header line without an end",
        {sent("HTTP/1.1 200 OK\r\nX: "), endless(std::string(4096, 'h'))},
        Outcome::broken},
       200},
      {{"endless 100", {endless("HTTP/1.1 100 Continue\r\n\r\n")}, Outcome::broken}},
      {{"endless trailer",
        {sent(to_chunks + "3\r\nabc\r\n0\r\n"), endless("X-More: and more\r\n")},
        Outcome::broken},
       200},
      {{"negative length",
        {sent(page("200 OK", fields + "Content-Length: -5\r\n", body))},
        Outcome::unclear},
       200},
      {{"no such length",
        {sent(page("200 OK", fields + "Content-Length: 9z\r\n", body))},
        Outcome::unclear},
       200},
      {{"two lengths",
        {sent(page("200 OK", fields + length(body.size()) + length(3), body))},
        Outcome::unclear},
       200},
  };
}

}  // namespace

HttpPlay http_play(Dice& dice, const std::string& body, const std::string& fields) {
  const auto roll = dice.below(100);
  auto play = dice.pick(roll < 40   ? whole_plays(body, fields, dice)
                        : roll < 70 ? cut_plays(body, fields, dice)
                                    : broken_plays(body, fields, dice));
  if (play.outcome == Outcome::whole && dice.chance(5)) {
    play.name += ", too early";
    play.outcome = Outcome::unclear;
    play.status = 0;
    play.script.push_back({Kind::read_page, ""});
  } else {
    play.script.insert(play.script.begin(), {Kind::read_page, ""});
  }
  return play;
}

HttpPlay whois_play(Dice& dice, const std::string& text) {
  const auto half = text.substr(0, dice.below(text.size()));
  const std::vector<HttpPlay> all{
      {{"whole", {sent(text)}}, 0, text},
      {{"drip", {{Kind::drip, text.substr(0, 20), in_time}, sent(text.substr(20))}}, 0, text},
      {{"whole and half-closed", {sent(text), half_close}}, 0, text},
      {{"delays", {delay(dice), sent(half), delay(dice), sent(text.substr(half.size()))}}, 0, text},
      {{"silence", {silence}, Outcome::cut}},
      {{"close", {}, Outcome::unclear}},
      {{"reset", {reset}, Outcome::cut}},
      {{"half and reset", {sent(half), reset}, Outcome::cut}},
      {{"half and silence", {sent(half), silence}, Outcome::cut}},
      {{"slow", {{Kind::drip, text, too_slow}}, Outcome::cut}},
      {{"then silence", {sent(text), silence}, Outcome::cut}},
      {{"endless", {endless(std::string(8192, 'w'))}, Outcome::broken, Fault::too_large}},
      {{"octets", {sent(dice.octets(4000))}, Outcome::unclear}},
  };
  auto play = dice.pick(all);
  play.script.insert(play.script.begin(), {Kind::read_line, ""});
  return play;
}

}  // namespace maildiag::faults
