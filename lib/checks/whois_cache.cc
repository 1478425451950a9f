#include "checks/whois_cache.h"

#include <algorithm>
#include <utility>

namespace maildiag::checks::whois {

const Cache::Entry* Cache::find(const std::string& key, WallTime now) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  const auto& entry = found->second;
  const auto limit = entry.found ? lifetime : missing_lifetime;
  return entry.asked <= now && now - entry.asked < limit ? &entry : nullptr;
}

void Cache::keep(const std::string& key, Entry entry) {
  entries_[key] = std::move(entry);
  changed_ = true;
  forget_oldest();
}

void Cache::restore(const std::string& key, Entry entry) {
  entries_.emplace(key, std::move(entry));
  forget_oldest();
}

void Cache::forget_oldest() {
  if (entries_.size() <= most_entries) return;
  entries_.erase(std::min_element(
      entries_.begin(), entries_.end(),
      [](const auto& a, const auto& b) { return a.second.asked < b.second.asked; }));
}

}  // namespace maildiag::checks::whois
