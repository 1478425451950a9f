// Registries: RDAP objects, IANA's bootstrap files, and text of port 43 in any style and charset.
#include "checks/whois_rdap.h"
#include "checks/whois_record.h"
#include "checks/whois_registration.h"
#include "checks/whois_servers.h"
#include "checks/whois_text.h"
#include "checks/whois_url.h"
#include "core/charset.h"
#include "core/json_parse.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"

namespace maildiag::fuzz {

namespace {

using namespace checks::whois;

void check_texts(const Value& value) {
  if (value.is_string()) require(is_one_safe_line(value.as_string()), "a text is one safe line");
  for (const auto& item : value.as_array()) check_texts(item);
  for (const auto& member : value.as_object()) check_texts(member.value);
}

void check_registration(const std::optional<Registration>& found) {
  if (!found) return;
  for (const auto* texts : {&found->networks, &found->name_servers, &found->status})
    require(texts->size() <= max_texts, "texts of one kind are bounded");
  const auto value = found->to_value();
  check_texts(value);
  require(registration_from(value).to_value() == value, "a cache gives back what it got");
}

/// The target on the first line.
void rdap(std::string_view octets) {
  const auto target = parse_target(take_line(octets));
  const auto object = parse_json(octets);
  if (target && object) check_registration(read_rdap(*object, *target));
}

/// Lines: the target, the charset; then the answer.
void port43(std::string_view octets) {
  const auto target = parse_target(take_line(octets));
  const auto charset = take_line(octets);
  const auto text = to_utf8(octets, charset);
  (void)judge_whois(text);
  for (const bool korean : {false, true}) {
    const auto parsed = parse_whois(text, korean);
    require(parsed.remarks.size() <= max_lines && parsed.blocks.size() <= max_lines,
            "lines are bounded");
    for (const auto& block : parsed.blocks) {
      for (const auto& field : block.fields)
        require(is_one_safe_line(field.value), "a field is one safe line");
    }
    for (const auto& server : {find_referral(parsed), find_registrar_server(parsed)})
      require(!server || server->label_count() > 0, "a referral leads to a host");
    if (target) check_registration(read_record(parsed, *target));
  }
}

void bootstrap(std::string_view octets) {
  for (const auto file : bootstrap_files) {
    Bootstrap known;
    const bool good = known.add(file, octets).has_value();
    require(good == (known.size() > 0), "a good file has an entry");
    for (const char* target : {"example.com", "192.0.2.1", "2001:db8::1", "AS64496"}) {
      const auto url = known.find(*parse_target(target));
      require(url.empty() || (HttpsUrl::parse(url) && url.ends_with('/')), "a server has a URL");
    }
  }
}

/// A URL that a server redirects from, and the Location on the next line.
void redirect(std::string_view octets) {
  const auto from = HttpsUrl::parse(take_line(octets));
  if (!from) return;
  require(HttpsUrl::parse(from->text()).has_value(), "a URL is read as written");
  const auto to = follow(*from, octets);
  if (!to) return;
  const auto again = HttpsUrl::parse(to->text());
  require(again && again->host == to->host, "a redirect leads to the host that it names");
  require(to->text().size() <= 2 * max_url, "a URL is bounded");
}

}  // namespace

void whois(std::string_view octets) {
  switch (take_choice(octets, 4)) {
    case 0:
      return rdap(octets);
    case 1:
      return port43(octets);
    case 2:
      return bootstrap(octets);
    default:
      return redirect(octets);
  }
}

}  // namespace maildiag::fuzz
