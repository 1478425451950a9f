#include "diagnose/bursts.h"

#include <algorithm>
#include <tuple>

#include "core/text.h"

namespace maildiag::diagnose {

namespace {

std::int64_t hour_of(std::optional<WallTime> time) {
  if (!time) return Bursts::untimed;
  return std::chrono::floor<std::chrono::hours>(*time).time_since_epoch().count();
}

std::uint64_t failures_of(const Bursts::Activity& activity) {
  std::uint64_t sum = 0;
  for (const auto& [key, hour] : activity) sum += hour.failures;
  return sum;
}

void drop_quiet_hours(Bursts::Activity& activity) {
  while (activity.size() > max_hours) {
    activity.erase(std::min_element(
        activity.begin(), activity.end(),
        [](const auto& a, const auto& b) { return a.second.failures < b.second.failures; }));
  }
}

bool is_burst(const Bursts::Hour& window) {
  return window.recipients.count() >= burst_recipients && window.domains.count() >= burst_domains;
}

/// The hours that lie in a window of burst_hours which is a burst, joined; none: no burst.
Bursts::Hour burst_of(Bursts::Activity::const_iterator begin,
                      Bursts::Activity::const_iterator end) {
  Bursts::Hour burst;
  auto joined = begin;  // hours before it are part of the burst already
  for (auto start = begin; start != end; ++start) {
    Bursts::Hour window;
    auto stop = start;
    while (stop != end && (stop->first.second == start->first.second ||
                           stop->first.second - start->first.second < burst_hours)) {
      window.merge(stop->second);
      ++stop;
      // From "untimed" no hour is near.
      if (start->first.second == Bursts::untimed) break;
    }
    if (!is_burst(window)) continue;
    while (joined != end && joined->first < start->first) ++joined;
    for (; joined != stop; ++joined) burst.merge(joined->second);
  }
  return burst;
}

}  // namespace

void Bursts::Hour::merge(const Hour& other) {
  failures += other.failures;
  if (other.first && (!first || *other.first < *first)) first = other.first;
  if (other.last && (!last || *other.last > *last)) last = other.last;
  recipients.merge(other.recipients);
  domains.merge(other.domains);
}

Bursts::Activity& Bursts::activity_of(std::string_view sender) {
  const auto known = senders_.find(sender);
  if (known != senders_.end()) return known->second;
  if (senders_.size() >= max_watched_senders) forget_quiet_senders();
  return senders_[std::string(sender)];
}

void Bursts::forget_quiet_senders() {
  std::vector<std::tuple<std::uint64_t, std::string_view>> quiet;
  quiet.reserve(senders_.size());
  for (const auto& [sender, activity] : senders_) quiet.emplace_back(failures_of(activity), sender);
  const auto half = quiet.begin() + static_cast<std::ptrdiff_t>(quiet.size() / 2);
  std::nth_element(quiet.begin(), half, quiet.end());
  const std::vector<std::tuple<std::uint64_t, std::string_view>> gone(quiet.begin(), half);
  for (const auto& [failures, sender] : gone) senders_.erase(senders_.find(sender));
}

void Bursts::add(std::string_view sender, std::string_view recipient, std::optional<WallTime> time,
                 Passage passage) {
  if (sender.empty() || recipient.empty()) return;
  auto& activity = activity_of(sender);
  auto& hour = activity[{passage, hour_of(time)}];
  ++hour.failures;
  if (time && (!hour.first || *time < *hour.first)) hour.first = time;
  if (time && (!hour.last || *time > *hour.last)) hour.last = time;
  hour.recipients.add(recipient);
  const auto at = recipient.rfind('@');
  hour.domains.add(at == std::string_view::npos ? recipient : recipient.substr(at + 1));
  drop_quiet_hours(activity);
}

void Bursts::merge_hour(const std::string& sender, Passage passage, std::int64_t hour,
                        const Hour& failures) {
  if (sender.empty()) return;
  auto& activity = activity_of(sender);
  activity[{passage, hour}].merge(failures);
  drop_quiet_hours(activity);
}

void Bursts::merge(const Bursts& other) {
  for (const auto& [sender, activity] : other.activities()) {
    for (const auto& [key, hour] : *activity)
      merge_hour(std::string(sender), key.first, key.second, hour);
  }
}

std::vector<Burst> Bursts::find() const {
  std::vector<Burst> bursts;
  for (const auto& [sender, activity] : activities()) {
    if (failures_of(*activity) < burst_recipients) continue;
    for (auto begin = activity->begin(); begin != activity->end();) {
      const auto passage = begin->first.first;
      const auto end = std::find_if(begin, activity->end(), [passage](const auto& entry) {
        return entry.first.first != passage;
      });
      const auto found = burst_of(begin, end);
      if (found.failures > 0) {
        bursts.push_back({std::string(sender), passage, found.first, found.last, found.failures,
                          found.recipients.count(), found.domains.count()});
      }
      begin = end;
    }
  }
  return bursts;
}

std::map<std::string_view, const Bursts::Activity*> Bursts::activities() const {
  std::map<std::string_view, const Activity*> sorted;
  for (const auto& [sender, activity] : senders_) sorted.emplace(sender, &activity);
  return sorted;
}

}  // namespace maildiag::diagnose
