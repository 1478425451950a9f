/// The fields of a header block (RFC 5322 section 2.2), or of one that was pasted somewhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace maildiag::bounce {

struct Field {
  std::string name;   ///< as it stands
  std::string value;  ///< unfolded, trimmed, otherwise raw octets
};

class Fields {
 public:
  /// Reads up to the first empty line or a line that is no field. Bounded by max_header_bytes and
  /// max_fields.
  static Fields parse(std::string_view block);
  /// A mail that a hundred servers handed on has some 1,000.
  static constexpr std::size_t max_fields = 2000;

  /// The first field of that name; empty: none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  const std::vector<Field>& list() const { return list_; }
  void add(std::string name, std::string value) {
    list_.push_back({std::move(name), std::move(value)});
  }

 private:
  std::vector<Field> list_;
};

/// Length of a field name with its colon at the start of a line; 0: the line is no field.
std::size_t field_name_length(std::string_view line);

/// True if the text starts with a mail's header: fields, one of them a usual one.
bool starts_with_header(std::string_view octets);

/// The header block and what follows the empty line.
struct Halves {
  std::string_view header;
  std::string_view body;
};
Halves split_header(std::string_view message);

/// The next line without its end (CRLF, LF or CR), taken off the front of `rest`.
std::string_view take_line(std::string_view& rest);

/// The addresses of a From, To or Return-Path field, without names and comments.
std::vector<std::string> addresses_of(std::string_view value);

}  // namespace maildiag::bounce
