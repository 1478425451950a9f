/// What only many bounces together show: one sender's mail failing at many strangers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "diagnose/distinct.h"
#include "diagnose/own_hosts.h"

namespace maildiag::diagnose {

/// A day: the bounces of one night's run come in over some hours, and a person does not write to
/// this many strangers in a day.
inline constexpr std::int64_t burst_hours = 24;
/// A person's failures on a bad day are a handful; who sends with a stolen password sends
/// thousands, of which 5 to 30 in a hundred bounce.
inline constexpr std::uint64_t burst_recipients = 20;
/// Many recipients in few domains are a customer's mailing or one broken server; bought address
/// lists are spread over many.
inline constexpr std::uint64_t burst_domains = 10;

/// Senders that are watched at once; from there on the quiet ones are forgotten, so memory stays
/// bounded whatever the log holds.
inline constexpr std::size_t max_watched_senders = 10'000;
/// Hours with failures that are kept of a sender; the quietest are forgotten first.
inline constexpr std::size_t max_hours = 96;

struct Burst {
  std::string sender;
  Passage passage = Passage::unknown;
  std::optional<WallTime> since, until;  ///< nullopt: the bounces bear no time
  std::uint64_t failures = 0, recipients = 0, domains = 0;
};

class Bursts {
 public:
  struct Hour {
    std::uint64_t failures = 0;
    std::optional<WallTime> first, last;
    Distinct recipients, domains;
    void merge(const Hour& other);
  };
  /// Hours since the epoch; untimed failures stand together in one.
  static constexpr std::int64_t untimed = INT64_MIN;
  using Activity = std::map<std::pair<Passage, std::int64_t>, Hour>;

  void add(std::string_view sender, std::string_view recipient, std::optional<WallTime> time,
           Passage passage);
  void merge_hour(const std::string& sender, Passage passage, std::int64_t hour,
                  const Hour& failures);
  void merge(const Bursts& other);

  /// The senders and hours by which a burst shows, in the order of sender and passage.
  std::vector<Burst> find() const;
  /// By sender; what a summary keeps of them for merging.
  std::map<std::string_view, const Activity*> activities() const;

 private:
  Activity& activity_of(std::string_view sender);
  void forget_quiet_senders();

  /// Not noexcept: so each entry keeps its hash, or a search would hash the keys that it passes.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  std::unordered_map<std::string, Activity, Hash, std::equal_to<>> senders_;
};

}  // namespace maildiag::diagnose
