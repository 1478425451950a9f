#include "diagnose/summary.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <maildiag/report.h>

#include "core/text.h"

namespace maildiag::diagnose {

namespace {

/// Longer than any address (RFC 5321 section 4.5.3.1): a key from hostile input does not grow.
constexpr std::size_t max_key_bytes = 320;

void widen(std::optional<WallTime>& first, std::optional<WallTime>& last,
           const std::optional<WallTime>& from, const std::optional<WallTime>& to) {
  if (from && (!first || *from < *first)) first = from;
  if (to && (!last || *to > *last)) last = to;
}

/// Timed samples before untimed ones, then the earliest.
bool is_earlier(const std::optional<WallTime>& a, const std::optional<WallTime>& b) {
  return a && (!b || *a < *b);
}

/// Shorter names first: "log:2" stands before "log:10".
bool name_goes_before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

auto order_of(const Summary::Sample& sample) {
  return std::tie(sample.reply, sample.recipient, sample.sender, sample.rule, sample.cause,
                  sample.verdict, sample.first_step);
}

bool goes_before(const Summary::Sample& a, const Summary::Sample& b) {
  if (a.time != b.time) return is_earlier(a.time, b.time);
  if (a.name != b.name) return name_goes_before(a.name, b.name);
  return order_of(a) < order_of(b);
}

Summary::Sample sample_of(const SummaryEntry& entry) {
  const auto& failure = *entry.failure;
  Summary::Sample sample;
  sample.name = entry.name;
  sample.recipient = sample_text(failure.recipient);
  sample.sender = sample_text(failure.sender);
  if (failure.reply.code != 0) sample.reply = std::to_string(failure.reply.code) + " ";
  if (!failure.reply.status.empty()) sample.reply += failure.reply.status + " ";
  sample.reply = sample_text(sample.reply.append(failure.reply.text));
  sample.rule = entry.rule;
  sample.cause = entry.cause;
  sample.verdict = entry.verdict;
  sample.time = failure.time;
  if (entry.first_step) sample.first_step = entry.first_step();
  return sample;
}

std::size_t index_of(Dimension dimension) {
  return static_cast<std::size_t>(dimension);
}

std::string_view bounded(std::string_view key) {
  return key.substr(0, max_key_bytes);
}

}  // namespace

std::string sample_text(std::string_view text) {
  if (text.size() <= max_sample_bytes) return std::string(text);
  constexpr std::string_view ellipsis = "\u2026";
  std::size_t end = max_sample_bytes - ellipsis.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return std::string(text.substr(0, end)).append(ellipsis);
}

std::string_view to_string(Dimension dimension) {
  switch (dimension) {
    case Dimension::cause:
      return "cause";
    case Dimension::provider:
      return "provider";
    case Dimension::rule:
      return "rule";
    case Dimension::sending_ip:
      return "sending_ip";
    case Dimension::sender:
      break;
  }
  return "sender";
}

void Summary::Row::merge(const Row& other) {
  if (count == 0 || (other.count > 0 && goes_before(other.sample, sample))) sample = other.sample;
  count += other.count;
  widen(first, last, other.first, other.last);
  for (const auto& [cause, hits] : other.causes) causes[cause] += hits;
}

void Summary::add(const SummaryEntry& entry) {
  const auto& failure = *entry.failure;
  ++failures_;
  worst_ = worse(worst_, entry.severity);
  widen(first_, last_, failure.time, failure.time);
  count(Dimension::cause, entry.cause, entry);
  count(Dimension::provider, entry.provider, entry);
  count(Dimension::rule, entry.rule, entry);
  count(Dimension::sending_ip, failure.sending_ip ? failure.sending_ip->to_string() : std::string(),
        entry);
  const auto sender = text::ascii_lower(bounded(failure.sender));
  count(Dimension::sender, sender, entry);
  if (!entry.bulk_mail)
    bursts_.add(sender, bounded(failure.recipient), failure.time, entry.passage);
}

void Summary::count_message(std::string_view kind) {
  const auto known = messages_.find(kind);
  if (known != messages_.end()) {
    ++known->second;
  } else {
    messages_.emplace(kind, 1);
  }
}

Summary::Row& Summary::row_of(Dimension dimension, std::string_view key) {
  auto& rows = rows_[index_of(dimension)];
  const auto known = rows.find(key);
  if (known != rows.end()) return known->second;
  if (rows.size() >= max_summary_rows) join_small_rows(dimension);
  return rows[std::string(key)];
}

void Summary::count(Dimension dimension, std::string_view key, const SummaryEntry& entry) {
  const auto& failure = *entry.failure;
  auto& row = row_of(dimension, key);
  if (row.count == 0 || is_earlier(failure.time, row.sample.time)) {
    row.sample = sample_of(entry);
  } else if (failure.time == row.sample.time && !name_goes_before(row.sample.name, entry.name)) {
    // The same choice as by merging, which knows no order of arrival.
    auto sample = sample_of(entry);
    if (goes_before(sample, row.sample)) row.sample = std::move(sample);
  }
  ++row.count;
  widen(row.first, row.last, failure.time, failure.time);
  const auto cause = row.causes.find(entry.cause);
  if (cause != row.causes.end()) {
    ++cause->second;
  } else {
    row.causes.emplace(entry.cause, 1);
  }
}

void Summary::join_small_rows(Dimension dimension) {
  auto& rows = rows_[index_of(dimension)];
  std::vector<std::pair<std::uint64_t, std::string_view>> order;
  order.reserve(rows.size());
  for (const auto& [key, row] : rows) order.emplace_back(row.count, key);
  const auto half = order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2);
  std::nth_element(order.begin(), half, order.end());
  std::vector<std::string> gone;
  for (auto item = order.begin(); item != half; ++item) gone.emplace_back(item->second);
  for (const auto& key : gone) {
    const auto row = rows.find(key);
    joined_[index_of(dimension)] += row->second.count;
    rows.erase(row);
  }
}

void Summary::merge(const Summary& other) {
  failures_ += other.failures_;
  unreadable_ += other.unreadable_;
  worst_ = worse(worst_, other.worst_);
  widen(first_, last_, other.first_, other.last_);
  for (const auto& [kind, messages] : other.messages_) messages_[kind] += messages;
  for (const auto dimension : dimensions) {
    const auto index = index_of(dimension);
    joined_[index] += other.joined_[index];
    for (const auto& [key, row] : other.rows_[index]) row_of(dimension, key).merge(row);
  }
  bursts_.merge(other.bursts_);
}

}  // namespace maildiag::diagnose
