#include "rulebook/loader/table_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag::rulebook {
namespace {

bool is_id(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7f;
  });
}

const Node* member(const Node& table, std::string_view key) {
  for (const auto& [name, value] : table.members) {
    if (name == key) return &value;
  }
  return nullptr;
}

}  // namespace

void Faults::add_first(Error fault) {
  fault.message = text::sanitize(fault.message);
  fault.place = text::sanitize(fault.place);
  for (auto& argument : fault.arguments) argument = text::sanitize(argument);
  first_ = std::move(fault);
}

TableReader::TableReader(const Node& table, std::string_view file, std::string_view kind,
                         std::string_view id_key, bool shipped, Arena& arena, Faults& faults)
    : table_(&table),
      file_(file),
      kind_(kind),
      id_key_(id_key),
      shipped_(shipped),
      arena_(arena),
      faults_(faults) {
  const Node* name = member(table, id_key);
  if (name != nullptr && name->kind == Node::Kind::text) name_ = name->text;
}

std::string TableReader::origin() const {
  return fmt::format("{}:{}", file_, table_->line);
}

Error TableReader::located(unsigned line, Error what) const {
  const auto name =
      name_.empty() || has_control(name_) ? std::string() : fmt::format(" `{}`", name_);
  return at_place(fmt::format("{}:{}: {}{}{}", file_, line, kind_, name, part_), std::move(what));
}

unsigned TableReader::line_of(std::string_view key) const {
  const Node* value = member(*table_, key);
  return value != nullptr ? value->line : table_->line;
}

bool TableReader::has(std::string_view key) const {
  return member(*table_, key) != nullptr;
}

const Node* TableReader::find(std::string_view key, Node::Kind kind, Need need) {
  asked_.emplace_back(key);
  const Node* value = member(*table_, key);
  if (value == nullptr) {
    if (need == Need::required) fault_at(table_->line, "key `{}` is missing; add it", key);
    return nullptr;
  }
  if (value->kind != kind) {
    fault_at(value->line, "`{}` must be {}, not {}", key, describe(kind), describe(value->kind));
    return nullptr;
  }
  return value;
}

std::string_view TableReader::checked_line(const Node& node, std::string_view key) {
  if (node.text.empty()) {
    fault_at(node.line, "`{}` is empty; fill it or leave it out", key);
  } else if (has_control(node.text)) {
    fault_at(node.line, "`{}` holds a control character or a line break; use one line", key);
  }
  return arena_.copy(node.text);
}

std::string_view TableReader::id() {
  const Node* value = find(id_key_, Node::Kind::text, Need::required);
  if (value == nullptr) return {};
  if (!is_id(value->text)) {
    fault_at(value->line, "`{}` may hold only lower-case letters, digits, '.', '-' and '_'",
             id_key_);
  }
  return arena_.copy(value->text);
}

std::string_view TableReader::text(std::string_view key, Need need) {
  const Node* value = find(key, Node::Kind::text, need);
  return value == nullptr ? std::string_view() : checked_line(*value, key);
}

std::string_view TableReader::text_or_empty(std::string_view key) {
  const Node* value = find(key, Node::Kind::text, Need::optional);
  return value == nullptr || value->text.empty() ? std::string_view() : checked_line(*value, key);
}

std::string_view TableReader::one_of(std::string_view key,
                                     std::span<const std::string_view> allowed, Need need) {
  const auto value = text(key, need);
  if (!value.empty() && std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    fault(key, "`{}` is \"{}\"; it must be one of: {}", key, value,
          fmt::format("{}", fmt::join(allowed, ", ")));
  }
  return value;
}

Strings TableReader::checked_list(const Node& list, std::string_view key) {
  std::vector<std::string_view> items;
  for (const auto& item : list.items) {
    if (item.kind != Node::Kind::text) {
      fault_at(item.line, "`{}` must hold strings, not {}", key, describe(item.kind));
    } else if (item.text.empty()) {
      fault_at(item.line, "`{}` holds an empty string; fill it or remove it", key);
    } else {
      items.push_back(arena_.copy(item.text));
    }
  }
  return arena_.copy(items);
}

Strings TableReader::strings(std::string_view key, Need need) {
  const Node* value = find(key, Node::Kind::list, need);
  if (value == nullptr) return {};
  if (need == Need::required && value->items.empty()) {
    fault_at(value->line, "`{}` is empty; it needs at least one entry", key);
  }
  return checked_list(*value, key);
}

const Node* TableReader::language(const Node& table, std::string_view key, std::string_view code,
                                  Node::Kind kind) {
  const Node* value = member(table, code);
  if (value == nullptr) {
    if (code == "en" || shipped_) {
      fault_at(table.line, "key `{}` is missing; add it", fmt::format("{}.{}", key, code));
    }
    return nullptr;
  }
  if (value->kind != kind) {
    fault_at(value->line, "`{}` must be {}, not {}", fmt::format("{}.{}", key, code),
             describe(kind), describe(value->kind));
    return nullptr;
  }
  return value;
}

const Node* TableReader::find_translated(std::string_view key, Need need) {
  const Node* table = find(key, Node::Kind::table, need);
  if (table == nullptr) return nullptr;
  for (const auto& [name, value] : table->members) {
    if (name != "en" && name != "ko") {
      fault_at(value.line, "`{}` knows no language `{}`; only en and ko", key, name);
    }
  }
  return table;
}

Text TableReader::translated(std::string_view key, Need need) {
  const Node* table = find_translated(key, need);
  if (table == nullptr) return {};
  Text result;
  const Node* en = language(*table, key, "en", Node::Kind::text);
  const Node* ko = language(*table, key, "ko", Node::Kind::text);
  if (en != nullptr) result.en = checked_line(*en, fmt::format("{}.en", key));
  if (ko != nullptr) result.ko = checked_line(*ko, fmt::format("{}.ko", key));
  return result;
}

Texts TableReader::translated_list(std::string_view key, Need need) {
  const Node* table = find_translated(key, need);
  if (table == nullptr) return {};
  Texts result;
  const Node* en = language(*table, key, "en", Node::Kind::list);
  const Node* ko = language(*table, key, "ko", Node::Kind::list);
  if (en != nullptr) result.en = checked_list(*en, fmt::format("{}.en", key));
  if (ko != nullptr) result.ko = checked_list(*ko, fmt::format("{}.ko", key));
  if (shipped_ && en != nullptr && ko != nullptr && result.en.size() != result.ko.size()) {
    fault_at(table->line, "`{}` has {} English and {} Korean entries; they must correspond", key,
             result.en.size(), result.ko.size());
  }
  if (need == Need::required && en != nullptr && result.en.empty()) {
    fault_at(table->line, "`{}` is empty; it needs at least one entry", key);
  }
  return result;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const Node* value = find(key, Node::Kind::boolean, Need::optional);
  if (value == nullptr) return std::nullopt;
  return value->boolean;
}

std::int64_t TableReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const Node* value = find(key, Node::Kind::integer, Need::optional);
  if (value == nullptr) return 0;
  if (value->integer < least || value->integer > most) {
    fault_at(value->line, "`{}` must lie between {} and {}", key, least, most);
    return least;
  }
  return value->integer;
}

std::vector<std::int64_t> TableReader::integers(std::string_view key, std::int64_t least,
                                                std::int64_t most) {
  std::vector<std::int64_t> result;
  const Node* list = find(key, Node::Kind::list, Need::optional);
  if (list == nullptr) return result;
  for (const auto& item : list->items) {
    if (item.kind != Node::Kind::integer || item.integer < least || item.integer > most) {
      fault_at(item.line, "`{}` must hold integers between {} and {}", key, least, most);
      return {};
    }
    result.push_back(item.integer);
  }
  return result;
}

double TableReader::number(std::string_view key) {
  const Node* value = member(*table_, key);
  if (value != nullptr && value->kind == Node::Kind::integer) {
    asked_.emplace_back(key);
    return static_cast<double>(value->integer);
  }
  value = find(key, Node::Kind::number, Need::optional);
  return value == nullptr ? 0 : value->number;
}

TableReader TableReader::part(const Node& table, std::string name) const {
  TableReader reader(table, file_, kind_, id_key_, shipped_, arena_, faults_);
  reader.name_ = name_;
  reader.part_ = std::move(name);
  return reader;
}

std::vector<TableReader> TableReader::tables(std::string_view key, Need need) {
  std::vector<TableReader> result;
  const Node* list = find(key, Node::Kind::list, need);
  if (list == nullptr) return result;
  for (const auto& item : list->items) {
    if (item.kind == Node::Kind::table) {
      result.push_back(part(item, fmt::format(", {}[{}]", key, result.size())));
    } else {
      fault_at(item.line, "`{}` must hold tables, not {}", key, describe(item.kind));
    }
  }
  return result;
}

std::optional<TableReader> TableReader::table(std::string_view key) {
  const Node* value = find(key, Node::Kind::table, Need::optional);
  if (value == nullptr) return std::nullopt;
  return part(*value, fmt::format(", {}", key));
}

void TableReader::finish() {
  const auto unknown =
      std::find_if(table_->members.begin(), table_->members.end(), [this](const auto& entry) {
        return std::find(asked_.begin(), asked_.end(), entry.key) == asked_.end();
      });
  if (unknown == table_->members.end()) return;
  faults_.add_first(located(unknown->value.line,
                            make_error(ErrorCode::configuration, "unknown key `{}`; known here: {}",
                                       unknown->key, fmt::format("{}", fmt::join(asked_, ", ")))));
}

}  // namespace maildiag::rulebook
