// qmail-send, by multilog (own times) or splogger (syslog): "starting delivery 5: msg 123 to remote
// a@b", "delivery 5: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550_.../"
// (qmail-log(5)).

#include <cstddef>
#include <string>
#include <string_view>

#include "bounce/log/found.h"
#include "bounce/reply_text.h"

namespace maildiag::bounce::log {
namespace {

using std::string_view;

/// A number at the start with `end` behind it.
string_view take_number(string_view& text, string_view end) {
  std::size_t at = 0;
  while (at < text.size() && at < 20 && is_digit(text[at])) ++at;
  if (at == 0 || text.substr(at, end.size()) != end) return {};
  const auto number = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return number;
}

bool take(string_view& text, string_view words) {
  if (!text.starts_with(words)) return false;
  text.remove_prefix(words.size());
  return true;
}

/// Does a line of the report begin here? qmail writes its line ends as '/', which URLs hold too.
bool begins_line(string_view text) {
  const auto head = read_reply_head(text.substr(0, 12));
  return text.starts_with("Remote_host_said:_") || text.starts_with("Giving_up_on_") ||
         text.starts_with("I'm_not_going_to_try_again") || text.starts_with("STARTTLS_proto=") ||
         (head && head->code >= 400) ||
         (text.size() > 3 && is_digit(text[0]) && (text[0] == '4' || text[0] == '5') &&
          is_digit(text[1]) && is_digit(text[2]) && (text[3] == '_' || text[3] == '-'));
}

/// Blanks were written as '_'.
std::string report_of(string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '_') {
      out += ' ';
    } else if (text[at] == '/' && (at + 1 == text.size() || begins_line(text.substr(at + 1)))) {
      out += '\n';
    } else {
      out += text[at];
    }
  }
  return out;
}

class QmailLine {
 public:
  QmailLine(const LogLine& line, OpenMails& open, const FoundSink& sink)
      : line_(line), open_(open), sink_(sink) {}

  bool read(string_view text) {
    if (take(text, "delivery ")) return read_outcome(text);
    if (take(text, "starting delivery ")) return read_start(text);
    if (take(text, "info msg ")) return read_sender(text);
    if (take(text, "new msg ")) return close_mail(text);  // numbers are used again
    if (take(text, "end msg ")) return close_mail(text);
    return text.starts_with("status: ") || text.starts_with("bounce msg ") ||
           text.starts_with("triple bounce: ");
  }

 private:
  /// "123: bytes 456 from <a@b> qp 789 uid 7"
  bool read_sender(string_view text) {
    const auto id = take_number(text, ": ");
    const auto from = text.find("from <");
    const auto end = text.rfind('>');
    if (id.empty() || from == string_view::npos || end == string_view::npos || end < from + 6)
      return false;
    open_.note_sender(open_.key(line_.host, id), text.substr(from + 6, end - from - 6));
    return true;
  }

  /// "5: msg 123 to remote a@b"
  bool read_start(string_view text) {
    const auto number = take_number(text, ": msg ");
    const auto mail = take_number(text, " to ");
    if (number.empty() || mail.empty()) return false;
    if (!take(text, "remote ")) take(text, "local ");
    auto& delivery = open_.deliveries().put(open_.key(line_.host, number));
    delivery.mail = mail;
    delivery.recipient = text.substr(0, max_kept_address);
    return true;
  }

  /// "5: failure: text", "5: deferral: text", "5: success: text"
  bool read_outcome(string_view text) {
    const auto number = take_number(text, ": ");
    if (number.empty()) return false;
    Delivery delivery;
    if (auto* known = open_.deliveries().find(open_.key(line_.host, number)); known != nullptr) {
      delivery = std::move(*known);
      open_.deliveries().erase(open_.key(line_.host, number));
    }
    if (!take(text, "failure: ") && !text.starts_with("deferral: ")) return true;
    Found found;
    found.action = take(text, "deferral: ") ? Action::delayed : Action::failed;
    const auto report = report_of(text.substr(0, max_report_));
    found.format = "qmail";
    found.queue_id = delivery.mail;
    found.recipient = delivery.recipient;
    found.reporter = line_.host;
    found.text = report;
    if (!delivery.mail.empty()) found.sender = open_.sender(open_.key(line_.host, delivery.mail));
    sink_(found);
    return true;
  }

  bool close_mail(string_view text) {
    open_.close(open_.key(line_.host, text.substr(0, text.find(' '))));
    return true;
  }

  /// As of any reply (max_reply_bytes of bounce/reader.h).
  static constexpr std::size_t max_report_ = 8192;
  const LogLine& line_;
  OpenMails& open_;
  const FoundSink& sink_;
};

}  // namespace

bool read_qmail(const LogLine& line, OpenMails& open, const FoundSink& sink) {
  auto text = line.text;
  if (!line.program.empty()) {
    if (!line.program.starts_with("qmail")) return false;
    // splogger's own time: "1795253401.123456 "
    const auto seconds = text.find('.');
    const auto blank = text.find(' ');
    if (seconds != string_view::npos && blank != string_view::npos && seconds < blank &&
        is_digit(text[0]))
      text.remove_prefix(blank + 1);
  }
  return QmailLine(line, open, sink).read(text) || !line.program.empty();
}

}  // namespace maildiag::bounce::log
