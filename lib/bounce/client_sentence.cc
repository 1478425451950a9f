#include "bounce/client_sentence.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "bounce/client_names.h"
#include "bounce/client_pattern.h"
#include "bounce/reply_text.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// In front of the client's name, where the sentence begins.
constexpr std::array<string_view, 8> sentence_openers{"the", "that",  "because", "since",
                                                      "as",  "sorry", "however", "죄송합니다"};
/// Of the client's name: "your mail server's IP address".
constexpr std::array<string_view, 6> name_tails{"'s", "ip", "address", "addr", "주소", "의 ip"};
/// In front of the address: "(IP: x)".
constexpr std::array<string_view, 7> address_labels{"ip",        "ip address", "ip addr", "address",
                                                    "client ip", "ip 주소",    "주소"};

/// The whole between name and address, in the language of `behind_pattern`.
constexpr std::array<string_view, 15> sentences{
    "is|was|has_been|have_been currently|still|now|already|temporarily|permanently? JUDGED",
    "is|was|has_been|have_been currently|still|now|already|temporarily|permanently? JUDGED "
    "by|in|on|at|using|via|through our|the|a|this|your? LIST",
    "is|was|has_been|have_been currently|still|now|already|temporarily|permanently? JUDGED "
    "due_to|because_of|for a|its? low|poor|bad|negative? reputation|spamming|spam|abuse|policy",
    "is|was|has_been|have_been JUDGED by|due_to our|the|local? policy",
    "is|was not authorized|allowed|permitted|welcome|accepted",
    "is|was currently|still|now|already? in|on a|the|our|your? LIST",
    "has|have no|missing|invalid a? valid|matching|correct? REVERSE dns? "
    "records|record|name|entry|lookup?",
    "does_not|do_not|doesn't have a|any? valid|matching|correct? REVERSE dns? "
    "records|record|name|entry|lookup?",
    "is_missing|lacks a|any? valid|matching|correct? REVERSE dns? records|record|name|entry?",
    "must|should have a? valid|matching|correct? REVERSE dns? records|record|name|entry?",
    "must|should|has_to|does_not|doesn't|cannot|can't|did_not|could_not resolve|be_resolvable",
    "has|have a? very|too? bad|poor|low|negative reputation",
    "가|는|이|은 현재|이미|일시적으로? 스팸으로|정책에_의해|정책에_따라|평판_문제로|평판이_낮아? "
    "KO_JUDGED KO_DONE",
    "가|는|이|은 현재|이미? KO_LIST 에 등록|등재 KO_DONE",
    "의|에|는|은|가? KO_REVERSE dns? 레코드|도메인|이름|설정? 이|가? "
    "없습니다|없음|미등록|존재하지_않습니다|등록되어_있지_않습니다|설정되어_있지_않습니다"};
/// Behind such a sentence a list by its name: "using zen.spamhaus.org".
constexpr std::array<string_view, 3> list_links{"using", "via", "with"};
constexpr std::array<string_view, 4> listed_links{"in", "on", "at", "by"};

/// Behind "..., x," and "... (x)": what speaks on of the client.
constexpr std::array<string_view, 14> speaks_on{"see",     "please", "visit",  "contact", "check",
                                                "refer",   "for",    "and",    "so",      "using",
                                                "because", "due",    "listed", "http"};

/// The text without its last word, where that is a host's name; else as it is.
bool takes_list(string_view sentence, string_view& rest) {
  auto before = rest;
  if (!take_host_name(before)) return false;
  auto link = before;
  const bool listed = sentence.find("listed") != string_view::npos;
  if (!take_from_end(list_links, link) && !(listed && take_from_end(listed_links, link)))
    return false;
  rest = link;
  return true;
}

/// Three times what the longest sentence of known words has; an address may stand in a text ten
/// thousand times, and each place looks back.
constexpr std::size_t max_sentence = 300;

/// True if nothing but known words stands in front of the client's name.
bool opens_sentence(string_view front) {
  front = text::trim(front);
  while (take_from_end(sentence_openers, front)) {
  }
  return front.empty() || string_view(".;,!?-:)").find(front.back()) != string_view::npos;
}

bool is_sentence(string_view behind_name) {
  while (true) {
    const auto tail = std::find_if(
        name_tails.begin(), name_tails.end(),
        [behind_name](string_view word) { return starts_with_word(behind_name, word); });
    if (tail == name_tails.end()) break;
    behind_name = text::trim(behind_name.substr(tail->size()));
  }
  return std::any_of(sentences.begin(), sentences.end(), [behind_name](string_view pattern) {
    const auto rest = behind_pattern(pattern, behind_name);
    return rest && without_end(text::trim(*rest), " .!").empty();
  });
}

/// What is left of `before` without the mark and the label that lead to the address; nullopt: none
/// do.
std::optional<string_view> before_address(const Place& place, bool& marked) {
  auto rest = without_end(place.before, " =:");
  marked = rest.size() < text::trim(place.before).size();
  const bool labelled = take_from_end(address_labels, rest);
  const auto bare = without_end(rest, " -:=([");
  marked = marked || bare.size() < rest.size();
  if (!marked && !place.bracketed) return std::nullopt;
  return labelled || place.bracketed ? without_end(bare, " .,;!-:=([") : bare;
}

bool ends_behind(const Place& place) {
  const auto next = text::trim(place.behind);
  if (next.empty() || string_view(".;!)").find(next[0]) != string_view::npos) return true;
  if (next[0] == ',') return any_at_start(speaks_on, text::trim(next.substr(1)));
  return place.bracketed && any_at_start(speaks_on, next);
}

}  // namespace

bool is_judged_in_sentence(const Place& place) {
  bool marked = false;
  const auto before = before_address(place, marked);
  if (!before || !ends_behind(place)) return false;
  auto whole = *before;
  // In brackets behind the name of a host the address is that host's.
  if (auto rest = whole; takes_list(whole, rest)) {
    if (!marked) return false;
    whole = rest;
  }
  const bool cut = whole.size() > max_sentence;
  if (cut) whole.remove_prefix(whole.size() - max_sentence);
  return std::any_of(client_names.begin(), client_names.end(), [whole, cut](string_view name) {
    const auto at = whole.rfind(name);
    return at != string_view::npos && (at > 0 || !cut) &&
           ends_with_word(whole.substr(0, at + name.size()), name) &&
           starts_with_word(whole.substr(at), name) && opens_sentence(whole.substr(0, at)) &&
           is_sentence(text::trim(whole.substr(at + name.size())));
  });
}

bool begins_with_client(string_view before) {
  while (take_from_end(name_tails, before)) {
  }
  return std::any_of(client_names.begin(), client_names.end(), [before](string_view name) {
    return ends_with_word(before, name) &&
           opens_sentence(before.substr(0, before.size() - name.size()));
  });
}

}  // namespace maildiag::bounce
