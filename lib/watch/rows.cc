#include "watch/rows.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "watch/schema.h"

namespace maildiag::watch {

namespace {

constexpr std::array severities{Severity::ok, Severity::warning, Severity::critical,
                                Severity::unknown, Severity::info};

std::int64_t number_of(Severity severity) {
  for (std::size_t i = 0; i < severities.size(); ++i) {
    if (severities.at(i) == severity) return static_cast<std::int64_t>(i);
  }
  return 3;
}

Severity severity_of(std::int64_t number) {
  const auto index = static_cast<std::size_t>(number);
  return index < severities.size() ? severities.at(index) : Severity::unknown;
}

Standing standing_of(const Statement& row, int first) {
  return {row.integer(first) != 0, severity_of(row.integer(first + 1)), row.text(first + 2)};
}

void bind_standing(Statement& statement, int first, const Standing& standing) {
  statement.bind(first, standing.bad ? 1 : 0)
      .bind(first + 1, number_of(standing.severity))
      .bind(first + 2, standing.value);
}

/// A line for each: the severity's digit, a blank, the name. NULL: not told apart.
std::optional<Faults> faults_of(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  Faults faults;
  const auto lines = row.text(column);
  for (std::size_t at = 0; at + 2 <= lines.size();) {
    const auto end = std::min(lines.find('\n', at + 2), lines.size());
    faults.emplace(lines.substr(at + 2, end - at - 2), severity_of(lines[at] - '0'));
    at = end + 1;
  }
  return faults;
}

void bind_faults(Statement& statement, int parameter, const Standing& standing) {
  if (!standing.faults) {
    statement.bind_null(parameter);
    return;
  }
  std::string lines;
  for (const auto& [name, severity] : *standing.faults)
    lines += fmt::format("{} {}\n", number_of(severity), name);
  statement.bind(parameter, lines);
}

}  // namespace

std::string readable_item_columns(const Database& database) {
  constexpr std::int64_t first_with_plans = 4, first_with_unseen = 5, first_with_faults = 6;
  const auto version = schema_version(database);
  std::string columns = item_columns;
  if (version < first_with_faults)
    columns.replace(columns.find("faults,"), std::string::npos, "NULL, NULL");
  if (version < first_with_plans) {
    constexpr std::string_view plans = "plan, unwatched";
    columns.replace(columns.find(plans), plans.size(), "'', 0");
  }
  constexpr std::string_view severity = " severity,";
  if (version < first_with_unseen)
    columns.replace(columns.find(severity), severity.size(),
                    fmt::format(" CASE WHEN {} THEN 3 ELSE severity END,", called_good_unseen));
  return columns;
}

std::pair<Key, Item> item_of(const Statement& row) {
  Item item{standing_of(row, 3), row.time(6),  row.time(7), row.time(8),
            std::nullopt,        row.text(14), row.time(15)};
  if (!row.is_null(13))
    item.candidate = Item::Candidate{standing_of(row, 9), row.time(12), row.count(13)};
  item.standing.faults = faults_of(row, 16);
  if (item.candidate) item.candidate->standing.faults = faults_of(row, 17);
  Key key{row.text(0), row.text(1), row.text(2)};
  return {std::move(key), std::move(item)};
}

Event event_of(const Statement& row) {
  Event event;
  event.id = row.integer(0);
  auto& transition = event.transition;
  transition.time = row.time(1);
  transition.since = row.time(2);
  transition.change = change_from(row.text(3)).value_or(Change::altered);
  transition.key = {row.text(4), row.text(5), row.text(6)};
  transition.from = standing_of(row, 7);
  transition.to = standing_of(row, 10);
  transition.detail = row.text(13);
  return event;
}

void save_items(const Database& database, const Outcome& outcome) {
  auto statement = database.prepare(
      fmt::format("INSERT OR REPLACE INTO item ({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                  item_columns));
  for (const auto& [key, item] : outcome.changed) {
    statement.bind(1, key.target).bind(2, key.check).bind(3, key.subject);
    bind_standing(statement, 4, item.standing);
    statement.bind(7, item.since).bind(8, item.told_at).bind(9, item.unknown_since);
    if (item.candidate) {
      bind_standing(statement, 10, item.candidate->standing);
      statement.bind(13, item.candidate->since).bind(14, std::int64_t{item.candidate->runs});
    } else {
      for (int parameter = 10; parameter <= 14; ++parameter) statement.bind_null(parameter);
    }
    statement.bind(15, item.plan).bind(16, item.unwatched);
    bind_faults(statement, 17, item.standing);
    bind_faults(statement, 18, item.candidate ? item.candidate->standing : Standing{});
    statement.run();
  }
}

void save_events(const Database& database, const Outcome& outcome, bool queue) {
  auto statement = database.prepare(
      "INSERT INTO event (time, since, change, target, kind, subject, from_bad, from_severity, "
      "from_value, to_bad, to_severity, to_value, detail, queued) VALUES "
      "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  for (const auto& transition : outcome.transitions) {
    const auto& key = transition.key;
    statement.bind(1, transition.time).bind(2, transition.since);
    statement.bind(3, to_string(transition.change));
    statement.bind(4, key.target).bind(5, key.check).bind(6, key.subject);
    bind_standing(statement, 7, transition.from);
    bind_standing(statement, 10, transition.to);
    statement.bind(13, transition.detail);
    if (queue) {
      statement.bind(14, outcome.time);
    } else {
      statement.bind_null(14);
    }
    statement.run();
  }
}

void save_meta(const Database& database, const char* name, std::int64_t value) {
  database.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)")
      .bind(1, name)
      .bind(2, value)
      .run();
}

}  // namespace maildiag::watch
