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

constexpr std::int64_t first_with_fault_keys = 7;

}  // namespace

std::string readable_item_columns(const Database& database) {
  constexpr std::int64_t first_with_plans = 4, first_with_unseen = 5;
  const auto version = schema_version(database);
  std::string columns = item_columns;
  if (version < first_with_fault_keys)
    columns.replace(columns.find("fault,"), std::string::npos, "'', ''");
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

std::string readable_event_columns(const Database& database) {
  std::string columns = event_columns;
  if (schema_version(database) < first_with_fault_keys)
    columns.replace(columns.rfind("fault"), std::string::npos, "''");
  return columns;
}

std::pair<Key, Item> item_of(const Statement& row) {
  Item item{standing_of(row, 3), row.time(6),  row.time(7), row.time(8),
            std::nullopt,        row.text(14), row.time(15)};
  if (!row.is_null(13))
    item.candidate = Item::Candidate{standing_of(row, 9), row.time(12), row.count(13)};
  item.detail = row.text(17);
  Key key{row.text(0), row.text(1), row.text(2), row.text(16)};
  return {std::move(key), std::move(item)};
}

Event event_of(const Statement& row) {
  Event event;
  event.id = row.integer(0);
  auto& transition = event.transition;
  transition.time = row.time(1);
  transition.since = row.time(2);
  transition.change = change_from(row.text(3)).value_or(Change::altered);
  transition.key = {row.text(4), row.text(5), row.text(6), row.text(14)};
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
    statement.bind(17, key.fault).bind(18, item.detail).run();
  }
  auto over = database.prepare(
      "DELETE FROM item WHERE target = ? AND kind = ? AND subject = ? AND fault = ?");
  for (const auto& key : outcome.gone)
    over.bind(1, key.target).bind(2, key.check).bind(3, key.subject).bind(4, key.fault).run();
}

void save_events(const Database& database, const Outcome& outcome, bool queue) {
  auto statement = database.prepare(
      "INSERT INTO event (time, since, change, target, kind, subject, from_bad, from_severity, "
      "from_value, to_bad, to_severity, to_value, detail, fault, queued) VALUES "
      "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  for (const auto& transition : outcome.transitions) {
    const auto& key = transition.key;
    statement.bind(1, transition.time).bind(2, transition.since);
    statement.bind(3, to_string(transition.change));
    statement.bind(4, key.target).bind(5, key.check).bind(6, key.subject);
    bind_standing(statement, 7, transition.from);
    bind_standing(statement, 10, transition.to);
    statement.bind(13, transition.detail).bind(14, key.fault);
    if (queue) {
      statement.bind(15, outcome.time);
    } else {
      statement.bind_null(15);
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
