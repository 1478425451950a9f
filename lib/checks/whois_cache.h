/// What registries said, for a day: they limit how often they may be asked.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "checks/whois_registration.h"
#include "core/clock.h"

namespace maildiag::checks::whois {

class Cache {
 public:
  struct Entry {
    bool found = true;          ///< false: not registered
    Registration registration;  ///< of a found one
    std::string source, server, registry;
    WallTime asked;
  };
  static constexpr std::chrono::hours lifetime{24};
  /// A name that was free an hour ago may have been taken.
  static constexpr std::chrono::hours missing_lifetime{1};
  /// Entries; the oldest are forgotten. Their texts have at most some 10 KB.
  static constexpr std::size_t most_entries = 500;

  /// nullptr: not known, too old, or from a time to come (the clock was set back).
  const Entry* find(const std::string& key, WallTime now) const;
  void keep(const std::string& key, Entry entry);
  /// From an earlier run; what this one found stays.
  void restore(const std::string& key, Entry entry);

  const std::map<std::string, Entry>& entries() const { return entries_; }
  bool changed() const { return changed_; }

 private:
  void forget_oldest();

  std::map<std::string, Entry> entries_;
  bool changed_ = false;
};

}  // namespace maildiag::checks::whois
