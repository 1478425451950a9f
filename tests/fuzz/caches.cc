// What earlier runs left: caches, and the history of watch. Another program, a full disk or an
// attacker with the same account may have written them.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "checks/self_test_cache.h"
#include "checks/whois_access.h"
#include "core/secret_mask.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "session/self_test_file.h"
#include "session/whois_files.h"
#include "support/temporary_directory.h"
#include "watch/advance.h"
#include "watch/store.h"

namespace maildiag::fuzz {

namespace {

void self_tests(const test::TemporaryDirectory& directory, std::string_view octets) {
  directory.write("self-tests.jsonl", octets);
  const auto path = directory.path() + "/self-tests.jsonl";
  checks::SelfTestCache cache;
  session::read_self_tests(path, cache);
  using Cache = checks::SelfTestCache;
  require(cache.entries().size() <= Cache::most_entries, "entries are bounded");
  for (const auto& [key, entry] : cache.entries())
    require(entry.verdict.kind != checks::SelfTestVerdict::Kind::unanswered, "unknown is not kept");
  require(session::write_self_tests(path, cache, SecretMask({"hidden-key"})), "a file is written");
}

void registrations(const test::TemporaryDirectory& directory, std::string_view octets) {
  directory.write("registrations.jsonl", octets);
  checks::whois::Cache cache;
  session::read_registrations(directory.path(), cache);
  require(cache.entries().size() <= checks::whois::Cache::most_entries, "entries are bounded");
  for (const auto& [key, entry] : cache.entries())
    require(is_one_safe_line(entry.registration.holder), "a text is one safe line");
  (void)session::write_registrations(directory.path(), cache);
}

/// One directory for all runs: what was in it is gone after each.
const test::TemporaryDirectory& room() {
  static const test::TemporaryDirectory directory;
  return directory;
}

}  // namespace

void cache_files(std::string_view octets) {
  if (take_choice(octets, 2) == 0) return self_tests(room(), octets);
  registrations(room(), octets);
}

namespace {

using namespace watch;

/// Statements that put hostile values into each column of a table.
constexpr std::array statements{
    "INSERT OR REPLACE INTO item VALUES (?1,?2,?3,?6,?4,?5,?6,?4,?5,?4,?5,?4,?6,?5,?4,?6,?4,?6)",
    "INSERT INTO event (time,since,change,target,kind,subject,from_bad,from_severity,from_value,"
    "to_bad,to_severity,to_value,detail,fault) VALUES "
    "(?4,?5,?1,?2,?3,?6,?4,?5,?6,?5,?4,?1,?2,?6)",
    "INSERT INTO run VALUES (?4,?1,?5,?4,?5)", "INSERT OR REPLACE INTO meta VALUES (?1,?4)"};

/// Lines: the statement's number, then six values, numbers where they look like one. A value of
/// the wrong kind stays as it is: SQLite's columns take anything.
void put_values(const Database& database, std::string_view octets) {
  constexpr std::size_t most_rows = 40;
  for (std::size_t row = 0; row < most_rows && !octets.empty(); ++row) {
    const std::string_view number = take_line(octets);
    const auto which = number.empty() ? 0U : static_cast<unsigned char>(number.front()) % 4U;
    std::array<std::string_view, 6> values;
    for (auto& value : values) value = take_line(octets);
    auto statement = database.prepare(statements.at(which));
    for (int i = 1; i <= 6; ++i) {
      // Those that the statement does not name cannot be bound.
      const bool used = std::string_view(statements.at(which)).find("?" + std::to_string(i)) !=
                        std::string_view::npos;
      if (used) statement.bind(i, values.at(static_cast<std::size_t>(i) - 1));
    }
    try {
      statement.run();
    } catch (const DatabaseFault&) {  // a constraint
    }
  }
}

/// Position and octet, three octets a change.
void put_damage(std::string& file, std::string_view octets) {
  for (; octets.size() >= 3; octets.remove_prefix(3)) {
    const auto at = static_cast<std::size_t>(static_cast<unsigned char>(octets[0])) << 8U |
                    static_cast<unsigned char>(octets[1]);
    file[at % file.size()] = octets[2];
  }
}

constexpr Seconds now = 1795000000;  // November 2026

Observation observation(std::string_view target) {
  Observation seen;
  seen.key = {std::string(target), "ptr", ""};
  seen.standing = {true, Severity::critical, "listed"};
  return seen;
}

void use(const std::string& path) {
  if (auto reader = Store::open(path, Database::Mode::read_only)) {
    const auto timeline = reader->timeline("");
    require(!timeline || timeline->events.size() <= static_cast<std::size_t>(max_events),
            "events are bounded");
    (void)reader->timeline("example.com");
  }
  auto store = Store::open(path, Database::Mode::read_write);
  if (!store) return require(!store.error().message.empty(), "a fault has words");
  const auto remembered = store->load();
  if (!remembered) return;
  for (const auto& [key, item] : remembered->items)
    (void)advance(&item, observation(key.target), now, Policy{});
  const auto outcome = plan_run(*remembered, {observation("example.com")}, {}, now, Policy{});
  if (!outcome) return;
  (void)store->save(*outcome, {{"example.com", 1, 1, 1}}, true);
  const auto untold = store->begin_telling(now);
  if (untold) (void)store->mark_told(*untold, now);
  const auto posting = store->begin_posting(now, 100);
  if (posting) (void)store->mark_posted(posting->events, now);
  (void)store->prune(now - 86400);
}

/// A history of one run, as octets: made once.
const std::string& template_file() {
  static const std::string octets = [] {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/watch.db";
    {
      auto store = Store::open(path, Database::Mode::read_write);
      require(store.has_value(), "a new history is made");
      const auto first = plan_run({}, {observation("example.com")}, {}, now - 3600, Policy{});
      require(first && store->save(*first, {{"example.com", 1, 1, 1}}, true), "and written");
    }
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  return octets;
}

}  // namespace

void watch_history(std::string_view octets) {
  const bool damage = take_choice(octets, 2) == 1;
  auto file = template_file();
  if (damage) put_damage(file, octets);
  room().write("watch.db", file);
  const auto path = room().path() + "/watch.db";
  if (!damage) {
    const auto database = Database::open(path, Database::Mode::read_write);
    require(database.has_value(), "a history is opened");
    put_values(*database, octets);
  }
  use(path);
  for (const char* end : {"", "-wal", "-shm", "-journal"}) {
    std::error_code ignored;
    std::filesystem::remove(path + end, ignored);
  }
}

}  // namespace maildiag::fuzz
