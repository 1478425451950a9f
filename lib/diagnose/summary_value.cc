// The form in which summaries are written and read again.

#include <algorithm>
#include <cmath>

#include "diagnose/summary.h"

namespace maildiag::diagnose {

namespace {

Value text_or_null(std::string_view text) {
  return text.empty() ? Value() : Value(text);
}

Value time_value(const std::optional<WallTime>& time) {
  return time ? Value(to_rfc3339(*time)) : Value();
}

std::optional<WallTime> time_from(const Value& value) {
  return from_rfc3339(value.as_string());
}

/// More failures than all mail servers of the world have in a year; the sums of a million such
/// files have room.
constexpr std::int64_t max_count = 1'000'000'000'000;

/// Negative numbers are nothing that a count can be.
std::uint64_t count_from(const Value& value) {
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(value.as_integer(), 0, max_count));
}

/// The keys of a map are known to differ, which Value::set() would look for.
Value counts_value(const std::map<std::string, std::uint64_t, std::less<>>& counts) {
  Value::Object members;
  members.reserve(counts.size());
  for (const auto& [key, count] : counts) members.push_back({key, count});
  return members;
}

std::string_view commonest(const std::map<std::string, std::uint64_t, std::less<>>& causes) {
  const auto most =
      std::max_element(causes.begin(), causes.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most != causes.end() ? std::string_view(most->first) : std::string_view();
}

Value sample_value(const Summary::Sample& sample) {
  return Value::object({{"name", sample.name},
                        {"time", time_value(sample.time)},
                        {"recipient", sample.recipient},
                        {"sender", sample.sender},
                        {"reply", sample.reply},
                        {"rule", text_or_null(sample.rule)},
                        {"cause", sample.cause},
                        {"verdict", text_or_null(sample.verdict)},
                        {"first_step", text_or_null(sample.first_step)}});
}

Summary::Sample sample_from(const Value& value) {
  Summary::Sample sample;
  sample.name = value["name"].as_string();
  sample.time = time_from(value["time"]);
  sample.recipient = sample_text(value["recipient"].as_string());
  sample.sender = sample_text(value["sender"].as_string());
  sample.reply = sample_text(value["reply"].as_string());
  sample.rule = value["rule"].as_string();
  sample.cause = value["cause"].as_string();
  sample.verdict = value["verdict"].as_string();
  sample.first_step = value["first_step"].as_string();
  return sample;
}

class RowWriter {
 public:
  RowWriter(std::uint64_t failures, const Summary::Rows& cause_rows)
      : failures_(failures), cause_rows_(cause_rows) {}

  Value write(const std::string& key, const Summary::Row& row) const {
    const double share =
        failures_ == 0 ? 0 : static_cast<double>(row.count) / static_cast<double>(failures_);
    return Value::object({{"key", text_or_null(key)},
                          {"count", row.count},
                          {"share", std::round(share * 1e4) / 1e4},
                          {"first_seen", time_value(row.first)},
                          {"last_seen", time_value(row.last)},
                          {"causes", counts_value(row.causes)},
                          {"first_step", first_step(row)},
                          {"sample", sample_value(row.sample)}});
  }

 private:
  /// About the commonest cause: by the row's own sample where that is of this cause.
  Value first_step(const Summary::Row& row) const {
    const auto cause = commonest(row.causes);
    if (row.sample.cause == cause) return text_or_null(row.sample.first_step);
    const auto found = cause_rows_.find(cause);
    return found != cause_rows_.end() ? text_or_null(found->second.sample.first_step) : Value();
  }

  std::uint64_t failures_;
  const Summary::Rows& cause_rows_;
};

Summary::Row row_from(const Value& value) {
  Summary::Row row;
  row.count = count_from(value["count"]);
  row.first = time_from(value["first_seen"]);
  row.last = time_from(value["last_seen"]);
  for (const auto& member : value["causes"].as_object())
    row.causes[member.key] = count_from(member.value);
  row.sample = sample_from(value["sample"]);
  return row;
}

Value hashes_value(const Distinct& distinct) {
  Value array = Value::array();
  for (const auto hash : distinct.hashes()) array.push(hash);
  return array;
}

Distinct distinct_from(const Value& value) {
  Distinct distinct;
  for (const auto& hash : value.as_array()) {
    const auto number = static_cast<std::uint64_t>(hash.as_integer());
    if (number >> Distinct::hash_bits == 0) distinct.add_hash(number);
  }
  return distinct;
}

Value hour_value(Passage passage, std::int64_t hour, const Bursts::Hour& failures) {
  return Value::object({{"passage", to_string(passage)},
                        {"hour", hour == Bursts::untimed ? Value() : Value(hour)},
                        {"failures", failures.failures},
                        {"first", time_value(failures.first)},
                        {"last", time_value(failures.last)},
                        {"recipients", hashes_value(failures.recipients)},
                        {"domains", hashes_value(failures.domains)}});
}

Value activity_value(const Bursts& bursts) {
  Value list = Value::array();
  for (const auto& [sender, activity] : bursts.activities()) {
    Value hours = Value::array();
    for (const auto& [key, hour] : *activity) hours.push(hour_value(key.first, key.second, hour));
    list.push(Value::object({{"sender", sender}, {"hours", std::move(hours)}}));
  }
  return list;
}

/// Hours since the epoch up to the year 9999: what no run can have written is none.
std::int64_t hour_from(const Value& value) {
  constexpr std::int64_t last_hour = 70'400'000;
  const auto hour = value.as_integer();
  return value.is_integer() && hour >= 0 && hour <= last_hour ? hour : Bursts::untimed;
}

void activity_from(const Value& list, Bursts& bursts) {
  for (const auto& sender : list.as_array()) {
    for (const auto& value : sender["hours"].as_array()) {
      Bursts::Hour hour;
      hour.failures = count_from(value["failures"]);
      hour.first = time_from(value["first"]);
      hour.last = time_from(value["last"]);
      hour.recipients = distinct_from(value["recipients"]);
      hour.domains = distinct_from(value["domains"]);
      const auto passage = passage_from(value["passage"].as_string());
      bursts.merge_hour(sender["sender"].as_string(), passage.value_or(Passage::unknown),
                        hour_from(value["hour"]), hour);
    }
  }
}

std::optional<Severity> severity_from(std::string_view text) {
  for (const auto severity :
       {Severity::ok, Severity::info, Severity::warning, Severity::critical, Severity::unknown}) {
    if (to_string(severity) == text) return severity;
  }
  return std::nullopt;
}

}  // namespace

Value Summary::to_value() const {
  Value groups = Value::object(), joined = Value::object();
  const RowWriter writer(failures_, rows_[static_cast<std::size_t>(Dimension::cause)]);
  for (const auto dimension : dimensions) {
    const auto& rows = rows_[static_cast<std::size_t>(dimension)];
    std::vector<const Rows::value_type*> order;
    order.reserve(rows.size());
    for (const auto& row : rows) order.push_back(&row);
    std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
      return a->second.count != b->second.count ? a->second.count > b->second.count
                                                : a->first < b->first;
    });
    auto others = joined_[static_cast<std::size_t>(dimension)];
    for (; others > 0 && order.size() > max_told_rows; order.pop_back())
      others += order.back()->second.count;
    Value::Array list;
    list.reserve(order.size());
    for (const auto* row : order) list.push_back(writer.write(row->first, row->second));
    groups.set(to_string(dimension), std::move(list));
    joined.set(to_string(dimension), others);
  }
  return Value::object({{"failures", failures_},
                        {"messages", counts_value(messages_)},
                        {"unreadable", unreadable_},
                        {"first_seen", time_value(first_)},
                        {"last_seen", time_value(last_)},
                        {"worst", maildiag::to_string(worst_)},
                        {"groups", std::move(groups)},
                        {"others", std::move(joined)},
                        {"activity", activity_value(bursts_)}});
}

Result<Summary> Summary::from_value(const Value& value) {
  const auto worst = severity_from(value["worst"].as_string());
  if (!value["failures"].is_integer() || !value["groups"].is_object() || !worst)
    return fail_with(ErrorCode::bad_data, "not a summary of `maildiag explain --summary`");
  Summary summary;
  summary.failures_ = count_from(value["failures"]);
  summary.unreadable_ = count_from(value["unreadable"]);
  summary.first_ = time_from(value["first_seen"]);
  summary.last_ = time_from(value["last_seen"]);
  summary.worst_ = *worst;
  for (const auto& member : value["messages"].as_object())
    summary.messages_[member.key] = count_from(member.value);
  for (const auto dimension : dimensions) {
    summary.joined_[static_cast<std::size_t>(dimension)] =
        count_from(value["others"][to_string(dimension)]);
    for (const auto& row : value["groups"][to_string(dimension)].as_array())
      summary.row_of(dimension, row["key"].as_string()).merge(row_from(row));
  }
  activity_from(value["activity"], summary.bursts_);
  return summary;
}

}  // namespace maildiag::diagnose
