/// SQLite behind values: one connection, statements, transactions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace maildiag::watch {

/// Thrown by statements that fail, and caught at the border of the Store: below it, each fault ends
/// the whole operation in the same way.
struct DatabaseFault {
  Error error;
};

class Statement;

class Database {
 public:
  enum class Mode { read_only, read_write };
  /// Opens a file that exists; to write, no part of `path` may be a link. Errors name the file.
  static Result<Database> open(const std::string& path, Mode mode);

  Statement prepare(std::string_view sql) const;
  /// Statements without results, one after the other.
  void run(const std::string& sql) const;
  /// Rows of the last statement that changed any.
  std::int64_t changes() const;
  const std::string& path() const { return path_; }
  [[noreturn]] void fault() const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
};

/// bind() each parameter from 1 on, then step() through the rows, columns from 0 on.
class Statement {
 public:
  static constexpr std::int64_t last_time = 9'000'000'000;  ///< in 2255; clocks end in 2262
  static constexpr std::int64_t most_counted = 1'000'000'000;

  Statement(const Database& database, sqlite3_stmt* handle)
      : database_(database), handle_(handle) {}
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view value);
  Statement& bind_null(int parameter);
  /// True: there is a row.
  bool step();
  /// step() for a statement without rows; it can be bound and run again.
  void run();
  std::int64_t integer(int column) const;
  /// A Unix time between 1970 and last_time, and a count between 0 and most_counted: whatever
  /// stands there, sums and differences of them do not overflow.
  std::int64_t time(int column) const;
  int count(int column) const;
  bool is_null(int column) const;
  std::string text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };
  void check(int code) const;
  const Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// Rolled back unless committed. `immediate` fails at once where nothing can be written.
class Transaction {
 public:
  explicit Transaction(const Database& database, bool immediate = true);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  const Database& database_;
  bool open_ = true;
};

}  // namespace maildiag::watch
