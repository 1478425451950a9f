// Exim's mainlog: "1tE2xY-0001Ab-CD ** a@b F=<c@d> R=dnslookup T=remote_smtp H=mx [192.0.2.1]:25:
// SMTP error from remote mail server after RCPT TO:<a@b>: 550 ..." ("The Exim Specification", log
// files).
//
// "rejected RCPT" lines are our refusals of others' mail; no ** or == stands in them.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "bounce/log/found.h"
#include "bounce/reply_text.h"
#include "core/text.h"

namespace maildiag::bounce::log {
namespace {

using std::string_view;

/// 6-6-2 characters, since 4.97 6-11-4.
std::size_t message_id_length(string_view text) {
  for (const std::size_t length : {std::size_t{16}, std::size_t{23}}) {
    const std::size_t second = length == 16 ? 13 : 18;
    if (text.size() <= length || text[6] != '-' || text[second] != '-' || text[length] != ' ')
      continue;
    const auto id = text.substr(0, length);
    if (std::all_of(id.begin(), id.end(), [](char c) { return is_alnum(c) || c == '-'; }))
      return length;
  }
  return 0;
}

/// Where the fields end and the words begin: the first ": " outside of quotes (DN="...").
std::size_t find_words(string_view text) {
  bool quoted = false;
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (!quoted && text[at] == ':' && text[at + 1] == ' ') return at;
  }
  return string_view::npos;
}

/// The value of " R=" and such, up to the next blank.
string_view field(string_view fields, string_view name) {
  const auto at = fields.find(name);
  if (at == string_view::npos) return {};
  fields.remove_prefix(at + name.size());
  return fields.substr(0, fields.find(' '));
}

/// "H=mx.example.net [192.0.2.1]:25", "H=mx.example.net (helo) [192.0.2.1]"
string_view relay_of(string_view fields) {
  const auto at = fields.find(" H=");
  if (at == string_view::npos) return {};
  fields.remove_prefix(at + 3);
  const auto close = fields.find(']');
  return close == string_view::npos ? fields.substr(0, fields.find(' '))
                                    : fields.substr(0, close + 1);
}

/// "a@b <orig@c> R=..." or "save to file <a@b> R=...", "|/bin/x (a@b) <a@b> ...".
void read_addresses(string_view fields, Found& found) {
  auto end = fields.size();
  for (const auto name :
       {string_view(" R="), string_view(" F=<"), string_view(" P=<"), string_view(" T=")}) {
    end = std::min(end, fields.find(name));
  }
  const auto front = text::trim(fields.substr(0, end));
  const auto open = front.rfind('<');
  const auto first = front.substr(0, front.find(' '));
  if (open != string_view::npos && front.ends_with('>'))
    found.original_recipient = front.substr(open + 1, front.size() - open - 2);
  found.recipient = first.find('@') != string_view::npos && !first.starts_with('|')
                        ? trim_any(first, "<>")
                        : found.original_recipient;
  if (found.recipient.empty()) found.recipient = first;
  if (found.original_recipient == found.recipient) found.original_recipient = {};
}

/// A line end of a multi-line reply is written as "\n".
std::string with_line_ends(string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == 'n') {
      out += '\n';
      ++at;
    } else {
      out += text[at];
    }
  }
  return out;
}

class EximLine {
 public:
  EximLine(const LogLine& line, string_view id, OpenMails& open, const FoundSink& sink)
      : key_(open.key(line.host, id)), open_(open), sink_(sink) {
    found_.format = "exim";
    found_.queue_id = id;
    found_.reporter = line.host;
  }

  /// "a@b H=client [192.0.2.9] P=esmtp ...", "<> R=..."
  void read_arrival(string_view text) {
    open_.note_sender(key_, trim_any(text.substr(0, text.find(' ')), "<>"));
  }

  void read_failure(string_view text, Action action) {
    const auto words = find_words(text);
    if (words == string_view::npos) return;
    const auto fields = text.substr(0, words);
    const auto reply = with_line_ends(text.substr(words + 2).substr(0, max_reply_bytes_));
    found_.action = action;
    found_.text = reply;
    found_.relay = relay_of(fields);
    // "defer (111): Connection refused H=mx.example.net [192.0.2.1]"
    if (const auto host = found_.text.find(" H=");
        found_.relay.empty() && host != string_view::npos) {
      found_.relay = relay_of(found_.text);
      found_.text = found_.text.substr(0, host);
    }
    read_addresses(fields, found_);
    auto sender = field(fields, " F=");
    if (sender.empty()) sender = field(fields, " P=<");
    found_.sender = sender.empty() ? open_.sender(key_) : trim_any(sender, "<>");
    if (const auto own = field(fields, " I=["); !own.empty())
      found_.sending_ip = own.substr(0, own.find(']'));
    report();
  }

  void read_delivery(string_view text) {
    open_.drop_deferral(key_, trim_any(text.substr(0, text.find(' ')), "<>"));
  }

 private:
  /// "retry time not reached" and "retry timeout exceeded" only tell that an earlier reply holds.
  void report() {
    const bool no_try = found_.text.starts_with("retry time");
    const auto* known = known_deferral();
    if (no_try && known != nullptr) {
      if (found_.action == Action::delayed) return;
      found_.text = known->text;
      if (found_.relay.empty()) found_.relay = known->relay;
    }
    sink_(found_);
    if (found_.action == Action::failed) {
      open_.drop_deferral(key_, found_.recipient);
    } else {
      open_.note_deferral(key_, {std::string(found_.recipient),
                                 std::string(found_.relay),
                                 {},
                                 std::string(found_.text.substr(0, max_kept_reply))});
    }
  }

  const Deferral* known_deferral() {
    const auto* list = open_.deferrals(key_);
    if (list == nullptr) return nullptr;
    for (const auto& deferral : *list) {
      if (deferral.recipient == found_.recipient) return &deferral;
    }
    return nullptr;
  }

  /// As of any reply (max_reply_bytes of bounce/reader.h).
  static constexpr std::size_t max_reply_bytes_ = 8192;
  string_view key_;
  OpenMails& open_;
  const FoundSink& sink_;
  Found found_;
};

/// "[1234] " with log_selector +pid.
void drop_pid(string_view& text) {
  if (!text.starts_with('[')) return;
  const auto close = text.find("] ");
  if (close != string_view::npos && close < 12) text.remove_prefix(close + 2);
}

/// Lines about no mail in Exim's own log, where only their beginnings show whose they are.
bool is_of_daemon(string_view text, const Stamp& stamp) {
  if (stamp.form != StampForm::iso || stamp.text[10] != ' ') return false;
  for (const string_view words :
       {"Start queue run", "End queue run", "exim ", "H=", "no host name found",
        "no IP address found", "SMTP ", "TLS ", "Connection from ", "refused ",
        "unexpected disconnection", "rejected ", "Warning: ", "SIGHUP received", "daemon: "}) {
    if (text.starts_with(words)) return true;
  }
  return false;
}

}  // namespace

bool read_exim(const LogLine& line, OpenMails& open, const FoundSink& sink) {
  const bool own_log = line.program.empty();
  if (!own_log && !line.program.starts_with("exim")) return false;
  auto text = line.text;
  if (!own_log) take_stamp(text);  // syslog_timestamp: its own time again
  drop_pid(text);
  const auto length = message_id_length(text);
  if (length == 0) return !own_log || is_of_daemon(text, line.stamp);
  const auto id = text.substr(0, length);
  text.remove_prefix(length + 1);
  if (text.starts_with("Completed")) {
    open.close(open.key(line.host, id));
    return true;
  }
  if (text.size() < 4 || text[2] != ' ') return true;
  const auto flag = text.substr(0, 2);
  const auto rest = text.substr(3);
  if (flag == "<=") EximLine(line, id, open, sink).read_arrival(rest);
  if (flag == "**") EximLine(line, id, open, sink).read_failure(rest, Action::failed);
  if (flag == "==") EximLine(line, id, open, sink).read_failure(rest, Action::delayed);
  if (flag == "=>" || flag == "->") EximLine(line, id, open, sink).read_delivery(rest);
  return true;
}

}  // namespace maildiag::bounce::log
