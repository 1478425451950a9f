#include "bounce/client_words.h"

#include <algorithm>
#include <array>
#include <string>

#include "bounce/reply_text.h"
#include "bounce/same_site.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// What calls an address the client's. The last two are Postfix's, in front of "[x]".
constexpr std::array<string_view, 29> client_names{"client",
                                                   "your ip",
                                                   "your host",
                                                   "your server",
                                                   "your mail server",
                                                   "your address",
                                                   "sending ip",
                                                   "sending ipv6",
                                                   "your ipv6",
                                                   "sending host",
                                                   "sending server",
                                                   "sending mta",
                                                   "sender ip",
                                                   "source ip",
                                                   "originating ip",
                                                   "connecting ip",
                                                   "connecting host",
                                                   "발신 ip",
                                                   "발신ip",
                                                   "발송 ip",
                                                   "발송ip",
                                                   "송신 ip",
                                                   "송신ip",
                                                   "귀하의 ip",
                                                   "귀하의 서버 ip",
                                                   "귀 서버 ip",
                                                   "보내는 ip",
                                                   "cannot find your hostname,",
                                                   "cannot find your reverse hostname,"};
/// "blocked by your server x": not whom the words are told.
constexpr std::array<string_view, 5> agent_words{"to", "by", "at", "via", "through"};
/// Between the name and the address.
constexpr std::array<string_view, 13> name_fillers{"reputation", "ip",  "address", "addr", "host",
                                                   "server",     "mta", "is",      "was",  "of",
                                                   "with",       "'s",  ":"};
constexpr std::array<string_view, 6> name_particles{"=", "주소는", "주소", "는", "은", "-ip"};
/// "sending server with IP address is:" has five; more is another sentence.
constexpr int max_fillers = 6;

/// Behind an address: it is a place that something goes to or happens at.
constexpr std::array<string_view, 13> place_particles{
    "에서",      "로",       "으로",      "(으)로", "에 ",  "에게",      "서버",
    "메일 서버", "메일서버", "수신 서버", "호스트", "포트", "게이트웨이"};
constexpr std::array<string_view, 7> other_particles{"로부터",  "으로부터", "에 대한",   "에 대해",
                                                     "에 관한", "로 인한",  "(으)로부터"};
constexpr std::array<string_view, 9> host_words{"server",     "host", "port",    "relay", "mx",
                                                "nameserver", "peer", "gateway", "'s"};
constexpr std::array<string_view, 4> mail_ports{":25", ":465", ":587", ":2525"};

/// In front of an address with which a judgement begins.
constexpr std::array<string_view, 15> openers{
    "ip",   "address", "addr",   "that",       "because",     "since", "as",    "sorry",
    "your", "the",     "sender", "connecting", "originating", "주소",  "귀하의"};

/// Patterns over what stands behind an address. Blanks part places, "|" the words that may stand
/// there, the first that fits; "?": or none; "_" is a blank; capitals stand for `word_groups`.
constexpr std::array<string_view, 13> judgements{
    "has no|missing|invalid valid|matching|correct? REVERSE",
    "does|do not have a|any? valid|matching|correct? REVERSE",
    "doesn't have a|any? valid|matching|correct? REVERSE",
    "is missing|without a|any? valid|matching|correct? REVERSE",
    "lacks|without a|any? valid|matching|correct? REVERSE",
    "has a? very|too? bad|poor|low|negative reputation",
    "is|was|has_been currently|still|now|already? LISTED",
    "LISTED in|at|on|by|using",
    "is|was|has_been? blocked using",
    "is|was currently|still|now|already? in|on a|the|our? LIST",
    "ip? 의|에_대한|에_대해서|에_대해 ip? OWNED dns? 레코드|도메인|이름|설정|점수|등급? "
    "이|가|을|를|없|누락|조회|확인|미등록|불일치",
    "ip? 는|은|이|가 KO_LIST 에 등록되어|등재되어|등록되었|등재되었|등록됐|등재됐|등록돼|등재돼",
    "으로부터|로부터 의|온|들어온|발송된|전송된|수신된 메일|이메일|전자우편"};
/// One that holds only where its sentence ends: "x는 PTR 레코드가 없음을 이유로" goes on about x.
constexpr string_view statement =
    "ip? 는|은|이|가 KO_REVERSE dns? 레코드|도메인|이름|설정? 이|가? 없습니다|없음|미등록";
struct WordGroup {
  string_view name, words;
};
constexpr std::array<WordGroup, 6> word_groups{{
    {"REVERSE", "ptr|rdns|reverse_dns|reverse_name|reverse_lookup|reverse"},
    {"LISTED", "listed|blacklisted|blocklisted"},
    {"LIST", "blacklist|blocklist|block_list|dnsbl|rbl"},
    {"KO_REVERSE", "ptr|rdns|역방향|리버스"},
    {"OWNED", "ptr|rdns|역방향|리버스|평판"},
    {"KO_LIST", "블랙리스트|rbl|dnsbl|차단_목록|차단목록|스팸_목록|스팸목록"},
}};
/// Behind such a judgement: it is of something else.
constexpr std::array<string_view, 8> other_objects{
    "for", "of", "as", "record for", "records for", "entry for", "name for", "있"};

/// Backwards from "for x" to one of `topics`, over words that bring in nobody else.
constexpr std::array<string_view, 12> topics{"ptr",       "rdns",    "reverse",    "reputation",
                                             "dnsbl",     "rbl",     "listing",    "blacklist",
                                             "blocklist", "pointer", "reversedns", "reverse-dns"};
constexpr std::array<string_view, 29> topic_fillers{
    "record", "records",    "entry",     "entries", "rr",      "name",   "hostname", "dns",
    "lookup", "query",      "check",     "found",   "missing", "exists", "exist",    "does",
    "not",    "no",         "set",       "is",      "was",     "could",  "be",       "resolution",
    "valid",  "configured", "available", "failed",  "defined"};
/// "PTR record could not be found for" has five; twice that is another sentence.
constexpr int max_topic_fillers = 10;

/// "역방향 DNS가 없는 IP(x)": how the words about the address end, and what they are about.
constexpr std::array<string_view, 9> relative_ends{"없는",   "않은",   "낮은",   "나쁜", "등록된",
                                                   "등재된", "미등록", "올라간", "오른"};
constexpr std::array<string_view, 11> relative_topics{"ptr",    "rdns",      "reverse",    "역방향",
                                                      "리버스", "평판",      "블랙리스트", "rbl",
                                                      "dnsbl",  "차단 목록", "스팸 목록"};
constexpr std::size_t relative_reach = 60;

/// Words that greet whoever mails: "connections from x".
constexpr std::array<string_view, 6> from_words{
    "connection from", "connections from", "mail from", "email from", "e-mail from", "mails from"};

/// A word's character, or one that makes a name of words: "mx.spam-filter.example".
bool joins(char character) {
  return is_alnum(character) || string_view("-._@").find(character) != string_view::npos;
}

/// True if `text` ends with `word`, which no longer word or name ends with.
bool ends_with_word(string_view text, string_view word) {
  if (!text.ends_with(word)) return false;
  const auto at = text.size() - word.size();
  return at == 0 || !is_alnum(word.front()) || !joins(text[at - 1]);
}

bool starts_with_word(string_view text, string_view word) {
  if (!text.starts_with(word)) return false;
  const auto rest = text.substr(word.size());
  if (rest.empty() || !is_alnum(word.back()) || !joins(rest[0])) return true;
  return rest[0] == '.' && (rest.size() == 1 || !is_alnum(rest[1]));  // the end of a sentence
}

template <std::size_t count>
bool any_at_end(const std::array<string_view, count>& words, string_view text) {
  return std::any_of(words.begin(), words.end(),
                     [text](string_view word) { return ends_with_word(text, word); });
}

template <std::size_t count>
bool any_at_start(const std::array<string_view, count>& words, string_view text) {
  return std::any_of(words.begin(), words.end(),
                     [text](string_view word) { return starts_with_word(text, word); });
}

/// Takes one of `words` from the end, and the blanks in front of it.
template <std::size_t count>
bool take_from_end(const std::array<string_view, count>& words, string_view& text) {
  const auto* longest = words.end();
  for (const auto* word = words.begin(); word != words.end(); ++word) {
    if (ends_with_word(text, *word) && (longest == words.end() || word->size() > longest->size()))
      longest = word;
  }
  if (longest == words.end()) return false;
  text = text::trim(text.substr(0, text.size() - longest->size()));
  return true;
}

/// What stands around an address, without the brackets of it.
struct Place {
  string_view before, behind;
  bool bracketed = false;
};

string_view without_end(string_view text, string_view characters) {
  const auto last = text.find_last_not_of(characters);
  return last == string_view::npos ? string_view() : text.substr(0, last + 1);
}

/// Each place where the address stands as it is written; none where it is written another way.
std::vector<Place> places_of(string_view lower, const IpAddress& ip) {
  std::vector<Place> places;
  const auto word = ip.to_string();
  for (auto at = lower.find(word); at != string_view::npos; at = lower.find(word, at + 1)) {
    auto before = lower.substr(0, at);
    auto behind = lower.substr(at + word.size());
    if (!before.empty() && (is_alnum(before.back()) || before.back() == '.')) continue;
    if (!behind.empty() && (is_alnum(behind[0]) || behind[0] == '-')) continue;
    if (behind.size() > 1 && behind[0] == '.' && is_alnum(behind[1])) continue;
    if (before.ends_with("ipv6:")) before.remove_suffix(5);
    const auto outside = without_end(before, "[(<\"'");
    const auto closed = behind.find_first_not_of("])>\"'");
    places.push_back({text::trim(outside), behind.substr(std::min(closed, behind.size())),
                      outside.size() < before.size()});
    // "client [x] refused": a quotation mark is no "'s".
    if (behind.starts_with("'s")) places.back().behind = behind;
  }
  return places;
}

/// "x:25", "x server", "x에서": a host that something goes to or happens at.
bool is_destination(const Place& place) {
  const auto behind = place.behind;
  const auto next = text::trim(behind);
  if (any_at_start(mail_ports, behind) || any_at_start(host_words, next)) return true;
  if (any_at_start(other_particles, next)) return false;
  return any_at_start(place_particles, next);
}

/// "발신 IP x에서 보낸 메일": from there.
bool is_origin(const Place& place) {
  auto next = text::trim(place.behind);
  constexpr string_view particle = "에서";
  if (!next.starts_with(particle)) return false;
  next = text::trim(next.substr(particle.size()));
  constexpr std::array<string_view, 6> sent{"보낸", "보내", "발송한", "발송된", "온 ", "들어온"};
  return any_at_start(sent, next);
}

/// Takes "mail.example.net" in front of "[x]".
bool take_host(const Place& place, string_view& before) {
  if (!place.bracketed) return false;
  const auto word = before.substr(before.find_last_of(" \t(<[:;,=") + 1);
  if (host_of(word).empty()) return false;
  before = text::trim(before.substr(0, before.size() - word.size()));
  return true;
}

bool is_named(const Place& place) {
  auto before = place.before;
  take_host(place, before);
  for (int taken = 0; taken <= max_fillers; ++taken) {
    for (const auto name : client_names) {
      if (!ends_with_word(before, name)) continue;
      const auto front = text::trim(before.substr(0, before.size() - name.size()));
      return !any_at_end(agent_words, front) || ends_with_word(front, "due to");
    }
    before = without_end(before, " \t[(<\"");
    if (!take_from_end(name_fillers, before) && !take_from_end(name_particles, before))
      return false;
  }
  return false;
}

/// The text behind `pattern`, where `text` begins with it.
std::optional<string_view> behind_pattern(string_view pattern, string_view text) {
  for (const auto slot : text::split(pattern, ' ')) {
    const bool optional = slot.ends_with('?');
    bool found = false;
    auto choices = optional ? slot.substr(0, slot.size() - 1) : slot;
    for (const auto& group : word_groups) {
      if (group.name == choices) choices = group.words;
    }
    text = text::trim(text);
    for (const auto choice : text::split(choices, '|')) {
      auto word = std::string(choice);
      std::replace(word.begin(), word.end(), '_', ' ');
      if (found || !starts_with_word(text, word)) continue;
      text.remove_prefix(word.size());
      found = true;
    }
    if (!found && !optional) return std::nullopt;
  }
  return text;
}

/// True if nothing in front of the address says whose it is but words that every client is called
/// by, and hosts of `own_domain`.
bool opens(const Place& place, string_view own_domain) {
  auto before = place.before;
  if (auto rest = before; take_host(place, rest)) {
    const auto word = before.substr(before.find_last_of(" \t(<[:;,=") + 1);
    if (!same_site(host_of(word), own_domain)) return false;
    before = rest;
  }
  while (take_from_end(openers, before)) {
  }
  if (before.empty() || string_view(".;,!?-").find(before.back()) != string_view::npos) return true;
  return before.back() == ':' && !any_at_end(host_words, without_end(before, " :")) &&
         !before.ends_with("서버:") && !before.ends_with("서버 :");
}

bool is_judged_behind(const Place& place, string_view own_domain) {
  if (!opens(place, own_domain)) return false;
  if (const auto rest = behind_pattern(statement, place.behind)) {
    const auto next = text::trim(*rest);
    return next.empty() || string_view(".,;)!").find(next[0]) != string_view::npos;
  }
  return std::any_of(judgements.begin(), judgements.end(), [&place](string_view pattern) {
    const auto rest = behind_pattern(pattern, place.behind);
    return rest && !any_at_start(other_objects, text::trim(*rest));
  });
}

/// "no PTR record for x".
bool is_judged_before(const Place& place) {
  auto before = place.before;
  take_host(place, before);
  constexpr std::array<string_view, 3> nouns{"ip", "address", "addr"};
  constexpr std::array<string_view, 2> links{"for", "of"};
  while (take_from_end(nouns, before)) {
  }
  if (!take_from_end(links, before)) return false;
  for (int taken = 0; taken <= max_topic_fillers; ++taken) {
    before = without_end(before, " ()/\"'");
    if (any_at_end(topics, before)) return true;
    if (!take_from_end(topic_fillers, before)) return false;
  }
  return false;
}

/// "역방향 DNS가 없는 IP(x)".
bool is_judged_by_clause(const Place& place) {
  auto before = without_end(place.before, " :");
  constexpr std::array<string_view, 1> address{"주소"};
  constexpr std::array<string_view, 1> ip{"ip"};
  take_from_end(address, before);
  if (!take_from_end(ip, before) || !any_at_end(relative_ends, before)) return false;
  const auto clause = before.substr(before.size() - std::min(before.size(), relative_reach));
  return std::any_of(relative_topics.begin(), relative_topics.end(), [clause](string_view topic) {
    const auto at = clause.find(topic);
    return at != string_view::npos && starts_with_word(clause.substr(at), topic) &&
           ends_with_word(clause.substr(0, at + topic.size()), topic);
  });
}

}  // namespace

std::vector<IpAddress> client_ips_named_in(string_view lower) {
  auto found = find_ip_addresses(lower);
  std::erase_if(found, [lower](const IpAddress& ip) {
    const auto places = places_of(lower, ip);
    return std::none_of(places.begin(), places.end(), [](const Place& place) {
      return is_named(place) && (!is_destination(place) || is_origin(place));
    });
  });
  return found;
}

std::optional<IpAddress> client_ip_judged_in(string_view lower, string_view own_domain) {
  const auto found = find_ip_addresses(lower);
  if (found.size() != 1) return std::nullopt;
  const auto places = places_of(lower, found.front());
  if (std::any_of(places.begin(), places.end(), is_destination)) return std::nullopt;
  const bool judged = std::any_of(places.begin(), places.end(), [own_domain](const Place& place) {
    return is_judged_before(place) || is_judged_by_clause(place) ||
           is_judged_behind(place, own_domain) || any_at_end(from_words, place.before);
  });
  return judged ? std::optional(found.front()) : std::nullopt;
}

}  // namespace maildiag::bounce
