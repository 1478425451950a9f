// Sendmail: "uAL0U1ab012345: to=<a@b>,<c@d>, delay=..., relay=mx. [192.0.2.1], dsn=5.1.1,
// reply=550 5.1.1 ..., stat=User unknown".
//
// "ruleset=check_rcpt, ... reject=550" is our refusal of others' mail.

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "bounce/log/found.h"
#include "bounce/reply_text.h"
#include "core/text.h"

namespace maildiag::bounce::log {
namespace {

using std::string_view;

/// Recipients of one "to=" list; sendmail itself cuts the list (TOBUFSIZE).
constexpr int max_recipients = 100;
/// 14 characters since 8.10, 8 before; some room.
constexpr std::size_t shortest_id = 7, longest_id = 20;

/// The value of "name=" up to the next ", word="; values hold commas.
string_view attribute(string_view text, string_view name) {
  auto at = text.find(name);
  while (at != string_view::npos && at > 0 && text[at - 1] != ' ') at = text.find(name, at + 1);
  if (at == string_view::npos) return {};
  text.remove_prefix(at + name.size());
  for (auto comma = text.find(", "); comma != string_view::npos;
       comma = text.find(", ", comma + 1)) {
    auto word = comma + 2;
    while (word < text.size() && text[word] >= 'a' && text[word] <= 'z') ++word;
    if (word > comma + 2 && word < text.size() && text[word] == '=') return text.substr(0, comma);
  }
  return text;
}

bool is_delivered(string_view stat, string_view status) {
  return status.starts_with('2') || stat.starts_with("Sent") || stat.starts_with("queued") ||
         stat.starts_with("quarantined");
}

Action action_of(string_view stat, string_view status) {
  if (stat.starts_with("Deferred") || status.starts_with('4')) return Action::delayed;
  return Action::failed;
}

template <class Each>
void each_address(string_view list, const Each& each) {
  int count = 0;
  while (!list.empty() && count < max_recipients) {
    const auto end = list.starts_with('<') ? list.find(">,") : list.find(',');
    const auto word = list.substr(0, end == string_view::npos ? end : end + 1);
    list.remove_prefix(end == string_view::npos ? list.size() : word.size() + (list[end] == '>'));
    const auto address = trim_any(word, "<>,");
    if (address.empty() || address == "...") continue;
    each(address);
    ++count;
  }
}

class SendmailLine {
 public:
  SendmailLine(const LogLine& line, string_view id, OpenMails& open, const FoundSink& sink)
      : key_(open.key(line.host, id)), open_(open), sink_(sink) {
    found_.format = "sendmail";
    found_.queue_id = id;
    found_.reporter = line.host;
  }

  void read_recipients(string_view text) {
    // stat= is the last one and holds what it likes; so may addresses in front of the delay.
    const auto stat_at = text.find(", stat=", std::min(text.find(", delay="), text.size()));
    if (stat_at == string_view::npos) return;
    const auto stat = text.substr(stat_at + 7);
    text = text.substr(0, stat_at + 1);
    found_.status = attribute(text, "dsn=");
    if (is_delivered(stat, found_.status)) return drop_deferrals(attribute(text, "to="));
    found_.relay = attribute(text, "relay=");
    found_.action = action_of(stat, found_.status);
    const auto reply = trim_any(attribute(text, "reply="), "\",");
    found_.text = read_reply_head(reply) && !read_reply_head(stat) ? reply : stat;
    found_.sender = open_.sender(key_);
    if (found_.sender.empty()) found_.sender = controlling_user(text);
    each_address(attribute(text, "to="), [this](string_view address) {
      found_.recipient = address;
      sink_(found_);
      if (found_.action == Action::delayed) {
        open_.note_deferral(
            key_, {std::string(address), std::string(found_.relay), std::string(found_.status),
                   std::string(found_.text.substr(0, max_kept_reply))});
      }
    });
    if (found_.action == Action::failed) drop_deferrals(attribute(text, "to="));
  }

  /// What the last try said is what the bounce says.
  void read_expiry() {
    const auto deferrals = open_.take_expired(key_);
    if (deferrals.empty()) return;
    found_.sender = open_.sender(key_);
    for (const auto& deferral : deferrals) {
      found_.recipient = deferral.recipient;
      found_.relay = deferral.relay;
      found_.status = deferral.status;
      found_.text = deferral.text;
      sink_(found_);
    }
    open_.close(key_);
  }

 private:
  /// "ctladdr=<a@b> (1000/1000)" names the sender of local mail.
  static string_view controlling_user(string_view text) {
    auto value = attribute(text, "ctladdr=");
    value = trim_any(value.substr(0, value.find(' ')), "<>,");
    return value.find('@') == string_view::npos ? string_view() : value;
  }

  void drop_deferrals(string_view list) {
    each_address(list, [this](string_view address) { open_.drop_deferral(key_, address); });
  }

  string_view key_;
  OpenMails& open_;
  const FoundSink& sink_;
  Found found_;
};

/// "uALnew: return to sender: Cannot send message for 5 days". Which words stand in front depends
/// on what else was sent for the mail (sendmail's savemail()); other bounces have them, too.
bool tells_expiry(string_view text) {
  if (take_queue_id(text, shortest_id, longest_id).empty()) return false;
  for (const string_view words :
       {"return to sender: ", "sender notify: ", "postmaster notify: ", "DSN: "}) {
    if (!text.starts_with(words)) continue;
    text.remove_prefix(words.size());
    return text.starts_with("Cannot send message") || text.starts_with("delivery time expired");
  }
  return false;
}

}  // namespace

bool read_sendmail(const LogLine& line, OpenMails& open, const FoundSink& sink) {
  const auto program = line.program;
  if (!program.starts_with("sm-") && !program.starts_with("sendmail")) return false;
  auto text = line.text;
  const auto id = take_queue_id(text, shortest_id, longest_id);
  if (id.empty()) return true;
  if (text.starts_with("from=")) {
    const auto value = attribute(text, "from=");
    open.note_sender(open.key(line.host, id), trim_any(value, "<>"));
  } else if (text.starts_with("to=")) {
    SendmailLine(line, id, open, sink).read_recipients(text);
  } else if (tells_expiry(text)) {
    SendmailLine(line, id, open, sink).read_expiry();
  }
  return true;
}

}  // namespace maildiag::bounce::log
