#include "net/smtp_reply.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace maildiag::net {

namespace {

constexpr std::size_t code_digits = 3;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

/// RFC 5321 section 4.2: the first digit is 2 to 5. The text may be missing, and the space with it.
bool SmtpReplyReader::may_be_reply() const {
  const auto begin = std::string_view(line_).substr(0, code_digits + 1);
  for (std::size_t at = 0; at < begin.size(); ++at) {
    const char c = begin[at];
    const bool good = at == 0            ? c >= '2' && c <= '5'
                      : at < code_digits ? is_digit(c)
                                         : c == ' ' || c == '-' || c == '\r';
    if (!good) return false;
  }
  return true;
}

SmtpReplyReader::State SmtpReplyReader::end_line() {
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  if (line_.size() < code_digits || line_.find('\r') == code_digits) return State::garbage;
  const bool goes_on = line_.size() > code_digits && line_[code_digits] == '-';
  const char first = line_[0];
  const bool turns = worst_ != 0 && first != worst_;
  worst_ = std::max(worst_, first);
  if ((turns && turn_ == Turn::never) || (!goes_on && first < worst_)) return State::garbage;
  const auto line = std::exchange(line_, {});
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (reply_.lines.size() < max_reply_lines) {
    if (on_line_) on_line_(line);
    reply_.lines.push_back(
        text::sanitize(line.size() > code_digits ? line.substr(code_digits + 1) : ""));
  }
  if (goes_on) return State::unfinished;
  reply_.code = code;
  return State::whole;
}

SmtpReplyReader::State SmtpReplyReader::read(std::string_view octets) {
  while (state_ == State::unfinished && !octets.empty()) {
    const auto end = octets.find('\n');
    const auto part = octets.substr(0, end);
    line_ += part.substr(0, max_reply_line - std::min(max_reply_line, line_.size()));
    if (!may_be_reply()) {
      state_ = State::garbage;
      if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    } else if (end != std::string_view::npos) {
      state_ = end_line();
    }
    octets.remove_prefix(end == std::string_view::npos ? octets.size() : end + 1);
  }
  more_behind_ = state_ == State::whole && !octets.empty();
  return state_;
}

SmtpReply SmtpReplyReader::take() {
  return std::move(reply_);
}

bool offers(const SmtpReply& ehlo, std::string_view keyword) {
  if (ehlo.code != 250) return false;
  return std::any_of(ehlo.lines.begin() + !ehlo.lines.empty(), ehlo.lines.end(),
                     [keyword](std::string_view line) {
                       return text::equals_ignore_case(line.substr(0, line.find(' ')), keyword);
                     });
}

}  // namespace maildiag::net
