// Postfix: "4fXyZ1abc: to=<a@b>, relay=mx[192.0.2.1]:25, ..., dsn=5.1.1, status=bounced (host mx
// said: 550 ...)".
//
// What smtpd and cleanup reject (NOQUEUE, milter-reject) are our refusals of others' mail; they
// have no "to=<" behind the queue id and are passed over.

#include <cstddef>
#include <optional>
#include <string_view>

#include "bounce/log/found.h"
#include "bounce/reply_text.h"

namespace maildiag::bounce::log {
namespace {

using std::string_view;

/// "<a@b>, " at the start: addresses may hold anything between the brackets.
std::optional<string_view> take_address(string_view& text) {
  const auto end = text.find(">, ");
  if (!text.starts_with('<') || end == string_view::npos) return {};
  const auto address = text.substr(1, end - 1);
  text.remove_prefix(end + 3);
  return address;
}

/// "status=bounced (text)"; a line that was cut has no closing bracket.
string_view in_brackets(string_view text) {
  const auto open = text.find('(');
  if (open == string_view::npos) return {};
  text.remove_prefix(open + 1);
  if (text.ends_with(')')) text.remove_suffix(1);
  return text;
}

class PostfixLine {
 public:
  PostfixLine(const LogLine& line, string_view id, OpenMails& open, const FoundSink& sink)
      : key_(open.key(line.host, id)), open_(open), sink_(sink) {
    found_.format = "postfix";
    found_.queue_id = id;
    found_.reporter = line.host;
  }

  /// qmgr: "from=<a@b>, size=..., nrcpt=1 (queue active)", "from=<a@b>, status=expired, returned to
  /// sender"
  void read_sender(string_view text) {
    const auto sender = take_address(text);
    if (!sender) return;
    open_.note_sender(key_, *sender);
    if (!text.starts_with("status=expired") && !text.starts_with("status=force-expired")) return;
    found_.sender = *sender;
    const auto deferrals = open_.take_expired(key_);
    if (deferrals.empty()) {
      found_.text = text;
      sink_(found_);
      return;
    }
    // What the last try said is what the bounce will say.
    for (const auto& deferral : deferrals) {
      found_.recipient = deferral.recipient;
      found_.relay = deferral.relay;
      found_.status = deferral.status;
      found_.text = deferral.text;
      sink_(found_);
    }
  }

  void read_recipient(string_view text) {
    const auto recipient = take_address(text);
    if (!recipient) return;
    found_.recipient = *recipient;
    while (!text.starts_with("status=")) {
      if (!take_attribute(text)) return;
    }
    text.remove_prefix(7);
    if (text.starts_with("bounced") || text.starts_with("expired")) {
      found_.action = Action::failed;
    } else if (text.starts_with("deferred") || text.starts_with("SOFTBOUNCE")) {
      found_.action = Action::delayed;
    } else {
      // sent; (un)deliverable answers a probe, there is no mail (postconf(5), verify(8)).
      open_.drop_deferral(key_, *recipient);
      return;
    }
    found_.text = in_brackets(text);
    found_.sender = open_.sender(key_);
    sink_(found_);
    note_outcome();
  }

 private:
  /// "relay=mx[192.0.2.1]:25, "
  bool take_attribute(string_view& text) {
    if (text.starts_with("orig_to=<")) {
      text.remove_prefix(8);
      const auto address = take_address(text);
      found_.original_recipient = address.value_or(string_view());
      return address.has_value();
    }
    const auto end = text.find(", ");
    if (end == string_view::npos) return false;
    const auto attribute = text.substr(0, end);
    if (attribute.starts_with("relay=")) found_.relay = attribute.substr(6);
    if (attribute.starts_with("dsn=")) found_.status = attribute.substr(4);
    text.remove_prefix(end + 2);
    return true;
  }

  void note_outcome() {
    if (found_.action == Action::delayed) {
      open_.note_deferral(
          key_, {std::string(found_.recipient), std::string(found_.relay),
                 std::string(found_.status), std::string(found_.text.substr(0, max_kept_reply))});
    } else {
      open_.drop_deferral(key_, found_.recipient);
    }
  }

  string_view key_;
  OpenMails& open_;
  const FoundSink& sink_;
  Found found_;
};

}  // namespace

bool read_postfix(const LogLine& line, OpenMails& open, const FoundSink& sink) {
  // "postfix/smtp", "postfix-out/qmgr", "postfix/relay/smtp": multi-instance and syslog_name.
  const auto slash = line.program.rfind('/');
  if (slash == string_view::npos) return false;
  auto text = line.text;
  // Short ids are hexadecimal (from 6 characters), long ones base 52 (about 15); postconf(5)
  // enable_long_queue_ids.
  const auto id = take_queue_id(text, 5, 25);
  if (id.empty()) return true;
  if (text.starts_with("to=<")) {
    PostfixLine(line, id, open, sink).read_recipient(text.substr(3));
  } else if (text.starts_with("from=<") && line.program.ends_with("qmgr")) {
    PostfixLine(line, id, open, sink).read_sender(text.substr(5));
  } else if (text == "removed") {
    open.close(open.key(line.host, id));
  }
  return true;
}

}  // namespace maildiag::bounce::log
