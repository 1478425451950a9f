#include "checks/self_test_cache.h"

#include <array>
#include <utility>

namespace maildiag::checks {

std::string_view to_string(SelfTestVerdict::Kind kind) {
  switch (kind) {
    case SelfTestVerdict::Kind::passed:
      return "passed";
    case SelfTestVerdict::Kind::blocked:
      return "blocked";
    case SelfTestVerdict::Kind::broken:
      return "broken";
    case SelfTestVerdict::Kind::other_kind:
      return "other-kind";
    case SelfTestVerdict::Kind::unanswered:
      break;
  }
  return "unanswered";
}

std::optional<SelfTestVerdict::Kind> self_test_kind_from(std::string_view word) {
  using Kind = SelfTestVerdict::Kind;
  for (const auto kind :
       {Kind::passed, Kind::blocked, Kind::broken, Kind::unanswered, Kind::other_kind}) {
    if (to_string(kind) == word) return kind;
  }
  return std::nullopt;
}

const SelfTestVerdict* SelfTestCache::find(const std::string& key, WallTime now,
                                           bool this_run_only) {
  if (const auto restore_all = std::exchange(restore_all_, nullptr)) restore_all(*this);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  const auto& entry = found->second;
  if (this_run_only && entry.earlier_run) return nullptr;
  const WallTime::duration limit = entry.verdict.kind == SelfTestVerdict::Kind::unanswered
                                       ? WallTime::duration(unanswered_lifetime)
                                       : WallTime::duration(lifetime);
  const bool fresh = entry.tested <= now && now - entry.tested < limit;
  return fresh ? &entry.verdict : nullptr;
}

void SelfTestCache::restore_when_asked(std::function<void(SelfTestCache&)> restore_all) {
  restore_all_ = std::move(restore_all);
}

void SelfTestCache::keep(const std::string& key, SelfTestVerdict verdict, WallTime now) {
  if (entries_.size() >= most_entries && entries_.count(key) == 0) return;
  entries_[key] = {std::move(verdict), now, false};
  changed_ = true;
}

void SelfTestCache::restore(const std::string& key, SelfTestVerdict verdict, WallTime tested) {
  if (entries_.size() >= most_entries || entries_.count(key) != 0) return;
  entries_[key] = {std::move(verdict), tested, true};
}

}  // namespace maildiag::checks
