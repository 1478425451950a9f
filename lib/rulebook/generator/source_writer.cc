#include "rulebook/generator/source_writer.h"

#include <fmt/format.h>

namespace maildiag::rulebook {

std::string initializer(const std::vector<SourceWriter::Field>& fields) {
  std::string result = "{";
  for (const auto& [name, value] : fields) {
    result += fmt::format("{}.{} = {}", result.size() > 1 ? ", " : "", name, value);
  }
  return result + "}";
}

std::string SourceWriter::text(std::string_view value) const {
  if (value.empty()) return "{}";
  std::string result = "\"";
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (octet < 0x20 || octet == 0x7f) {
      result += fmt::format("\\{:03o}", octet);  // three digits: what follows cannot be taken in
    } else {
      result += c;
    }
  }
  return result + "\"sv";
}

std::string SourceWriter::translated(const Text& value) const {
  return initializer({{"en", text(value.en)}, {"ko", text(value.ko)}});
}

std::string SourceWriter::translated_list(const Texts& value) {
  auto en = strings(value.en);
  auto ko = strings(value.ko);
  return initializer({{"en", std::move(en)}, {"ko", std::move(ko)}});
}

std::string SourceWriter::array(std::string_view type, const std::vector<std::string>& items) {
  if (items.empty()) return "{}";
  const auto name = fmt::format("array{}", array_count_++);
  arrays_ += fmt::format("constexpr {} {}[] = {{{}}};\n", type, name, fmt::join(items, ", "));
  return name;
}

std::string SourceWriter::strings(Strings values) {
  std::vector<std::string> items;
  for (const auto value : values) items.push_back(text(value));
  return array("std::string_view", items);
}

std::string SourceWriter::numbers(std::span<const int> values) {
  std::vector<std::string> items;
  for (const int value : values) items.push_back(std::to_string(value));
  return array("int", items);
}

std::string SourceWriter::numbers(std::span<const std::uint32_t> values) {
  std::vector<std::string> items;
  for (const auto value : values) items.push_back(std::to_string(value));
  return array("std::uint32_t", items);
}

std::string SourceWriter::codes(std::span<const ListCode> values) {
  std::vector<std::string> items;
  for (const auto& code : values) {
    items.push_back(initializer({{"code", text(code.code)},
                                 {"bits", std::to_string(code.bits)},
                                 {"list_class", text(code.list_class)},
                                 {"kind", text(code.kind)},
                                 {"meaning", translated(code.meaning)}}));
  }
  return array("ListCode", items);
}

void SourceWriter::add(const std::vector<Field>& fields) {
  entries_.push_back(initializer(fields));
}

std::string SourceWriter::finish() const {
  const auto begin = fmt::format(
      "// Written by maildiag_rules_generator out of rules/; do not edit.\n"
      "#include \"rulebook/compiled.h\"\n\n"
      "namespace maildiag::rulebook::compiled {{\n"
      "namespace {{\n\n"
      "using namespace std::string_view_literals;\n\n{}\n",
      arrays_);
  if (entries_.empty()) {
    return begin + fmt::format(
                       "}}  // namespace\n\nconstinit const std::span<const {}> {};\n\n"
                       "}}  // namespace maildiag::rulebook::compiled\n",
                       type_, name_);
  }
  return begin + fmt::format(
                     "constexpr {0} table[] = {{\n    {2},\n}};\n\n"
                     "}}  // namespace\n\n"
                     "constinit const std::span<const {0}> {1}(table);\n\n"
                     "}}  // namespace maildiag::rulebook::compiled\n",
                     type_, name_, fmt::join(entries_, ",\n    "));
}

}  // namespace maildiag::rulebook
