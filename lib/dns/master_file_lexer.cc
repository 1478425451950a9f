#include "dns/master_file_lexer.h"

#include <fmt/format.h>

namespace maildiag::dns {
namespace {

/// More than any RDATA that ldns reads (65,535 characters) can have: bounds what an endless
/// parenthesis takes.
constexpr std::size_t max_tokens = 33'000;

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/// Ends a token that is not quoted.
bool is_special(char c) {
  return is_blank(c) || c == '\n' || c == ';' || c == '(' || c == ')' || c == '"' || c == '\0';
}

}  // namespace

MasterFileLexer::MasterFileLexer(std::string_view text) : text_(text) {
  if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
}

Result<std::optional<MasterEntry>> MasterFileLexer::next() {
  MasterEntry entry{line_, at_ < text_.size() && is_blank(text_[at_]), {}};
  std::size_t opened_at = 0;  // the line of the open parenthesis; 0 without one
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '\n') {
      ++at_;
      ++line_;
      if (opened_at != 0) continue;
      if (!entry.tokens.empty()) return entry;
      entry = MasterEntry{line_, at_ < text_.size() && is_blank(text_[at_]), {}};
    } else if (is_blank(c)) {
      ++at_;
    } else if (c == ';') {
      skip_comment();
    } else if (c == '(') {
      if (opened_at != 0)
        return fault(line_, make_error(ErrorCode::bad_data, "a parenthesis within parentheses"));
      opened_at = line_;
      ++at_;
    } else if (c == ')') {
      if (opened_at == 0) return fault(line_, make_error(ErrorCode::bad_data, "a ) without a ("));
      opened_at = 0;
      ++at_;
    } else if (auto read = read_token(entry); !read) {
      return tl::unexpected(std::move(read.error()));
    }
  }
  if (opened_at != 0) return fault(opened_at, make_error(ErrorCode::bad_data, "a ( without a )"));
  if (entry.tokens.empty()) return std::nullopt;
  return entry;
}

Result<void> MasterFileLexer::read_token(MasterEntry& entry) {
  if (entry.tokens.size() == max_tokens)
    return fault(entry.line, make_error(ErrorCode::bad_data, "an entry without end"));
  if (text_[at_] == '"') return read_quoted(entry);
  // ldns reads text up to a NUL and drops the rest without a word.
  if (text_[at_] == '\0')
    return fault(line_, make_error(ErrorCode::bad_data, "a NUL octet: write it as \\000"));
  const auto begin = at_;
  while (at_ < text_.size() && !is_special(text_[at_])) {
    if (text_[at_] != '\\') {
      ++at_;
      continue;
    }
    if (at_ + 1 >= text_.size() || text_[at_ + 1] == '\n' || text_[at_ + 1] == '\0') {
      return fault(line_,
                   make_error(ErrorCode::bad_data, "a backslash without a character to escape"));
    }
    at_ += 2;
  }
  entry.tokens.push_back({text_.substr(begin, at_ - begin), false});
  return {};
}

Result<void> MasterFileLexer::read_quoted(MasterEntry& entry) {
  const auto begin = ++at_;
  while (at_ < text_.size() && text_[at_] != '"') {
    // A line's end would be allowed by the RFC's grammar; in practice it is a forgotten quote,
    // whose error would be reported lines below.
    if (text_[at_] == '\n') break;
    if (text_[at_] == '\0')
      return fault(line_, make_error(ErrorCode::bad_data, "a NUL octet: write it as \\000"));
    const bool escape = text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n' &&
                        text_[at_ + 1] != '\0';
    at_ += escape ? 2U : 1U;
  }
  if (at_ >= text_.size() || text_[at_] != '"')
    return fault(line_, make_error(ErrorCode::bad_data, "a quoted string without its end"));
  entry.tokens.push_back({text_.substr(begin, at_ - begin), true});
  ++at_;
  return {};
}

void MasterFileLexer::skip_comment() {
  at_ = text_.find('\n', at_);
  if (at_ == std::string_view::npos) at_ = text_.size();
}

tl::unexpected<Error> MasterFileLexer::fault(std::size_t line, Error error) {
  return tl::unexpected(at_place(fmt::format("{}", line), std::move(error)));
}

}  // namespace maildiag::dns
