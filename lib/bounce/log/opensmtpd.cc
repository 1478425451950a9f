// OpenSMTPD: "8a2b3c4d5e6f7a8b mta delivery evpid=... from=<a@b> to=<c@d> rcpt=<-> source="..."
// relay="192.0.2.1 (mx.example.net)" delay=1s result="PermFail" stat="550 ...""; before 6.0
// "relay: PermFail for ...: session=..., from=<a@b>, to=<c@d>, ..., stat=550 ...".

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "bounce/log/found.h"
#include "bounce/reply_text.h"

namespace maildiag::bounce::log {
namespace {

using std::string_view;

/// The value of "name=", quoted or up to `end`.
string_view attribute(string_view text, string_view name, char end) {
  auto at = text.find(name);
  while (at != string_view::npos && at > 0 && text[at - 1] != ' ') at = text.find(name, at + 1);
  if (at == string_view::npos) return {};
  text.remove_prefix(at + name.size());
  if (text.starts_with('"')) {
    text.remove_prefix(1);
    return text.substr(0, text.find("\" "));
  }
  if (text.starts_with('<')) return text.substr(1, text.find('>') - 1);
  return text.substr(0, text.find(end));
}

/// stat= is the last one and holds what it likes.
string_view stat_of(string_view text) {
  const auto at = text.find(" stat=");
  if (at == string_view::npos) return {};
  text.remove_prefix(at + 6);
  if (!text.starts_with('"')) return text;
  text.remove_prefix(1);
  if (text.ends_with('"')) text.remove_suffix(1);
  return text;
}

/// "192.0.2.1 (mx.example.net)" as others write it: "mx.example.net[192.0.2.1]".
std::string relay_parts(string_view relay) {
  const auto open = relay.find(" (");
  if (open == string_view::npos) return std::string(relay);
  std::string out(trim_any(relay.substr(open + 2), "()"));
  return out.append("[").append(relay.substr(0, open)).append("]");
}

struct Outcome {
  string_view word;
  Action action;
};
constexpr std::array outcomes{Outcome{"PermFail", Action::failed},
                              Outcome{"TempFail", Action::delayed}};

const Outcome* outcome_of(string_view text) {
  const auto word = attribute(text, "result=", ' ');
  for (const auto& outcome : outcomes) {
    if (trim_any(word, "\"") == outcome.word) return &outcome;
    if (!word.empty()) continue;
    const auto at = text.substr(0, 40).find(outcome.word);
    if (at != string_view::npos && text.substr(at + outcome.word.size()).starts_with(" for "))
      return &outcome;
  }
  return nullptr;
}

/// The mail's part of an envelope's id: "1234abcd" of "1234abcd5678ef90".
string_view queue_id_of(string_view text) {
  if (const auto envelope = attribute(text, "evpid=", ' '); !envelope.empty())
    return envelope.substr(0, 8);
  const auto at = text.find(" for ");
  if (at == string_view::npos) return {};
  text.remove_prefix(at + 5);
  return text.substr(0, text.find_first_of(": ")).substr(0, 8);
}

}  // namespace

bool read_opensmtpd(const LogLine& line, const FoundSink& sink) {
  const auto program = line.program;
  if (program != "smtpd" && program != "opensmtpd") return false;
  const auto text = line.text;
  if (text.find("Fail") == string_view::npos) return true;
  const auto* outcome = outcome_of(text.substr(0, text.find(" stat=")));
  if (outcome == nullptr) return true;
  const char end = text.find(", stat=") == string_view::npos ? ' ' : ',';
  Found found;
  found.format = "opensmtpd";
  found.action = outcome->action;
  found.queue_id = queue_id_of(text);
  found.reporter = line.host;
  found.sender = attribute(text, "from=", end);
  found.recipient = attribute(text, "to=", end);
  found.original_recipient = attribute(text, "rcpt=", end);
  if (found.original_recipient == "-") found.original_recipient = {};
  const auto relay = relay_parts(attribute(text, "relay=", end));
  found.relay = relay;
  found.sending_ip = attribute(text, "source=", end);
  found.text = stat_of(text);
  sink(found);
  return true;
}

}  // namespace maildiag::bounce::log
