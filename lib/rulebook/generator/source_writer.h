/// Writes the tables of a rulebook as C++ constants.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/loader/tables.h"

namespace maildiag::rulebook {

/// A source file under construction: arrays first, then the table whose entries refer to them.
class SourceWriter {
 public:
  /// `type` and `name` of the table: "Rule", "rules".
  SourceWriter(std::string_view type, std::string_view name) : type_(type), name_(name) {}

  /// Each returns a C++ expression.
  std::string text(std::string_view value) const;
  std::string translated(const Text& value) const;
  std::string translated_list(const Texts& value);
  std::string strings(Strings values);
  std::string numbers(std::span<const int> values);
  std::string numbers(std::span<const std::uint32_t> values);
  std::string codes(std::span<const ListCode> values);
  static std::string flag(bool value) { return value ? "true" : "false"; }

  struct Field {
    std::string_view name;
    std::string value;
  };
  void add(const std::vector<Field>& fields);
  void add(std::string entry) { entries_.push_back(std::move(entry)); }
  std::string finish() const;

 private:
  std::string array(std::string_view type, const std::vector<std::string>& items);

  std::string type_, name_;
  std::string arrays_;
  std::size_t array_count_ = 0;
  std::vector<std::string> entries_;
};

/// "{.id = ..., .name = ...}"
std::string initializer(const std::vector<SourceWriter::Field>& fields);

}  // namespace maildiag::rulebook
