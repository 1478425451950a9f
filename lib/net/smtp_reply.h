/// Replies of an SMTP server (RFC 5321 section 4.2) out of octets as they come.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "net/smtp.h"

namespace maildiag::net {

class SmtpReplyReader {
 public:
  enum class State {
    unfinished,
    whole,
    garbage,  ///< a line that is none of a reply, known as soon as its first octets are
  };
  /// Called with each line that is kept, raw and without its end.
  using OnLine = std::function<void(std::string_view line)>;

  /// The codes of all lines are the same (RFC 5321 section 4.2.1). Where one digit was damaged, a
  /// reply must not be good for it: a line whose first digit differs is garbage, unless a greeting
  /// turns to_refusal, as those of postscreen (Postfix) do, "521 ..." behind "220-".
  enum class Turn { to_refusal, never };

  explicit SmtpReplyReader(OnLine on_line, Turn turn = Turn::to_refusal)
      : on_line_(std::move(on_line)), turn_(turn) {}

  /// Keeps at most max_reply_lines lines of max_reply_line octets. REQUIRES: unfinished.
  State read(std::string_view octets);
  /// Octets came behind the end of the reply. No server has anything to say before the next
  /// command.
  bool more_behind() const { return more_behind_; }
  /// What came of a line that has not ended, or the line that is none of a reply.
  std::string_view rest() const { return line_; }
  /// With the code of its last line, as senders take it. Code 0 where the reply is not whole.
  SmtpReply take();

 private:
  bool may_be_reply() const;
  State end_line();

  OnLine on_line_;
  SmtpReply reply_;
  Turn turn_;
  std::string line_;
  char worst_ = 0;  // of the first digits
  State state_ = State::unfinished;
  bool more_behind_ = false;
};

/// Does an EHLO reply name this keyword (RFC 5321 section 4.1.1.1)? The first line names the
/// server.
bool offers(const SmtpReply& ehlo, std::string_view keyword);

}  // namespace maildiag::net
