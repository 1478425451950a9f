#include "watch/schema.h"

#include <array>

#include <fmt/format.h>

namespace maildiag::watch {

namespace {

/// "mdwh" in the file's header (https://www.sqlite.org/fileformat.html, section 1.3.16).
constexpr std::int64_t application_id = 0x6d647768;

// From user_version N to N + 1, in order; never changed once released. A severity is the exit code
// of one of its kind, with 4 for info. Times are Unix time.
constexpr std::array migrations{R"(
CREATE TABLE item (
  target TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  bad INTEGER NOT NULL, severity INTEGER NOT NULL, value TEXT NOT NULL,
  since INTEGER NOT NULL, told_at INTEGER NOT NULL, unknown_since INTEGER NOT NULL,
  next_bad INTEGER, next_severity INTEGER, next_value TEXT, next_since INTEGER, next_runs INTEGER,
  PRIMARY KEY (target, kind, subject)) WITHOUT ROWID;
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL, since INTEGER NOT NULL, change TEXT NOT NULL,
  target TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  from_bad INTEGER NOT NULL, from_severity INTEGER NOT NULL, from_value TEXT NOT NULL,
  to_bad INTEGER NOT NULL, to_severity INTEGER NOT NULL, to_value TEXT NOT NULL,
  detail TEXT NOT NULL, begun INTEGER, told INTEGER);
CREATE INDEX event_target ON event (target, time);
CREATE INDEX event_untold ON event (id) WHERE told IS NULL;
CREATE TABLE run (time INTEGER NOT NULL, target TEXT NOT NULL,
  bad INTEGER NOT NULL, answered INTEGER NOT NULL, asked INTEGER NOT NULL);
CREATE INDEX run_target ON run (target, time);
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
)",
                                // queued: there was a webhook then. NULL: nothing is owed to one.
                                R"(
ALTER TABLE event ADD COLUMN queued INTEGER;
ALTER TABLE event ADD COLUMN tried INTEGER;
ALTER TABLE event ADD COLUMN posted INTEGER;
CREATE INDEX event_queued ON event (id) WHERE queued IS NOT NULL AND posted IS NULL;
)",
                                // Runs in which the webhook refused the event for what it says.
                                R"(
ALTER TABLE event ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
)",
                                // What asked for an item, and since when nothing does.
                                R"(
ALTER TABLE item ADD COLUMN plan TEXT NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN unwatched INTEGER NOT NULL DEFAULT 0;
)",
                                // See called_good_unseen.
                                R"(
UPDATE item SET severity = 3 WHERE bad = 0 AND (kind = 'addresses' OR (severity = 0 AND value = ''
  AND unknown_since <> 0 AND unknown_since = since));
)",
                                // What is wrong, by names. NULL: not told apart.
                                R"(
ALTER TABLE item ADD COLUMN faults TEXT;
ALTER TABLE item ADD COLUMN next_faults TEXT;
)",
                                // Each fault is an item of its own.
                                R"(
ALTER TABLE item RENAME TO undivided;
CREATE TABLE item (
  target TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, fault TEXT NOT NULL,
  bad INTEGER NOT NULL, severity INTEGER NOT NULL, value TEXT NOT NULL,
  since INTEGER NOT NULL, told_at INTEGER NOT NULL, unknown_since INTEGER NOT NULL,
  next_bad INTEGER, next_severity INTEGER, next_value TEXT, next_since INTEGER, next_runs INTEGER,
  plan TEXT NOT NULL, unwatched INTEGER NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (target, kind, subject, fault)) WITHOUT ROWID;
INSERT INTO item SELECT target, kind, subject, '', bad, severity, value, since, told_at,
  unknown_since, next_bad, next_severity, next_value, next_since, next_runs, plan, unwatched, ''
  FROM undivided;
DROP TABLE undivided;
ALTER TABLE event ADD COLUMN fault TEXT NOT NULL DEFAULT '';
)"};

/// The first version that a reader can do with.
constexpr std::int64_t readable = 1;

std::int64_t pragma(const Database& database, const char* name) {
  auto statement = database.prepare(fmt::format("PRAGMA {}", name));
  return statement.step() ? statement.integer(0) : 0;
}

Result<std::int64_t> known_version(const Database& database) {
  const auto version = pragma(database, "user_version");
  auto tables = database.prepare("SELECT count(*) FROM sqlite_master");
  tables.step();
  const bool empty = tables.integer(0) == 0 && version == 0;
  if (!empty && pragma(database, "application_id") != application_id) {
    return fail_with(ErrorCode::bad_data, "{}: a database of another program; name another file",
                     database.path());
  }
  if (version > static_cast<std::int64_t>(migrations.size())) {
    return fail_with(ErrorCode::bad_data, "{}: written by a newer version of maildiag; use that",
                     database.path());
  }
  auto damage = database.prepare("PRAGMA quick_check(1)");
  if (damage.step() && damage.text(0) != "ok") {
    return fail_with(ErrorCode::bad_data,
                     "{}: the history is damaged ({}); it was left as it is. Restore it, or "
                     "move it away to begin anew",
                     database.path(), damage.text(0));
  }
  return version;
}

}  // namespace

std::int64_t schema_version(const Database& database) {
  return pragma(database, "user_version");
}

Result<void> migrate(const Database& database) {
  const auto version = known_version(database);
  if (!version) return tl::unexpected(version.error());
  if (static_cast<std::size_t>(*version) == migrations.size()) return {};
  Transaction transaction(database);
  for (auto step = static_cast<std::size_t>(*version); step < migrations.size(); ++step)
    database.run(migrations.at(step));
  database.run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id,
                           migrations.size()));
  transaction.commit();
  return {};
}

Result<void> check_schema(const Database& database) {
  const auto version = known_version(database);
  if (!version) return tl::unexpected(version.error());
  if (*version >= readable) return {};
  return fail_with(ErrorCode::no_input, "{}: holds no history yet; run maildiag watch first",
                   database.path());
}

}  // namespace maildiag::watch
