#include "watch/store.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <maildiag/planted_link.h>

#include "core/descriptor.h"
#include "core/safe_path.h"
#include "watch/rows.h"
#include "watch/schema.h"

namespace maildiag::watch {

namespace {

namespace fs = std::filesystem;

/// Findings tell about the inside of a mail system: for its administrators.
constexpr mode_t file_mode = 0640;

Result<std::string> end_of_links(const std::string& path) {
  const auto end = follow_links(path);
  if (end.planted)
    return fail_with(ErrorCode::cannot_write,
                     "{}: a symbolic link that another user put into a directory of everybody's; "
                     "name another place with --state",
                     path);
  if (end.error)
    return fail_with(ErrorCode::cannot_write, "{}: {}; name another place with --state", path,
                     end.error.message());
  return end.path;
}

/// What must not be opened: who may write it can make it say anything, and what is no file may
/// never answer.
std::optional<Error> fault_of(const std::string& place) {
  for (const auto* end : {"", "-wal", "-shm"}) {
    std::error_code missing;
    const auto kind = fs::status(place + end, missing).type();
    if (kind == fs::file_type::not_found) continue;
    if (is_planted(place + end))
      return make_error(ErrorCode::cannot_write,
                        "{}: another user put it into a directory of everybody's; name another "
                        "place with --state",
                        place + end);
    if (kind != fs::file_type::regular)
      return make_error(ErrorCode::cannot_write,
                        "{}: no regular file; name another place with --state", place + end);
  }
  return std::nullopt;
}

/// Where the history is, without a link in it: one that comes there later is not followed.
Result<std::string> place_of(const std::string& path) {
  create_private_directories(fs::path(path).parent_path().string());  // else open() says it
  const auto end = end_of_links(path);
  if (!end) return end;
  for (const auto* more : {"-wal", "-shm"}) {  // SQLite follows none of these
    if (const auto beside = end_of_links(*end + more); !beside) return beside;
  }
  const fs::path whole(*end);
  std::error_code missing;
  const auto directory =
      fs::canonical(whole.has_parent_path() ? whole.parent_path() : fs::path("."), missing);
  return missing ? *end : (directory / whole.filename()).string();
}

/// True: it was not there.
Result<bool> create_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file_mode));
  if (!file.is_open()) {
    if (errno == EEXIST) return false;
    return fail_with(ErrorCode::cannot_write, "{}: {}; name another place with --state", path,
                     std::strerror(errno));
  }
  fchmod(file.number(), file_mode);  // whatever the umask is; its -wal and -shm get the same
  return true;
}

/// What could not be begun leaves nothing behind.
class NewFile {
 public:
  NewFile() = default;
  ~NewFile() {
    if (path_.empty()) return;
    for (const auto* end : {"", "-wal", "-shm"}) ::unlink((path_ + end).c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  void name(std::string path) { path_ = std::move(path); }
  void keep() { path_.clear(); }

 private:
  std::string path_;
};

constexpr const char* is_queued = "queued IS NOT NULL AND posted IS NULL";

/// Takes out of the queue what has waited for too long, and the oldest where it grew too long; how
/// many.
std::int64_t shorten_queue(const Database& database, Seconds now) {
  database.prepare(fmt::format("UPDATE event SET queued = NULL WHERE {} AND queued < ?", is_queued))
      .bind(1, now - max_queue_age)
      .run();
  const auto old = database.changes();
  database.run(
      fmt::format("UPDATE event SET queued = NULL WHERE {0} AND id <= (SELECT id FROM event WHERE "
                  "{0} ORDER BY id DESC LIMIT 1 OFFSET {1})",
                  is_queued, max_queued));
  return old + database.changes();
}

/// The border: faults of the database become errors here.
template <class T>
Result<T> guarded(const std::function<Result<T>()>& work) {
  try {
    return work();
  } catch (const DatabaseFault& fault) {
    return tl::unexpected(fault.error);
  }
}

}  // namespace

Result<Store> Store::open(const std::string& path, Database::Mode mode) {
  return guarded<Store>([&]() -> Result<Store> {
    std::error_code ignored;
    const bool writing = mode == Database::Mode::read_write;
    auto place = path;
    NewFile begun;  // closed before it is removed
    if (writing) {
      const auto end = place_of(path);
      if (!end) return tl::unexpected(end.error());
      place = *end;
      const auto created = create_file(place);
      if (!created) return tl::unexpected(created.error());
      if (*created) begun.name(place);
    } else if (!fs::exists(path, ignored)) {
      return fail_with(ErrorCode::no_input, "{}: there is no history; run maildiag watch first",
                       path);
    }
    if (const auto fault = fault_of(place)) return tl::unexpected(*fault);
    auto database = Database::open(place, mode);
    if (!database) return tl::unexpected(database.error());
    const auto ready = writing ? migrate(*database) : check_schema(*database);
    if (!ready) return tl::unexpected(ready.error());
    // WAL: a reader sees the last commit while a run writes. FULL: a commit outlives a power cut.
    if (writing)
      database->run(
          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
          "PRAGMA journal_size_limit = 0");
    begun.keep();
    return Store(std::move(*database));
  });
}

Result<void> Store::check_writable() {
  return guarded<void>([&]() -> Result<void> {
    Transaction transaction(database_);  // rolled back, but the page is allocated and written
    save_meta(database_, "checked", 0);
    database_.run("DELETE FROM meta WHERE name = 'checked'");
    transaction.commit();
    return {};
  });
}

Result<Remembered> Store::load() {
  return guarded<Remembered>([&]() -> Result<Remembered> {
    Remembered remembered;
    auto items =
        database_.prepare(fmt::format("SELECT {} FROM item", readable_item_columns(database_)));
    while (items.step()) remembered.items.insert(item_of(items));
    auto meta = database_.prepare("SELECT name, value FROM meta");
    while (meta.step()) {
      if (meta.text(0) == "last_run") remembered.last_run = meta.time(1);
      if (meta.text(0) == "last_spoke") remembered.last_spoke = meta.time(1);
    }
    return remembered;
  });
}

Result<void> Store::save(const Outcome& outcome, const std::vector<Sample>& samples, bool queue) {
  return guarded<void>([&]() -> Result<void> {
    Transaction transaction(database_);
    save_items(database_, outcome);
    save_events(database_, outcome, queue);
    auto statement = database_.prepare(
        "INSERT INTO run (time, target, bad, answered, asked) VALUES (?,?,?,?,?)");
    for (const auto& sample : samples) {
      statement.bind(1, outcome.time).bind(2, sample.target).bind(3, std::int64_t{sample.bad});
      statement.bind(4, std::int64_t{sample.answered}).bind(5, std::int64_t{sample.asked}).run();
    }
    save_meta(database_, "last_run", outcome.time);
    if (!outcome.transitions.empty()) save_meta(database_, "last_spoke", outcome.time);
    transaction.commit();
    return {};
  });
}

Result<std::vector<Untold>> Store::begin_telling(Seconds now) {
  return guarded<std::vector<Untold>>([&]() -> Result<std::vector<Untold>> {
    std::vector<Untold> untold;
    Transaction transaction(database_);
    {
      auto rows = database_.prepare(
          fmt::format("SELECT {}, begun FROM event WHERE told IS NULL ORDER BY id", event_columns));
      while (rows.step()) {
        auto event = event_of(rows);
        untold.push_back(
            {event.id, std::move(event.transition), !rows.is_null(event_column_count)});
      }
    }
    if (untold.empty()) return untold;
    database_.prepare("UPDATE event SET begun = ? WHERE told IS NULL").bind(1, now).run();
    transaction.commit();
    return untold;
  });
}

Result<void> Store::mark_told(const std::vector<Untold>& told, Seconds now) {
  return guarded<void>([&]() -> Result<void> {
    Transaction transaction(database_);
    auto statement = database_.prepare("UPDATE event SET told = ? WHERE id = ?");
    for (const auto& each : told) statement.bind(1, now).bind(2, each.id).run();
    transaction.commit();
    return {};
  });
}

Result<void> Store::shorten_untold(Seconds now) {
  return guarded<void>([&]() -> Result<void> {
    Transaction transaction(database_);
    database_
        .prepare(
            fmt::format("UPDATE event SET told = ?1 WHERE told IS NULL AND (time < ?2 OR id <= "
                        "(SELECT id FROM event WHERE told IS NULL ORDER BY id DESC LIMIT 1 "
                        "OFFSET {}))",
                        max_untold))
        .bind(1, now)
        .bind(2, now - max_untold_age)
        .run();
    transaction.commit();
    return {};
  });
}

Result<Posting> Store::begin_posting(Seconds now, int most, std::int64_t after, bool untold) {
  return guarded<Posting>([&]() -> Result<Posting> {
    Posting posting;
    Transaction transaction(database_);
    posting.given_up = shorten_queue(database_, now);
    {
      auto rows = database_.prepare(
          fmt::format("SELECT {}, tried FROM event WHERE {}{} AND id > ? ORDER BY id LIMIT {}",
                      event_columns, is_queued, untold ? "" : " AND told IS NOT NULL", most));
      rows.bind(1, after);
      while (rows.step()) {
        auto event = event_of(rows);
        posting.events.push_back(
            {event.id, std::move(event.transition), !rows.is_null(event_column_count)});
      }
    }
    auto statement = database_.prepare("UPDATE event SET tried = ? WHERE id = ?");
    for (const auto& each : posting.events) statement.bind(1, now).bind(2, each.id).run();
    transaction.commit();
    return posting;
  });
}

Result<void> Store::mark_posted(const std::vector<Untold>& posted, Seconds now) {
  return guarded<void>([&]() -> Result<void> {
    Transaction transaction(database_);
    auto statement = database_.prepare("UPDATE event SET posted = ? WHERE id = ?");
    for (const auto& each : posted) statement.bind(1, now).bind(2, each.id).run();
    transaction.commit();
    return {};
  });
}

Result<void> Store::take_back(const std::vector<Untold>& refused) {
  return guarded<void>([&]() -> Result<void> {
    Transaction transaction(database_);
    auto statement = database_.prepare("UPDATE event SET tried = NULL WHERE id = ?");
    for (const auto& each : refused) {
      if (!each.in_doubt) statement.bind(1, each.id).run();
    }
    transaction.commit();
    return {};
  });
}

Result<bool> Store::note_refusal(std::int64_t id) {
  return guarded<bool>([&]() -> Result<bool> {
    Transaction transaction(database_);
    database_.prepare("UPDATE event SET refused = refused + 1 WHERE id = ?").bind(1, id).run();
    database_
        .prepare(fmt::format("UPDATE event SET queued = NULL WHERE id = ? AND refused >= {}",
                             max_refusals))
        .bind(1, id)
        .run();
    const bool gone = database_.changes() > 0;
    transaction.commit();
    return gone;
  });
}

Result<Timeline> Store::timeline(const std::string& target) {
  return guarded<Timeline>([&]() -> Result<Timeline> {
    Timeline timeline;
    Transaction snapshot(database_, false);
    auto names = database_.prepare("SELECT DISTINCT target FROM run ORDER BY target");
    while (names.step()) timeline.targets.push_back(names.text(0));
    auto events = database_.prepare(fmt::format(
        "SELECT * FROM (SELECT {} FROM event WHERE ?1 = '' OR target = ?1 ORDER BY id DESC LIMIT "
        "{}) ORDER BY id",
        readable_event_columns(database_), max_events));
    events.bind(1, target);
    while (events.step()) timeline.events.push_back(event_of(events));
    // Two runs by hand within a second are one moment, in which a target counts once.
    auto moments = database_.prepare(fmt::format(
        "SELECT * FROM (SELECT time, sum(bad), sum(answered), sum(asked) FROM (SELECT time, "
        "max(bad) AS bad, max(answered) AS answered, max(asked) AS asked FROM run WHERE ?1 = '' OR "
        "target = ?1 GROUP BY time, target) GROUP BY time ORDER BY time DESC LIMIT {}) ORDER BY 1",
        max_moments));
    moments.bind(1, target);
    while (moments.step())
      timeline.moments.push_back(
          {moments.time(0), moments.count(1), moments.count(2), moments.count(3)});
    auto items = database_.prepare(
        fmt::format("SELECT {} FROM item WHERE bad = 1 AND (?1 = '' OR target = ?1)",
                    readable_item_columns(database_)));
    items.bind(1, target);
    while (items.step()) {
      auto item = item_of(items);
      (item.second.unwatched == 0 ? timeline.items : timeline.unwatched).push_back(std::move(item));
    }
    return timeline;
  });
}

Result<std::optional<Seconds>> Store::take_back_future(Seconds now) {
  return guarded<std::optional<Seconds>>([&]() -> Result<std::optional<Seconds>> {
    Transaction transaction(database_);
    std::optional<Seconds> last;
    {
      auto run = database_.prepare("SELECT value FROM meta WHERE name = 'last_run'");
      if (run.step() && run.time(0) > now + clock_tolerance) last = run.time(0);
    }
    if (!last) return last;
    for (const auto* change :
         {"item SET since = min(since, ?1), told_at = min(told_at, ?1), unknown_since = "
          "min(unknown_since, ?1), next_since = min(next_since, ?1), unwatched = min(unwatched, "
          "?1)",
          "event SET time = min(time, ?1), since = min(since, ?1), queued = min(queued, ?1), begun "
          "= "
          "min(begun, ?1), tried = min(tried, ?1), told = min(told, ?1), posted = min(posted, ?1)",
          "run SET time = min(time, ?1)", "meta SET value = min(value, ?1)"})
      database_.prepare(fmt::format("UPDATE {}", change)).bind(1, now).run();
    transaction.commit();
    return last;
  });
}

Result<std::pair<std::int64_t, std::int64_t>> Store::prune(Seconds before) {
  using Counts = std::pair<std::int64_t, std::int64_t>;
  return guarded<Counts>([&]() -> Result<Counts> {
    Counts counts;
    Transaction transaction(database_);
    // What a webhook is owed is given up by begin_posting() alone, which says so.
    database_
        .prepare(fmt::format("DELETE FROM event WHERE time < ? AND told IS NOT NULL AND NOT ({})",
                             is_queued))
        .bind(1, before)
        .run();
    counts.first = database_.changes();
    database_.prepare("DELETE FROM run WHERE time < ?").bind(1, before).run();
    counts.second = database_.changes();
    database_.prepare("DELETE FROM item WHERE unwatched <> 0 AND unwatched < ?")
        .bind(1, before)
        .run();
    // Targets that were taken out of the watch before it knew why it looks at something.
    database_.run(
        "DELETE FROM item WHERE plan = '' AND target <> '' AND target NOT IN (SELECT target FROM "
        "run)");
    transaction.commit();
    return counts;
  });
}

}  // namespace maildiag::watch
