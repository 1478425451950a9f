#include "rulebook/loader/node.h"

#include <algorithm>
#include <optional>

#include <toml++/toml.h>

#include "core/text.h"

namespace maildiag::rulebook {
namespace {

// Converts `from`; false: nested too deep, with the line in `line`.
bool convert(const toml::node& from, Node& to, int depth, unsigned& line) {
  to.line = from.source().begin.line;
  line = to.line;
  if (depth > max_nesting) return false;
  if (const auto* table = from.as_table()) {
    to.kind = Node::Kind::table;
    for (auto&& [key, value] : *table) {
      to.members.push_back({std::string(key.str()), {}});
      if (!convert(value, to.members.back().value, depth + 1, line)) return false;
    }
  } else if (const auto* list = from.as_array()) {
    to.kind = Node::Kind::list;
    for (auto&& item : *list) {
      if (!convert(item, to.items.emplace_back(), depth + 1, line)) return false;
    }
  } else if (const auto* text = from.as_string()) {
    to.kind = Node::Kind::text;
    to.text = text->get();
  } else if (const auto* integer = from.as_integer()) {
    to.kind = Node::Kind::integer;
    to.integer = integer->get();
  } else if (const auto* number = from.as_floating_point()) {
    to.kind = Node::Kind::number;
    to.number = number->get();
  } else if (const auto* boolean = from.as_boolean()) {
    to.kind = Node::Kind::boolean;
    to.boolean = boolean->get();
  } else {
    to.kind = Node::Kind::date;
  }
  return true;
}

std::optional<unsigned> find_long_line(std::string_view document) {
  unsigned line = 1;
  for (std::size_t begin = 0; begin < document.size(); ++line) {
    const auto end = std::min(document.find('\n', begin), document.size());
    if (end - begin > max_line_bytes) return line;
    begin = end + 1;
  }
  return std::nullopt;
}

}  // namespace

std::string_view describe(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::text:
      return "a string";
    case Node::Kind::integer:
      return "an integer";
    case Node::Kind::number:
      return "a number";
    case Node::Kind::boolean:
      return "a boolean";
    case Node::Kind::list:
      return "an array";
    case Node::Kind::table:
      return "a table";
    case Node::Kind::date:
      return "a date";
  }
  return "a value";
}

Result<Node> parse_toml(std::string_view document, const std::string& file) {
  if (document.size() > max_file_bytes) {
    return fail_with(ErrorCode::configuration, "{}:1: larger than {} MiB; split the file", file,
                     max_file_bytes >> 20);
  }
  if (const auto line = find_long_line(document)) {
    return fail_with(ErrorCode::configuration, "{}:{}: line longer than {} KiB; break it", file,
                     *line, max_line_bytes >> 10);
  }
  try {
    const toml::table table = toml::parse(document, std::string_view(file));
    Node root;
    unsigned line = 0;
    if (!convert(table, root, 1, line)) {
      return fail_with(ErrorCode::configuration, "{}:{}: nested deeper than {} levels", file, line,
                       max_nesting);
    }
    return root;
  } catch (const toml::parse_error& error) {
    return fail_with(ErrorCode::configuration, "{}:{}: not TOML: {}", file,
                     error.source().begin.line, text::sanitize(error.description()));
  }
}

}  // namespace maildiag::rulebook
