#include "checks/dkim_canonical.h"

#include <algorithm>

namespace maildiag::checks::dkim {

namespace {

constexpr std::string_view blanks = " \t";
constexpr std::size_t hash_piece = 16UL << 10;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view without_end_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Section 3.4.2: unfolded, runs of white space as one space, none at the ends.
std::string relaxed_value(std::string_view value) {
  std::string out;
  bool blank = false;
  for (const char c : value) {
    if (c == '\r' || c == '\n') continue;
    if (is_blank(c)) {
      blank = true;
      continue;
    }
    if (blank && !out.empty()) out += ' ';
    blank = false;
    out += c;
  }
  return out;
}

}  // namespace

std::string_view to_string(Form form) {
  return form == Form::simple ? "simple" : "relaxed";
}

std::string canonical_field(Form form, const HeaderField& field) {
  return form == Form::simple ? field.raw : field.name + ":" + relaxed_value(field.value());
}

void BodyHash::add_line(std::string_view line) {
  if (form_ == Form::relaxed) line = without_end_blanks(line);
  if (line.empty()) {
    ++empty_lines_;
    return;
  }
  put_empty_lines();
  if (form_ == Form::relaxed) {
    add_relaxed(line);
  } else {
    put(line);
  }
  put("\r\n");
}

void BodyHash::add_relaxed(std::string_view line) {
  while (!line.empty()) {
    const auto* const blank = std::find_if(line.begin(), line.end(), is_blank);
    const auto word = static_cast<std::size_t>(blank - line.begin());
    put(line.substr(0, word));
    line.remove_prefix(word);
    if (line.empty()) break;
    put(" ");
    line.remove_prefix(line.find_first_not_of(blanks));  // a line does not end in blanks here
  }
}

/// In pieces: a body may be millions of them and one word.
void BodyHash::put_empty_lines() {
  constexpr std::size_t lines_of_piece = 1024;
  const auto count = std::min<std::uint64_t>(empty_lines_, lines_of_piece);
  std::string lines;
  for (std::uint64_t i = 0; i < count; ++i) lines += "\r\n";
  while (empty_lines_ > 0) {
    const auto now = std::min<std::uint64_t>(empty_lines_, count);
    put(std::string_view(lines).substr(0, 2 * now));
    empty_lines_ -= now;
  }
}

void BodyHash::put(std::string_view octets) {
  const auto all = octets.size();
  if (limit_ && length_ + all > *limit_)
    octets = octets.substr(0, *limit_ > length_ ? *limit_ - length_ : 0);
  length_ += all;
  if (octets.size() < hash_piece) {
    buffer_.append(octets);
    if (buffer_.size() >= hash_piece) flush();
  } else {  // a line of megabytes is not copied
    flush();
    hash_.add(octets);
  }
}

void BodyHash::flush() {
  hash_.add(buffer_);
  buffer_.clear();
}

std::uint64_t BodyHash::length() const {
  return length_ == 0 && form_ == Form::simple ? 2 : length_;
}

std::string BodyHash::digest() const {
  BodyHash copy(*this);
  // Section 3.4.3: an empty body is one CRLF; section 3.4.4: it is nothing.
  if (copy.length_ == 0 && form_ == Form::simple) copy.put("\r\n");
  copy.flush();
  return copy.hash_.digest();
}

BodyHash hash_body(Form form, std::optional<std::uint64_t> limit, std::string_view body) {
  BodyHash hash(form, limit);
  for_each_line(body, [&hash](std::string_view line) { hash.add_line(line); });
  return hash;
}

}  // namespace maildiag::checks::dkim
