#include "dns/answer_cache.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace maildiag::dns {
namespace {

/// A name that changed must not be believed for longer than a day, whatever TTL a server gives (RFC
/// 8767 section 4).
constexpr std::uint32_t longest_ttl = 86'400;

struct DataSize {
  std::size_t operator()(const TxtData& txt) const {
    std::size_t size = 0;
    for (const auto& string : txt.strings) size += sizeof(string) + string.size();
    return size;
  }
  std::size_t operator()(const RawData& raw) const { return raw.octets.size(); }
  std::size_t operator()(const TlsaData& tlsa) const { return tlsa.data.size(); }
  std::size_t operator()(const CaaData& caa) const { return caa.tag.size() + caa.value.size(); }
  template <class Other>
  std::size_t operator()(const Other&) const {
    constexpr std::size_t longest_name = 255;
    return longest_name;
  }
};

/// Roughly what an answer occupies.
std::size_t size_of(const Answer& answer) {
  constexpr std::size_t bookkeeping = 512;  // the entry, its list and map nodes, short strings
  std::size_t size = bookkeeping;
  for (const auto& record : answer.records) {
    size += sizeof(record) + record.name.wire().size() + std::visit(DataSize(), record.data);
  }
  for (const auto& name : answer.cname_chain) size += sizeof(name) + name.wire().size();
  return size;
}

}  // namespace

std::optional<Answer> AnswerCache::find(const Question& question, Time now) {
  const auto found = index_.find(question);
  if (found == index_.end()) return std::nullopt;
  const auto entry = found->second;
  if (entry->expires <= now) {
    erase(entry);
    return std::nullopt;
  }
  entries_.splice(entries_.begin(), entries_, entry);

  auto answer = entry->answer;
  const auto age = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now - entry->stored).count());
  answer.question = question;  // in the asker's case
  answer.ttl -= std::min(answer.ttl, age);
  for (auto& record : answer.records) record.ttl -= std::min(record.ttl, age);
  answer.from_cache = true;
  answer.elapsed = std::chrono::microseconds(0);
  return answer;
}

void AnswerCache::insert(const Answer& answer, Time now) {
  if (!answer.definite() || answer.ttl == 0) return;
  const auto octets = size_of(answer);
  if (octets > capacity_) return;
  while (used_ + octets > capacity_) erase(std::prev(entries_.end()));

  const auto kept = std::chrono::seconds(std::min(answer.ttl, longest_ttl));
  entries_.push_front(Entry{answer, now, now + kept, octets});
  const auto [place, is_new] = index_.try_emplace(answer.question, entries_.begin());
  if (!is_new) {
    used_ -= place->second->octets;
    entries_.erase(place->second);
    place->second = entries_.begin();
  }
  used_ += octets;
}

void AnswerCache::erase(Entries::iterator entry) {
  used_ -= entry->octets;
  index_.erase(entry->answer.question);
  entries_.erase(entry);
}

}  // namespace maildiag::dns
