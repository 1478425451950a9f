// The TOML form of a layer.

#include <optional>

#include <fmt/format.h>

#include <maildiag/closest.h>

#include "config/layer.h"
#include "core/text.h"
#include "rulebook/loader/node.h"

namespace maildiag::config {

namespace {

using rulebook::Node;

tl::unexpected<Error> fault(const std::string& file, unsigned line, Error error) {
  return tl::unexpected(at_place(fmt::format("{}:{}", file, line), std::move(error)));
}

std::string_view kind_words(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "a string";
    case Kind::number:
      return "a number";
    case Kind::count:
      return "an integer";
    case Kind::texts:
      break;
  }
  return "a string or an array of strings";
}

std::optional<Texts> texts_of(const Node& node, Kind kind) {
  if (kind == Kind::texts && node.kind == Node::Kind::list) {
    Texts texts;
    for (const auto& item : node.items) {
      if (item.kind != Node::Kind::text) return std::nullopt;
      texts.push_back(item.text);
    }
    return texts;
  }
  const bool number = kind == Kind::number || kind == Kind::count;
  if (node.kind == Node::Kind::integer && number) return Texts{fmt::format("{}", node.integer)};
  if (node.kind == Node::Kind::number && kind == Kind::number)
    return Texts{fmt::format("{}", node.number)};
  if (node.kind == Node::Kind::text && !number) return Texts{node.text};
  return std::nullopt;
}

/// Reads the tables of one document. The prefix is that of a table: "", "dnsbl.".
class DocumentReader {
 public:
  explicit DocumentReader(const std::string& file) : file_(file) {}

  Result<void> read(const Node& table, std::string_view prefix) {
    for (const auto& [name, value] : table.members) {
      const auto key = fmt::format("{}{}", prefix, name);
      auto done = is_section(key) ? read_section(key, value) : read_setting(key, value);
      if (!done) return done;
    }
    return {};
  }

  Layer take() { return std::move(layer_); }

 private:
  static bool is_section(std::string_view key) { return key == "dnsbl" || key == "dnsbl.keys"; }

  Result<void> read_section(const std::string& key, const Node& value) {
    if (value.kind != Node::Kind::table) {
      return fault(file_, value.line,
                   make_error(ErrorCode::configuration,
                              "`{}` must be a table, not {}; write [{}] above its keys", key,
                              describe(value.kind), key));
    }
    return key == "dnsbl" ? read(value, "dnsbl.") : read_keys(value);
  }

  Result<void> read_keys(const Node& table) {
    for (const auto& [name, value] : table.members) {
      if (value.kind != Node::Kind::text) {
        return fault(file_, value.line,
                     make_error(ErrorCode::configuration, "`{}{}` must be a string, not {}",
                                list_key_prefix, text::sanitize(name), describe(value.kind)));
      }
      put(fmt::format("{}{}", list_key_prefix, name), {value.text}, value.line);
    }
    return {};
  }

  Result<void> read_setting(const std::string& key, const Node& value) {
    const auto* row = find_setting(key);
    if (row == nullptr) return fault(file_, value.line, unknown_key(key));
    auto texts = texts_of(value, row->kind);
    if (!texts) {
      return fault(file_, value.line,
                   make_error(ErrorCode::configuration, "`{}` must be {}, not {}", key,
                              kind_words(row->kind), describe(value.kind)));
    }
    if (row->kind != Kind::texts || !texts->empty()) put(key, std::move(*texts), value.line);
    return {};
  }

  static std::vector<std::string> known_keys() {
    std::vector<std::string> keys;
    for (const auto& row : setting_rows()) keys.emplace_back(row.key);
    return keys;
  }

  static Error unknown_key(const std::string& key) {
    const auto shown = text::sanitize(key);
    const auto known = fmt::format("{}", fmt::join(known_keys(), ", "));
    const auto near = closest(key, known_keys());
    if (near.empty())
      return make_error(ErrorCode::configuration, "unknown key `{}`; the keys are {} and {}NAME",
                        shown, known, list_key_prefix);
    return make_error(ErrorCode::configuration,
                      "unknown key `{}`; did you mean `{}`? the keys are {} and {}NAME", shown,
                      near.front(), known, list_key_prefix);
  }

  void put(std::string key, Texts texts, unsigned line) {
    layer_.push_back({std::move(key), std::move(texts), fmt::format("{}:{}", file_, line)});
  }

  const std::string& file_;
  Layer layer_;
};

}  // namespace

Result<Layer> read_document(std::string_view document, const std::string& file) {
  const auto root = rulebook::parse_toml(document, file);
  if (!root) return tl::unexpected(root.error());
  DocumentReader reader(file);
  if (auto read = reader.read(*root, ""); !read) return tl::unexpected(read.error());
  return reader.take();
}

}  // namespace maildiag::config
