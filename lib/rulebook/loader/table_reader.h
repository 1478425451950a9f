/// Reads one table of a rule file strictly: every key is asked for, has its type, and no other is
/// there.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "rulebook/loader/arena.h"
#include "rulebook/loader/node.h"
#include "rulebook/rulebook.h"

namespace maildiag::rulebook {

/// The first fault stays; reading goes on with neutral values. What is kept is safe to print,
/// whatever a file calls its tables and keys.
class Faults {
 public:
  void add(Error fault) {
    if (!first_) add_first(std::move(fault));
  }
  /// For a fault that explains others: an unknown key is mostly a known one misspelt, which then
  /// seems missing.
  void add_first(Error fault);
  const std::optional<Error>& first() const { return first_; }

 private:
  std::optional<Error> first_;
};

enum class Need { required, optional };

class TableReader {
 public:
  /// `kind` ("rule") and `id_key` ("id") are for messages. The node, arena and faults outlive the
  /// reader.
  TableReader(const Node& table, std::string_view file, std::string_view kind,
              std::string_view id_key, bool shipped, Arena& arena, Faults& faults);

  /// The table's identity: lower-case letters, digits, '.', '-' and '_'.
  std::string_view id();
  /// One line, not empty.
  std::string_view text(std::string_view key, Need need);
  /// "" is a value too.
  std::string_view text_or_empty(std::string_view key);
  std::string_view one_of(std::string_view key, std::span<const std::string_view> allowed,
                          Need need);
  Strings strings(std::string_view key, Need need);
  /// { en = "...", ko = "..." }; Korean is required in shipped rules only.
  Text translated(std::string_view key, Need need);
  Texts translated_list(std::string_view key, Need need);
  std::optional<bool> boolean(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t least, std::int64_t most);
  double number(std::string_view key);
  /// An array of tables, or one table, each to be read and finished by the caller.
  std::vector<TableReader> tables(std::string_view key, Need need);
  std::optional<TableReader> table(std::string_view key);

  bool has(std::string_view key) const;
  bool shipped() const { return shipped_; }
  Arena& arena() { return arena_; }
  /// "FILE:LINE" of the table.
  std::string origin() const;
  /// "FILE:LINE: rule `id`: sentence"; the line is that of `key`, or the table's where it is
  /// absent. rules/faults.toml has the sentence in every language.
  template <class... Arguments>
  void fault(std::string_view key, fmt::format_string<const Arguments&...> sentence,
             const Arguments&... arguments) {
    fault_at(line_of(key), sentence, arguments...);
  }
  /// Call last: faults keys that nobody asked for.
  void finish();

 private:
  const Node* find(std::string_view key, Node::Kind kind, Need need);
  const Node* find_translated(std::string_view key, Need need);
  TableReader part(const Node& table, std::string name) const;
  std::string_view checked_line(const Node& node, std::string_view key);
  Strings checked_list(const Node& list, std::string_view key);
  const Node* language(const Node& table, std::string_view key, std::string_view code,
                       Node::Kind kind);
  unsigned line_of(std::string_view key) const;
  Error located(unsigned line, Error what) const;
  template <class... Arguments>
  void fault_at(unsigned line, fmt::format_string<const Arguments&...> sentence,
                const Arguments&... arguments) {
    faults_.add(
        located(line, make_error<Arguments...>(ErrorCode::configuration, sentence, arguments...)));
  }

  const Node* table_;
  std::string file_, kind_, name_, part_;
  std::string_view id_key_;
  bool shipped_;
  Arena& arena_;
  Faults& faults_;
  std::vector<std::string> asked_;
};

}  // namespace maildiag::rulebook
