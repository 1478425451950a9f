#include <utility>

#include "faults/talk_fault.h"

namespace maildiag::faults {
namespace {

using Kind = Step::Kind;
using checks::whois::WhoisOutcome;
using Told = std::optional<WhoisOutcome>;

constexpr const char* media_type = "Content-Type: application/rdap+json\r\n";
constexpr const char* record =
    R"({"objectClassName":"domain","ldhName":"EXAMPLE.COM","status":["active"],
 "events":[{"eventAction":"registration","eventDate":"1995-08-14T04:00:00Z"},
           {"eventAction":"expiration","eventDate":"2199-08-13T04:00:00Z"}],
 "nameservers":[{"ldhName":"NS1.EXAMPLE.NET"}],
 "entities":[{"roles":["registrar"],"vcardArray":["vcard",[["fn",{},"text","Registrar, Inc."]]]}]})";
constexpr const char* text =
    "   Domain Name: EXAMPLE.COM\r\n"
    "   Creation Date: 1995-08-14T04:00:00Z\r\n"
    "   Registry Expiry Date: 2199-08-13T04:00:00Z\r\n"
    "   Registrar: Registrar, Inc.\r\n"
    "   Domain Status: ok https://icann.org/epp#ok\r\n"
    "   Name Server: NS1.EXAMPLE.NET\r\n\r\n>>> Last update of WHOIS database <<<\r\n";

/// The same of another domain, in the style of either.
std::string of_another(std::string words) {
  constexpr std::string_view name = "EXAMPLE.COM";
  return words.replace(words.find(name), name.size(), "EXAMPLE.NET");
}

/// The same of a domain whose name differs in one octet.
std::string with_damaged_name(std::string words, Dice& dice) {
  constexpr std::string_view name = "EXAMPLE.COM";
  const auto place = words.find(name) + dice.below(name.size());
  const char was = words[place];
  do {
    words[place] = was;
    damage(words, place, dice);
  } while ((words[place] ^ was) == 0x20);  // a letter's case: the same name
  return words;
}

Told told_by(const HttpPlay& play) {
  if (play.outcome != Outcome::whole) return std::nullopt;
  if (play.status == 200) return WhoisOutcome::found;
  return play.status == 404 ? Told(WhoisOutcome::not_found) : std::nullopt;
}

Script framed(const std::string& status, const std::string& fields, const std::string& body) {
  const auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return {{Kind::read_page, ""}, sent(page(status, fields + length, body))};
}

Script redirect(const std::string& location) {
  return framed("302 Found", "Location: " + location + "\r\n", "");
}

Script answered(std::string words) {
  return {{Kind::read_line, ""}, sent(std::move(words))};
}

std::string deep(std::size_t levels) {
  return R"({"objectClassName":"domain","ldhName":"example.com","x":)" + std::string(levels, '[') +
         std::string(levels, ']') + "}";
}

}  // namespace

RegistryPlay rdap_play(Dice& dice, const std::string& host) {
  if (dice.chance(50)) {
    const auto play = http_play(dice, record, media_type);
    return {play.name, {play.script}, play.outcome == Outcome::unclear, told_by(play)};
  }
  const std::string all = record;
  const auto cut = all.substr(0, dice.below(all.size()));
  const std::string more = "https://" + host + "/more";
  const std::vector<RegistryPlay> lies{
      {"of another domain", {framed("200 OK", media_type, of_another(record))}},
      {"of a damaged name", {framed("200 OK", media_type, with_damaged_name(record, dice))}},
      {"of another kind", {framed("200 OK", media_type, R"({"objectClassName":"entity"})")}},
      {"a list", {framed("200 OK", media_type, "[" + all + "]")}},
      {"deep", {framed("200 OK", media_type, deep(dice.between(33, 50'000)))}},
      {"no JSON", {framed("200 OK", media_type, dice.octets(3000))}},
      {"half a record", {framed("200 OK", media_type, cut)}},
      {"half a record, until the end",
       {{{Kind::read_page, ""}, sent(page("200 OK", media_type, cut))}}},
      {"a page", {framed("200 OK", "Content-Type: text/html\r\n", "<html>not found</html>")}},
      {"a page of 404", {framed("404 Not Found", "Content-Type: text/html\r\n", "<html></html>")}},
      {"404",
       {framed("404 Not Found", media_type, R"({"errorCode":404,"title":"Not Found"})")},
       false,
       WhoisOutcome::not_found},
      {"429",
       {framed("429 Slow down", std::string("Retry-After: 60") + escapes().substr(0, 4) + "\r\n",
               "")},
       false,
       WhoisOutcome::rate_limited},
      {"403 with a record", {framed("403 No", media_type, record)}},
      {"redirect and record",
       {redirect(more), framed("200 OK", media_type, record)},
       false,
       WhoisOutcome::found},
      {"redirect to a path and nothing", {redirect("/more"), {{Kind::silence, ""}}}},
      {"redirect to itself", {redirect(more)}},
      {"redirect to clear text", {redirect("http://" + host + "/"), framed("200 OK", "", record)}},
      {"redirect inside", {redirect("https://127.0.0.1/"), framed("200 OK", media_type, record)}},
      {"redirect inside by name",
       {redirect("https://inside.test/"), framed("200 OK", media_type, record)}},
      {"redirect to nowhere", {redirect("https://nowhere.test/")}},
      {"redirect to words", {redirect(escapes() + " https://" + host)}},
      {"redirect with a record",
       {{{Kind::read_page, ""}, sent(page("301 Moved", media_type, record))}}},
  };
  return dice.pick(lies);
}

RegistryPlay port43_play(Dice& dice, const std::string& host) {
  if (dice.chance(50)) {
    const auto play = whois_play(dice, text);
    const auto told = play.outcome == Outcome::whole ? Told(WhoisOutcome::found) : std::nullopt;
    return {play.name, {play.script}, play.outcome == Outcome::unclear, told};
  }
  const std::vector<RegistryPlay> lies{
      {"no match", {answered("No match for \"EXAMPLE.COM\".\r\n")}, false, WhoisOutcome::not_found},
      {"half of no match", {answered("No mat")}},
      {"limit", {answered("Query rate limit exceeded\r\n")}, false, WhoisOutcome::rate_limited},
      {"of another domain", {answered(of_another(text))}},
      {"of a damaged name", {answered(with_damaged_name(text, dice))}},
      {"of the domain above",
       {answered("domain: COM\r\nstatus: ACTIVE\r\nnserver: ns.test\r\ncreated: 1985-01-01\r\n")}},
      {"refers to itself", {answered("refer: " + host + "\r\n")}},
      {"refers to nowhere", {answered("refer: whois.nowhere.test\r\n")}},
      {"refers inside", {answered("refer: inside.test\r\n"), answered(text)}},
      {"refers on and on",
       {answered("refer: one.test\r\n"), answered("refer: two.test\r\n"),
        answered("refer: three.test\r\n"), answered(text)}},
      {"refers and tells",
       {answered("refer: one.test\r\n"), answered(text)},
       false,
       WhoisOutcome::found},
      {"escapes", {answered(escapes() + "\r\n" + escapes() + ": " + escapes() + "\r\n")}},
  };
  return dice.pick(lies);
}

}  // namespace maildiag::faults
