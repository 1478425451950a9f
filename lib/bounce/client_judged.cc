#include <algorithm>
#include <array>
#include <string>

#include "bounce/client_pattern.h"
#include "bounce/client_place.h"
#include "bounce/client_sentence.h"
#include "bounce/client_words.h"
#include "bounce/reply_text.h"
#include "bounce/same_site.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// In front of an address with which a judgement begins.
constexpr std::array<string_view, 15> openers{
    "ip",   "address", "addr",   "that",       "because",     "since", "as",    "sorry",
    "your", "the",     "sender", "connecting", "originating", "주소",  "귀하의"};

/// Patterns over what stands behind an address, in the language of `behind_pattern`.
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
  return before.back() == ':' && !ends_with_host_word(without_end(before, " :")) &&
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

/// "Your mail server's IP, x, is on our list".
bool is_judged_apart(const Place& place) {
  if (!place.before.ends_with(',') || !place.behind.starts_with(',')) return false;
  const auto behind = place.behind.substr(1);
  return begins_with_client(without_end(place.before, " ,")) &&
         std::any_of(judgements.begin(), judgements.end(), [behind](string_view pattern) {
           const auto rest = behind_pattern(pattern, behind);
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

std::optional<IpAddress> client_ip_judged_in(string_view lower, string_view own_domain) {
  const auto found = find_ip_addresses(lower);
  if (found.size() != 1) return std::nullopt;
  const auto places = places_of(lower, found.front());
  if (std::any_of(places.begin(), places.end(), is_destination)) return std::nullopt;
  const bool judged = std::any_of(places.begin(), places.end(), [own_domain](const Place& place) {
    return is_judged_before(place) || is_judged_by_clause(place) ||
           is_judged_behind(place, own_domain) || is_judged_in_sentence(place) ||
           is_judged_apart(place) || any_at_end(from_words, place.before);
  });
  return judged ? std::optional(found.front()) : std::nullopt;
}

}  // namespace maildiag::bounce
