#include <tuple>

#include "rulebook/loader/tables.h"

namespace maildiag::rulebook {
namespace {

// The more specific the words, the surer the cause; a status or reply code alone stands for
// several.
enum class Level { reply_code, status, phrase, mta_phrase, provider_phrase, subcode };

Level level_of(const Rule& rule, std::span<const Provider> providers) {
  if (rule.match.empty()) return rule.status.empty() ? Level::reply_code : Level::status;
  if (rule.subcode) return Level::subcode;
  if (rule.provider.empty()) return Level::phrase;
  const Provider* provider = find_by_id(providers, rule.provider);
  return provider != nullptr && provider->kind == "mta" ? Level::mta_phrase
                                                        : Level::provider_phrase;
}

int guards_of(const Rule& rule) {
  return (rule.reply.empty() ? 0 : 1) + (rule.status.empty() ? 0 : 1) +
         (rule.from_provider ? 1 : 0) + (rule.names.empty() ? 0 : 1);
}

// Components that are no "*", in the widest of the rule's status patterns.
int narrowness_of(const Rule& rule) {
  int result = 3;
  for (const auto status : rule.status) {
    result = std::min(result, 3 - static_cast<int>(std::count(status.begin(), status.end(), '*')));
  }
  return rule.status.empty() ? 0 : result;
}

}  // namespace

std::vector<std::uint16_t> winning_order(std::span<const Rule> rules,
                                         std::span<const Provider> providers) {
  using Rank = std::tuple<Level, int, int, int, int>;
  std::vector<std::pair<Rank, std::uint16_t>> ranked;
  ranked.reserve(rules.size());
  for (const auto& rule : rules) {
    ranked.emplace_back(Rank{level_of(rule, providers), guards_of(rule), rule.literal_length,
                             narrowness_of(rule), rule.layer},
                        static_cast<std::uint16_t>(ranked.size()));
  }
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<std::uint16_t> order;
  order.reserve(ranked.size());
  for (const auto& [rank, index] : ranked) order.push_back(index);
  return order;
}

}  // namespace maildiag::rulebook
