#include "bounce/client_place.h"

#include <string>

#include "bounce/reply_text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// Behind an address: it is a place that something goes to or happens at.
constexpr std::array<string_view, 13> place_particles{
    "에서",      "로",       "으로",      "(으)로", "에 ",  "에게",      "서버",
    "메일 서버", "메일서버", "수신 서버", "호스트", "포트", "게이트웨이"};
constexpr std::array<string_view, 7> other_particles{"로부터",  "으로부터", "에 대한",   "에 대해",
                                                     "에 관한", "로 인한",  "(으)로부터"};
constexpr std::array<string_view, 9> host_words{"server",     "host", "port",    "relay", "mx",
                                                "nameserver", "peer", "gateway", "'s"};
constexpr std::array<string_view, 4> mail_ports{":25", ":465", ":587", ":2525"};

/// A word's character, or one that makes a name of words: "mx.spam-filter.example".
bool joins(char character) {
  return is_alnum(character) || string_view("-._@").find(character) != string_view::npos;
}

}  // namespace

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

string_view without_end(string_view text, string_view characters) {
  const auto last = text.find_last_not_of(characters);
  return last == string_view::npos ? string_view() : text.substr(0, last + 1);
}

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

bool is_destination(const Place& place) {
  const auto behind = place.behind;
  const auto next = text::trim(behind);
  if (any_at_start(mail_ports, behind) || any_at_start(host_words, next)) return true;
  if (any_at_start(other_particles, next)) return false;
  return any_at_start(place_particles, next);
}

bool ends_with_host_word(string_view text) {
  return any_at_end(host_words, text);
}

bool take_host_name(string_view& text) {
  const auto word = text.substr(text.find_last_of(" \t(<[:;,=") + 1);
  if (host_of(word).empty()) return false;
  text = text::trim(text.substr(0, text.size() - word.size()));
  return true;
}

bool take_host(const Place& place, string_view& before) {
  return place.bracketed && take_host_name(before);
}

}  // namespace maildiag::bounce
