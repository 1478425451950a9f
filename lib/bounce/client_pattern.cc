#include "bounce/client_pattern.h"

#include <algorithm>
#include <array>
#include <string>

#include "bounce/client_place.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

struct WordGroup {
  string_view name, words;
};
constexpr std::array<WordGroup, 9> word_groups{{
    {"REVERSE", "ptr|rdns|reverse_dns|reverse_name|reverse_lookup|reverse"},
    {"LISTED", "listed|blacklisted|blocklisted"},
    {"LIST", "blacklist|blocklist|block_list|dnsbl|rbl"},
    {"KO_REVERSE", "ptr|rdns|역방향|리버스"},
    {"OWNED", "ptr|rdns|역방향|리버스|평판"},
    {"KO_LIST", "블랙리스트|rbl|dnsbl|차단_목록|차단목록|스팸_목록|스팸목록"},
    {"JUDGED",
     "blocked|blacklisted|blocklisted|black_listed|block_listed|listed|banned|rejected|refused|"
     "denied|blackholed"},
    {"KO_JUDGED", "차단|거부|거절|제한"},
    {"KO_DONE",
     "되었습니다|되어_있습니다|되어있습니다|되었음|되어_있음|됐습니다|돼_있습니다|된_상태입니다|"
     "됨"},
}};
}  // namespace

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

}  // namespace maildiag::bounce
