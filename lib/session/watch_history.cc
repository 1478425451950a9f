#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/domain_name.h"
#include "core/ip_address.h"
#include "session/watch_round.h"

namespace maildiag {

namespace {

/// Columns of the time line: what fits into a terminal beside nothing else.
constexpr std::size_t buckets = 72;

struct Bucket {
  watch::Seconds start = 0;
  int runs = 0, bad = 0;
  std::int64_t answered = 0, asked = 0;  // of many runs
};

/// The worst of each stretch of time: a listing of an hour must not vanish in a year.
Value time_line(const std::vector<watch::Moment>& moments) {
  Value line = Value::array();
  if (moments.empty()) return line;
  const auto first = moments.front().time, last = moments.back().time;
  const auto width =
      std::max<watch::Seconds>(1, (last - first) / static_cast<watch::Seconds>(buckets) + 1);
  std::vector<Bucket> stretch(static_cast<std::size_t>((last - first) / width) + 1);
  for (const auto& moment : moments) {
    auto& bucket = stretch.at(static_cast<std::size_t>((moment.time - first) / width));
    ++bucket.runs;
    bucket.bad = std::max(bucket.bad, moment.bad);
    bucket.answered += moment.answered;
    bucket.asked += moment.asked;
  }
  for (std::size_t i = 0; i < stretch.size(); ++i) {
    const auto& bucket = stretch[i];
    line.push(Value::object(
        {{"time", session::moment_text(first + static_cast<watch::Seconds>(i) * width)},
         {"runs", bucket.runs},
         {"bad", bucket.bad},
         {"answered", bucket.answered},
         {"asked", bucket.asked}}));
  }
  return line;
}

Value standing_value(const watch::Standing& standing) {
  return Value::object({{"bad", standing.bad},
                        {"severity", to_string(standing.severity)},
                        {"value", standing.value}});
}

/// What is wrong, in words; null: the whole of a check is meant, which its value says.
Value title_of(const Session::Impl& impl, const watch::Key& key, const watch::Item& item) {
  if (key.fault.empty()) return {};
  std::vector<Finding> about{session::unpack_finding(item.detail)};
  impl.describe(about);
  return Value(about.front().title);
}

Value item_value(const Session::Impl& impl, const std::pair<watch::Key, watch::Item>& item) {
  const auto& [key, state] = item;
  return Value::object(
      {{"target", key.target.empty() ? "-" : key.target},
       {"check", key.check},
       {"subject", key.subject},
       {"severity", to_string(state.standing.severity)},
       {"value", state.standing.value},
       {"title", title_of(impl, key, state)},
       {"since", session::moment_text(state.since)},
       {"unanswered_since",
        state.unknown_since == 0 ? Value() : Value(session::moment_text(state.unknown_since))}});
}

/// As the history writes it; an unknown one is found out there.
std::string normalised(const std::string& text) {
  if (const auto ip = IpAddress::parse(text)) return ip->unmapped().to_string();
  const auto name = DomainName::from_user(text);
  return name ? name->to_string() : text;
}

}  // namespace

void Session::watch_history(const WatchHistoryOptions& options, const ReportSink& sink,
                            const ErrorSink& errors) {
  const auto state = session::watch_state_file(options.state);
  auto store = watch::Store::open(state, watch::Database::Mode::read_only);
  if (!store) return errors(store.error());
  auto targets = options.targets;
  if (targets.empty()) targets.emplace_back();
  for (const auto& text : targets) {
    const auto target = text.empty() ? text : normalised(text);
    const auto timeline = store->timeline(target);
    if (!timeline) return errors(timeline.error());
    const auto& known = timeline->targets;
    if (!target.empty() && std::find(known.begin(), known.end(), target) == known.end() &&
        timeline->events.empty()) {
      errors(known.empty()
                 ? make_error(ErrorCode::usage,
                              "`{}`: the history is empty; run maildiag watch first", text)
                 : make_error(ErrorCode::usage, "`{}` was never watched; known: {}", text,
                              fmt::format("{}", fmt::join(known, ", "))));
      continue;
    }
    auto report = session::new_report("watch history", target.empty() ? state : target);
    Value events = Value::array(), current = Value::array();
    for (const auto& event : timeline->events) {
      const auto& transition = event.transition;
      const auto finding = session::finding_of(*impl_, transition, false);
      events.push(Value::object({{"id", event.id},
                                 {"time", session::moment_text(transition.time)},
                                 {"since", session::moment_text(transition.since)},
                                 {"change", watch::to_string(transition.change)},
                                 {"target", transition.key.target},
                                 {"check", transition.key.check},
                                 {"subject", transition.key.subject},
                                 {"from", standing_value(transition.from)},
                                 {"to", standing_value(transition.to)},
                                 {"title", finding.title}}));
    }
    for (const auto& item : timeline->items) {
      current.push(item_value(*impl_, item));
      report.status = worse(report.status, item.second.standing.severity);
    }
    Value unwatched = Value::array();  // says nothing of how things stand: not in the status
    for (const auto& item : timeline->unwatched) {
      auto value = item_value(*impl_, item);
      value.set("unwatched_since", session::moment_text(item.second.unwatched));
      unwatched.push(std::move(value));
    }
    report.result = Value::object({{"targets", Value::strings(known)},
                                   {"line", time_line(timeline->moments)},
                                   {"current", std::move(current)},
                                   {"unwatched", std::move(unwatched)},
                                   {"events", std::move(events)}});
    impl_->finish(report);
    if (!sink(report)) return;
  }
}

}  // namespace maildiag
