/// Items, events and times as rows of the history.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "watch/store.h"

namespace maildiag::watch {

inline constexpr const char* item_columns =
    "target, kind, subject, bad, severity, value, since, told_at, unknown_since, next_bad, "
    "next_severity, next_value, next_since, next_runs, plan, unwatched, fault, detail";
/// The same of an older history that is read as it is.
std::string readable_item_columns(const Database& database);
/// Of a row with one of these.
std::pair<Key, Item> item_of(const Statement& row);
/// Those that the run changed, and without those that are gone.
void save_items(const Database& database, const Outcome& outcome);

inline constexpr const char* event_columns =
    "id, time, since, change, target, kind, subject, from_bad, from_severity, from_value, to_bad, "
    "to_severity, to_value, detail, fault";
/// The same of an older history that is read as it is.
std::string readable_event_columns(const Database& database);
/// How many these are; others may follow.
inline constexpr int event_column_count = 15;
/// Of a row with event_columns.
Event event_of(const Statement& row);
/// The transitions of the run; `queue`: for a webhook, too.
void save_events(const Database& database, const Outcome& outcome, bool queue);

void save_meta(const Database& database, const char* name, std::int64_t value);

}  // namespace maildiag::watch
