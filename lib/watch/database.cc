#include "watch/database.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <sqlite3.h>

namespace maildiag::watch {

namespace {

/// `watch history` may read while a run writes.
constexpr int busy_milliseconds = 5000;

/// EFBIG: what the user may write in one file.
bool is_full(int code, int system_error) {
  return (code & 0xff) == SQLITE_FULL || system_error == ENOSPC || system_error == EDQUOT ||
         system_error == EFBIG;
}

Error error_of(const std::string& path, int code, const char* words, int system_error) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return make_error(ErrorCode::bad_data,
                        "{}: the history is damaged ({}); it was left as it is. Restore it, or "
                        "move it away to begin anew",
                        path, words);
    case SQLITE_FULL:
    case SQLITE_IOERR:
      if (is_full(code, system_error))
        return make_error(ErrorCode::cannot_write,
                          "{}: the disk or the user's share of it is full; make room and run "
                          "again. Nothing was changed",
                          path);
      return make_error(ErrorCode::cannot_write,
                        "{}: {}; the disk is full or broken: make room, or look at the system's "
                        "log. Nothing was changed",
                        path, words);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return make_error(ErrorCode::cannot_write,
                        "{}: {}; the file and its directory must be readable and writable for the "
                        "user who runs this, or name another place with --state. Nothing was "
                        "changed",
                        path, words);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return make_error(ErrorCode::locked, "{}: another program uses it", path);
    default:
      return {ErrorCode::internal, fmt::format("{}: {}", path, words)};
  }
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Result<Database> Database::open(const std::string& path, Mode mode) {
  sqlite3* handle = nullptr;
  const int flags =
      mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database;
  database.handle_.reset(handle);
  database.path_ = path;
  if (code != SQLITE_OK)
    return tl::unexpected(error_of(path, code, sqlite3_errstr(code),
                                   handle != nullptr ? sqlite3_system_errno(handle) : 0));
  sqlite3_busy_timeout(handle, busy_milliseconds);
  // Else the last writer removes -wal and -shm, and who may only read can neither do without nor
  // make them (https://www.sqlite.org/wal.html#readonly).
  int keep_wal = 1;
  if (mode == Mode::read_write)
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep_wal);
  sqlite3_extended_result_codes(handle, 1);
  // Tables and indexes are all that we make: what another's file holds besides must not run.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  return database;
}

void Database::fault() const {
  throw DatabaseFault{error_of(path_, sqlite3_errcode(handle_.get()), sqlite3_errmsg(handle_.get()),
                               sqlite3_system_errno(handle_.get()))};
}

Statement Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &statement,
                         nullptr) != SQLITE_OK)
    fault();
  return {*this, statement};
}

void Database::run(const std::string& sql) const {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fault();
}

std::int64_t Database::changes() const {
  return sqlite3_changes(handle_.get());
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const {
  sqlite3_finalize(handle);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) database_.fault();
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(handle_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  // The text need not outlive this call.
  check(sqlite3_bind_text64(handle_.get(), parameter, value.data(), value.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(handle_.get(), parameter));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.fault();
  return false;
}

void Statement::run() {
  step();
  check(sqlite3_reset(handle_.get()));
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

std::int64_t Statement::time(int column) const {
  return std::clamp<std::int64_t>(integer(column), 0, last_time);
}

int Statement::count(int column) const {
  return static_cast<int>(std::clamp<std::int64_t>(integer(column), 0, most_counted));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(handle_.get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

Transaction::Transaction(const Database& database, bool immediate) : database_(database) {
  database_.run(immediate ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const DatabaseFault&) {  // a fault of the disk has rolled back already
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace maildiag::watch
