/// JSON text of values: compact, ASCII only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <maildiag/value.h>

namespace maildiag::report {

/// Appends to a string, with room ahead: the text of one report is four thousand octets in a
/// thousand pieces. The string is whole when the writer has ended, not before.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out), used_(out.size()) {}
  ~JsonWriter() { out_.resize(used_); }
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  /// A piece of JSON as it is.
  void raw(char piece) {
    *room(1) = piece;
    ++used_;
  }
  void raw(std::string_view piece);
  /// A string with its quotes. Everything but printable ASCII is escaped (RFC 8259 section 7), so
  /// nothing in it can move a cursor or reverse a line, whoever prints it; what is no valid UTF-8
  /// becomes U+FFFD.
  void text(std::string_view text);
  void integer(std::int64_t number);
  /// A double that is no number becomes null.
  void value(const Value& value);

 private:
  char* room(std::size_t octets) {
    if (out_.size() - used_ < octets) grow(octets);
    return out_.data() + used_;
  }
  void grow(std::size_t octets);
  void escaped(std::string_view text);
  void point(char32_t point);
  void unit(unsigned unit);
  void number(double number);

  std::string& out_;
  std::size_t used_;  // of its octets
};

void append_json(std::string& out, std::string_view text);
void append_json(std::string& out, const Value& value);

}  // namespace maildiag::report
