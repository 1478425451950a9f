/// A TOML document as plain values with line numbers: keeps toml++ out of every other file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace maildiag::rulebook {

/// Bounds of one file: the largest shipped one has some 200 KiB.
inline constexpr std::size_t max_file_bytes = 4UL << 20;
/// toml++ recurses for each component of a dotted key; a line's length bounds them.
inline constexpr std::size_t max_line_bytes = 16UL << 10;
/// A rule file needs 5: document, [[list]], codes, one code, its meaning.
inline constexpr int max_nesting = 8;

struct Node {
  struct Member;
  enum class Kind { text, integer, number, boolean, list, table, date };
  Kind kind = Kind::table;
  unsigned line = 0;
  std::string text;
  std::int64_t integer = 0;
  double number = 0;
  bool boolean = false;
  std::vector<Node> items;
  std::vector<Member> members;  ///< by key
};

struct Node::Member {
  std::string key;
  Node value;
};

/// "a string", "an integer" ... for messages.
std::string_view describe(Node::Kind kind);

/// configuration: "FILE:LINE: what is wrong".
Result<Node> parse_toml(std::string_view document, const std::string& file);

}  // namespace maildiag::rulebook
