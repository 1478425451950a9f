#include "bounce/reply_wrapper.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bounce/reply_remote.h"
#include "bounce/reply_text.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// The reply stands behind these; longer ones first where one contains another.
constexpr std::array<string_view, 34> wrapper_introductions{
    " refused to talk to me: ",
    "remote host said:",
    "the error that the other server returned was:",
    "the response from the remote server was:",
    "the response was:",
    "remote server returned:",
    "remote server returned ",
    " returned '",
    "remote server said:",
    "remote server replied:",
    "remote system said:",
    "server responded with:",
    "server responded:",
    "server replied:",
    "returned the following error:",
    "with the following error:",
    "following error message:",
    "gave this error:",
    "error message:",
    "diagnostic code:",
    "diagnostic-code:",
    "remote-mta said:",
    "mta said:",
    "server message:",
    "last response was:",
    "last error:",
    "last reason:",
    "reason for the problem:",
    "응답 내용:",
    "said: ",
    " responded: ",
    "(reason: ",
    "reason: ",
    "deferred: ",
};

/// Diagnostic types (RFC 3464 section 2.3.6) that are met; a word with a semicolon alone may be the
/// reply's own.
constexpr std::array<string_view, 12> diagnostic_types{
    "smtp",    "lmtp",    "x-postfix", "x-unix",     "x-notes", "x-exim",
    "x-qmail", "x-local", "x-smtp",    "x-sendmail", "unix",    "dns"};

/// What MTAs add behind the reply.
constexpr std::array<string_view, 10> afterwords{
    " (in reply to ",
    " giving up on ",
    " i'm not going to try again",
    " #smtp#",
    " [rcpt_to]",
    " [mail_from]",
    " [data]",
    " ##",
    " (delivery attempts:",
    " delivery attempt failure - ",
};

/// string_view::find looks for the first letter, which running text is full of; `rare` is the place
/// of one in `words` that it seldom has.
std::size_t find_by_rare(string_view text, string_view words, std::size_t rare) {
  for (auto at = text.find(words[rare], rare); at != string_view::npos;
       at = text.find(words[rare], at + 1)) {
    if (text.substr(at - rare).starts_with(words)) return at - rare;
  }
  return string_view::npos;
}

/// Each of the afterwords has one of these; most texts lack most of them.
constexpr string_view rare_marks = "(#'-[v";
constexpr auto make_mark_bits() {
  std::array<unsigned char, 256> bits{};
  for (std::size_t i = 0; i < rare_marks.size(); ++i)
    bits[static_cast<unsigned char>(rare_marks[i])] = static_cast<unsigned char>(1U << i);
  return bits;
}
constexpr auto mark_bits = make_mark_bits();

static_assert(std::all_of(afterwords.begin(), afterwords.end(), [](string_view word) {
  return word.find_first_of(rare_marks) != string_view::npos;
}));

/// The place of the first one in `word`. REQUIRES: it has one.
std::size_t rare_mark(string_view word) {
  std::size_t at = 0;
  while (mark_bits[static_cast<unsigned char>(word[at])] == 0) ++at;
  return at;
}

unsigned marks_in(string_view text) {
  unsigned marks = 0;
  for (const char c : text) marks |= mark_bits[static_cast<unsigned char>(c)];
  return marks;
}

std::size_t find_introduction(string_view lower, string_view words) {
  const auto mark = words.rfind(':');
  return mark == string_view::npos ? lower.find(words) : find_by_rare(lower, words, mark);
}

class Unwrapper {
 public:
  Unwrapper(string_view text, string_view lower) : text_(text), lower_(lower) {}

  Unwrapped run() {
    cut_afterwords();
    // qmail's words count even behind something that looks like a reply: a number in front of a
    // pasted notice.
    if (const auto at = find_introduction(lower_, "remote host said:");
        at != string_view::npos && at + 17 < text_.size()) {
      note_context(0, at);
      advance(at + 17);
    }
    // Each round takes one layer; real ones have three ("X-Postfix; host a[b] said: ...").
    for (int layer = 0; layer < 8 && take_layer(); ++layer) {
    }
    out_.reply = text_;
    return std::move(out_);
  }

 private:
  bool take_layer() {
    if (read_reply_head(text_)) return false;
    return drop_opening() || drop_diagnostic_type() || drop_recipient() ||
           drop_status_before_type() || drop_exim_context() || drop_introduction() || drop_host() ||
           drop_greeting_host();
  }

  void advance(std::size_t count) {
    text_.remove_prefix(count);
    lower_.remove_prefix(count);
    while (text_.starts_with(' ')) {
      text_.remove_prefix(1);
      lower_.remove_prefix(1);
    }
  }
  void cut(std::size_t length) {
    text_ = text_.substr(0, length);
    while (text_.ends_with(' ')) text_.remove_suffix(1);
    lower_ = lower_.substr(0, text_.size());
  }

  void cut_afterwords() {
    const auto marks = marks_in(lower_);
    for (const auto word : afterwords) {
      const auto rare = rare_mark(word);
      if ((marks & mark_bits[static_cast<unsigned char>(word[rare])]) == 0) continue;
      const auto at = find_by_rare(lower_, word, rare);
      if (at == string_view::npos || at == 0) continue;
      note_context(at, lower_.size());
      cut(at);
    }
  }

  void note_context(std::size_t begin, std::size_t end) {
    if (out_.command.empty()) out_.command = command_in(lower_.substr(begin, end - begin));
    if (!out_.remote_ip) read_remote(text_.substr(begin, end - begin), out_);
  }

  /// Quotes and brackets around the reply, with their other half at the end.
  bool drop_opening() {
    if (text_.empty()) return false;
    static constexpr string_view openings = "'\"([{*=-:;,#<|>";
    const char first = text_.front();
    if (openings.find(first) == string_view::npos) return false;
    if (lower_.starts_with("(reason: ") || lower_.starts_with("<<< ")) {
      const bool reason = first == '(';
      advance(reason ? 9 : 4);
      if (reason && text_.ends_with(')')) cut(text_.size() - 1);
      return true;
    }
    if (first == '<' && find_leading_address() > 0) return drop_recipient();
    if (first == '#' && status_length(text_.substr(1)) > 0) return drop_status_before_type();
    if (first == '(' && text_.starts_with("(#")) return false;
    if (first == '[' && !read_reply_head(text_.substr(1)))
      return false;  // "[TSS04] ..." belongs to the text
    advance(1);
    const auto closing = first == '('   ? ')'
                         : first == '[' ? ']'
                         : first == '<' ? '>'
                         : first == '{' ? '}'
                                        : first;
    if (text_.ends_with(closing)) cut(text_.size() - 1);
    return true;
  }

  bool drop_diagnostic_type() {
    const auto semicolon = text_.substr(0, 20).find(';');
    if (semicolon == string_view::npos) return false;
    const auto type = text::trim(lower_.substr(0, semicolon));
    if (std::find(diagnostic_types.begin(), diagnostic_types.end(), type) == diagnostic_types.end())
      return false;
    advance(semicolon + 1);
    return true;
  }

  /// Length of "<a@b>:", "a@b...", "<a@b> (expanded from <c@d>):" at the start; 0: none.
  std::size_t find_leading_address() const {
    const auto limit = text_.substr(0, 700);
    const auto found = find_address(limit);
    if (!found || found->begin != 0) return 0;
    auto end = found->end;
    if (lower_.substr(end).starts_with(" (expanded from")) {
      const auto close = limit.find("):", end);
      if (close == string_view::npos) return 0;
      end = close + 1;
    }
    const auto rest = text_.substr(end);
    if (rest.starts_with("...")) return end + 3;
    return rest.starts_with(":") ? end + 1 : 0;
  }

  bool drop_recipient() {
    const auto length = find_leading_address();
    if (length > 0) advance(length);
    return length > 0;
  }

  /// Exchange: "mail.example.com #5.1.1 smtp;550 ..." and "host #550 5.1.1 ...".
  bool drop_status_before_type() {
    const auto front = text_.substr(0, 300);
    for (auto hash = front.find('#'); hash != string_view::npos; hash = front.find('#', hash + 1)) {
      if (drop_up_to_hash(hash)) return true;
    }
    return false;
  }

  bool drop_up_to_hash(std::size_t hash) {
    const auto behind = text_.substr(hash + 1);
    const auto length = status_length(behind);
    if (length == 0 && !read_reply_head(behind)) return false;
    if (length > 0) {
      const auto rest = lower_.substr(hash + 1 + length);
      const auto type = rest.find_first_not_of(' ');
      if (type == string_view::npos || rest.substr(type).find(';') > 12) return false;
      out_.status = behind.substr(0, length);
    }
    const bool bracket = text_.substr(0, hash).find('<') != string_view::npos;
    note_host(text_.substr(0, hash));
    advance(hash + 1 + length);
    if (bracket && text_.ends_with('>')) cut(text_.size() - 1);
    return true;
  }

  bool drop_introduction() {
    for (const auto words : wrapper_introductions) {
      const auto at = find_introduction(lower_, words);
      if (at == string_view::npos) continue;
      const auto end = at + words.size();
      if (text::trim(text_.substr(end)).empty()) continue;
      // "Deferred: Connection timed out" and such explain themselves better whole.
      const bool label = words == "reason: " && at == 0;
      if (!label && (words == "deferred: " || words == "reason: ") &&
          !read_reply_head(text::trim(text_.substr(end))))
        continue;
      note_context(0, end);
      advance(end);
      return true;
    }
    return false;
  }

  /// Exim: "SMTP error from remote mail server after RCPT TO:<a@b>: host mx.example.com
  /// [192.0.2.1]: 550 ...".
  bool drop_exim_context() {
    const auto words = lower_.find("smtp error from remote mail");
    if (words == string_view::npos) return false;
    for (auto at = text_.find(": ", words); at != string_view::npos;
         at = text_.find(": ", at + 2)) {
      if (!read_reply_head(text_.substr(at + 2))) continue;
      note_context(0, at);
      advance(at + 2);
      return true;
    }
    auto end = lower_.find("]: ");
    end = end == string_view::npos ? lower_.find(": ") : end + 1;
    if (end == string_view::npos) return false;
    note_context(0, end + 1);
    advance(end + 1);
    return true;
  }

  /// "host mx.example.com [192.0.2.1]: 550 ..." and "mx.example.com: 550 ...".
  bool drop_host() {
    for (auto at = text_.find(": "); at != string_view::npos && at < 300;
         at = text_.find(": ", at + 1)) {
      if (!read_reply_head(text_.substr(at + 2))) continue;
      const auto front = text_.substr(0, at);
      const bool host =
          front.find(' ') == string_view::npos ? !host_of(front).empty() : front.ends_with(']');
      if (!host) return false;
      note_context(0, at);
      if (out_.remote_host.empty()) note_host(front);
      advance(at + 2);
      return true;
    }
    return false;
  }

  /// A greeting's first line lost its code: "mx.example.com 554 Your access ..."
  bool drop_greeting_host() {
    const auto space = text_.find(' ');
    if (space == string_view::npos || text_.substr(0, space).find('.') == string_view::npos)
      return false;
    const auto head = read_reply_head(text_.substr(space + 1));
    auto host = host_of(text_.substr(0, space));
    const bool masked = text_.substr(0, space).find("**") != string_view::npos;
    if (!head || head->code < 400 || (host.empty() && !masked)) return false;
    if (out_.remote_host.empty()) out_.remote_host = std::move(host);
    advance(space + 1);
    return true;
  }

  void note_host(string_view front) {
    front = text::trim(front);
    const auto space = front.rfind(' ');
    auto host = host_of(space == string_view::npos ? front : front.substr(space + 1));
    if (!host.empty()) out_.remote_host = std::move(host);
  }

  string_view text_;
  string_view lower_;
  Unwrapped out_;
};

}  // namespace

Unwrapped unwrap_reply(string_view text, string_view lower) {
  return Unwrapper(text, lower).run();
}

}  // namespace maildiag::bounce
