#include "bounce/reply_remote.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bounce/reply_text.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// Words of a wrapper that tell at which command the reply came, most telling first.
constexpr std::array<std::pair<string_view, string_view>, 43> command_words{{
    {"end of data", "end of DATA"},
    {"after i sent the message", "end of DATA"},
    {"sending message body", "end of DATA"},
    {"message body", "end of DATA"},
    {"to rcpt to", "RCPT TO"},
    {"after rcpt to", "RCPT TO"},
    {"pipelined rcpt to", "RCPT TO"},
    {"sending rcpt to", "RCPT TO"},
    {"during rcpt to", "RCPT TO"},
    {">>> rcpt to", "RCPT TO"},
    {"rcpt to:<", "RCPT TO"},
    {"[rcpt_to]", "RCPT TO"},
    {"[mail_from]", "MAIL FROM"},
    {"[data]", "DATA"},
    {"does not like recipient", "RCPT TO"},
    {"to mail from", "MAIL FROM"},
    {"after mail from", "MAIL FROM"},
    {"pipelined mail from", "MAIL FROM"},
    {"sending mail from", "MAIL FROM"},
    {"during mail from", "MAIL FROM"},
    {">>> mail from", "MAIL FROM"},
    {"mail from:<", "MAIL FROM"},
    {"sender was rejected", "MAIL FROM"},
    {"does not like sender", "MAIL FROM"},
    {"failed on data command", "DATA"},
    {"to data command", "DATA"},
    {"after data", "DATA"},
    {"sending data command", "DATA"},
    {">>> data", "DATA"},
    {"pipelined data", "DATA"},
    {"my name was rejected", "EHLO"},
    {"to ehlo", "EHLO"},
    {"to helo", "EHLO"},
    {"after ehlo", "EHLO"},
    {"after helo", "EHLO"},
    {"ehlo handshake", "EHLO"},
    {"helo handshake", "EHLO"},
    {">>> ehlo", "EHLO"},
    {">>> helo", "EHLO"},
    {"starttls", "STARTTLS"},
    {"greeting", "connect"},
    {"initial connection", "connect"},
    {"refused to talk to me", "connect"},
}};

/// Behind these an MTA names the host that gave no reply.
constexpr std::array<string_view, 7> talk_words{
    "connect to ", "lost connection with ", "conversation with ", "refused by ", "timed out with ",
    "reset by ",   "not offered by host ",
};

}  // namespace

string_view command_in(string_view lower) {
  for (const auto& [words, command] : command_words) {
    if (lower.find(words) != string_view::npos) return command;
  }
  return lower.starts_with("connect to ") || lower.find(" connect to ") != string_view::npos
             ? "connect"
             : "";
}

bool read_talk(string_view text, string_view lower, Unwrapped& out) {
  // Gmail: "The recipient server did not accept our requests to connect. ... [mx.example.com.
  // 192.0.2.1: timed out]"
  if (const auto words = lower.find("our requests to connect"); words != string_view::npos) {
    const auto open = std::min(text.find('[', words), text.size());
    const auto inside = text.substr(open, text.find(']', open) - open);
    const auto ips = find_ip_addresses(inside);
    if (!ips.empty()) out.remote_ip = ips.front();
    out.remote_host = host_of(inside.substr(0, inside.find(' ')));
    out.command = "connect";
    return true;
  }
  for (const auto words : talk_words) {
    const auto at = lower.find(words);
    if (at == string_view::npos) continue;
    auto host = text.substr(at + words.size());
    host = host.substr(0, host.find(' '));
    const auto ips = find_ip_addresses(host);
    auto name = host_of(host.substr(0, host.find_first_of("[:")));
    if (ips.empty() && name.empty()) continue;
    if (!ips.empty()) out.remote_ip = ips.front();
    out.remote_host = std::move(name);
    if (out.command.empty()) out.command = command_in(lower);
    return true;
  }
  return false;
}

void read_remote(string_view text, Unwrapped& out) {
  // The address in brackets, with the name in front of it.
  for (auto open = text.find_first_of("[("); open != string_view::npos;
       open = text.find_first_of("[(", open + 1)) {
    const auto close = text.find_first_of("])", open);
    if (close == string_view::npos) break;
    const auto inside = text::trim(text.substr(open + 1, close - open - 1));
    auto front = text::trim(text.substr(0, open));
    const auto space = front.rfind(' ');
    auto host = host_of(space == string_view::npos ? front : front.substr(space + 1));
    const auto ip = inside.size() < 50 ? IpAddress::parse(inside) : std::nullopt;
    if (!ip && (host.empty() || text[open] != '['))
      continue;  // "mx.example.com[xxx.xxx.xxx.xxx]" still names a host
    if (ip) out.remote_ip = ip;
    if (!host.empty()) out.remote_host = std::move(host);
    return;
  }
  // qmail: "192.0.2.1 does not like recipient.", "Connected to 192.0.2.1 but ...", "Giving up on
  // 192.0.2.1."
  if (const auto ips = find_ip_addresses(text.substr(0, 1000)); !ips.empty())
    out.remote_ip = ips.front();
  // Postfix, Gmail without the address: "host mx.example.com said", "by mx.example.com."
  for (const auto words : {string_view("host "), string_view(" by "), string_view("Server at ")}) {
    const auto at = text.find(words);
    if (at == string_view::npos || (words == "host " && at > 0 && text[at - 1] != ' ')) continue;
    const auto rest = text.substr(at + words.size());
    auto host = host_of(rest.substr(0, rest.find(' ')));
    if (host.empty()) continue;
    out.remote_host = std::move(host);
    return;
  }
}

}  // namespace maildiag::bounce
