#include "bounce/sending_ip.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/reply_text.h"
#include "bounce/same_site.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// Behind these a text names the host that was talked to. The last four are Exchange's.
constexpr std::array<string_view, 10> remote_words{
    "connect to ", "connected to ",           "connection to ",   "with ",   "by ",
    "host ",       "endpoint attempted was ", "lastattemptedip=", "lastip=", "{ip="};
/// "Client host [192.0.2.1] blocked": words in front of "host" that make it the sending one.
constexpr std::array<string_view, 5> client_words{"client ", "your ", "sending ", "from ",
                                                  "sender "};
/// What calls an address the client's in words that are no reply.
constexpr std::array<string_view, 24> client_names{
    "client",          "your ip",          "your host",      "your server",    "your mail server",
    "your address",    "sending ip",       "sending host",   "sending server", "sending mta",
    "sender ip",       "source ip",        "originating ip", "connecting ip",  "connecting host",
    "connection from", "connections from", "발신 ip",        "발신ip",         "발송 ip",
    "발송ip",          "송신 ip",          "송신ip",         "귀하의 ip"};
/// Between such a word and an address: whose the address is then.
constexpr std::array<string_view, 3> turns{" to ", "수신", "상대"};
/// Whoever talks of these judges a client: nobody looks up the reverse name of a host that he sends
/// to, or asks a list about it.
constexpr std::array<string_view, 21> client_topics{
    "ptr",       "reverse dns", "reverse name", "reverse lookup", "rdns",   "blacklist",
    "blocklist", "block list",  "blocked",      "listed",         "dnsbl",  "rbl",
    "banned",    "reputation",  "spam",         "역방향",         "리버스", "차단",
    "평판",      "스팸",        "블랙리스트"};
/// Words about the way to another host, whose address they name then.
constexpr std::array<string_view, 18> way_words{
    "connect to",   "connecting to", "connection to", "connection with", "connection timed",
    "timed out",    "timeout",       "unreachable",   "no route",        "handshake",
    "certificate",  "endpoint",      "lost conn",     "연결할 수 없",    "연결하지 못",
    "접속할 수 없", "접속하지 못",   "시간 초과"};
/// From such a word to its address: "client mail.sender.example[203.0.113.7]".
constexpr std::size_t own_reach = 80;
/// " [IPv6:...]" with 45 characters (RFC 5321 section 4.1.3), and some room. Bounds the search for
/// the end of brackets that have none.
constexpr std::size_t max_bracketed = 60;

/// True if "host x" at `at` means the one that was talked to. A reply's own "host x" is the client
/// unless it tells what that host said.
bool is_remote_host(string_view lower, std::size_t at, string_view behind) {
  const auto before = lower.substr(0, at);
  if (std::any_of(client_words.begin(), client_words.end(),
                  [&](string_view w) { return before.ends_with(w); }))
    return false;
  return behind.starts_with(" said") || behind.starts_with(" refused to talk");
}

/// "mx.example.net. [192.0.2.1]" up to its end, where `text` begins with it and a name may have an
/// address behind a blank; else the first word.
string_view host_at(string_view text, bool with_blank) {
  const auto word = text.substr(0, text.find(' '));
  const auto rest = text.substr(word.size());
  if (!with_blank || word.find('.') == string_view::npos || !rest.starts_with(" [")) return word;
  const auto close = rest.substr(0, max_bracketed).find(']');
  return close == string_view::npos ? word : text.substr(0, word.size() + close + 1);
}

/// Addresses that the text gives to hosts other than the sending one.
std::vector<IpAddress> remote_ips_in(string_view lower) {
  std::vector<IpAddress> remote;
  for (const auto words : remote_words) {
    for (auto at = lower.find(words); at != string_view::npos; at = lower.find(words, at + 1)) {
      if (at > 0 && is_alnum(lower[at - 1])) continue;
      const auto before = lower.substr(0, at);
      // "blocked with list.example [192.0.2.1]" names the client in brackets.
      const bool any_host = words != "with " && words != "by ";
      const bool with_blank =
          any_host || before.ends_with("timed out ") || before.ends_with("refused ");
      const auto rest = lower.substr(at + words.size());
      const auto host = host_at(rest, with_blank);
      if (words == "host " && !is_remote_host(lower, at, rest.substr(host.size()))) continue;
      for (const auto& ip : find_ip_addresses(host)) remote.push_back(ip.unmapped());
    }
  }
  return remote;
}

/// "mx.example.net [192.0.2.1]" and "mx.example.net[192.0.2.1]", where the name is of the
/// recipient's side, or, `all`, not of the sender's.
std::vector<IpAddress> ips_of_hosts_in(string_view lower, const DeliveryFailure& failure,
                                       bool all) {
  std::vector<IpAddress> found;
  const auto domain = string_view(failure.recipient).substr(failure.recipient.rfind('@') + 1);
  const auto sender = string_view(failure.sender).substr(failure.sender.rfind('@') + 1);
  for (auto at = lower.find('['); at != string_view::npos; at = lower.find('[', at + 1)) {
    const auto behind = lower.substr(at, max_bracketed);
    const auto ips = find_ip_addresses(behind.substr(0, behind.find(']')));
    if (ips.size() != 1) continue;
    const auto before = text::trim(lower.substr(0, at));
    const auto name = host_of(before.substr(before.find_last_of(" \t(<[:;,=") + 1));
    if (name.empty() || same_site(name, sender)) continue;
    if (all || same_site(name, failure.remote_host) || same_site(name, domain))
      found.push_back(ips.front().unmapped());
  }
  return found;
}

/// Addresses that words which are no reply call the client's.
std::vector<IpAddress> client_ips_in(string_view lower) {
  std::vector<IpAddress> found;
  for (const auto words : client_names) {
    for (auto at = lower.find(words); at != string_view::npos; at = lower.find(words, at + 1)) {
      if (at > 0 && is_alnum(lower[at - 1])) continue;
      auto behind = lower.substr(at + words.size(), own_reach);
      for (const auto turn : turns) behind = behind.substr(0, behind.find(turn));
      if (const auto ips = find_ip_addresses(behind); !ips.empty()) found.push_back(ips.front());
    }
  }
  return found;
}

/// "mail to 192.0.2.1", "192.0.2.1로 보낸 메일": on its way there.
bool is_destination(string_view lower, const IpAddress& ip) {
  const auto word = ip.to_string();
  const auto at = lower.find(word);
  if (at == string_view::npos) return true;  // written another way: nobody's
  const auto before = trim_any(lower.substr(0, at), "[(<\"'");
  const auto behind = lower.substr(at + word.size());
  return before.ends_with(" to") || behind.starts_with("로 ") || behind.starts_with("으로 ");
}

/// Addresses of words that judge a client and say nothing of a way.
std::vector<IpAddress> judged_ips_in(string_view lower) {
  const auto is_in = [lower](string_view words) { return lower.find(words) != string_view::npos; };
  if (std::none_of(client_topics.begin(), client_topics.end(), is_in) ||
      std::any_of(way_words.begin(), way_words.end(), is_in))
    return {};
  auto found = find_ip_addresses(lower);
  std::erase_if(found, [lower](const IpAddress& ip) { return is_destination(lower, ip); });
  return found;
}

std::optional<IpAddress> first_but(const std::vector<IpAddress>& remote,
                                   const std::vector<IpAddress>& named) {
  for (const auto& ip : named) {
    if (is_public(ip) && std::find(remote.begin(), remote.end(), ip.unmapped()) == remote.end())
      return ip.unmapped();
  }
  return std::nullopt;
}

}  // namespace

std::optional<IpAddress> sending_ip_in_reply(const DeliveryFailure& failure) {
  const auto named = find_ip_addresses(failure.reply.text);
  if (named.empty()) return {};
  const auto lower = text::ascii_lower(failure.reply.text);
  auto remote = remote_ips_in(lower);
  if (failure.remote_ip) remote.push_back(failure.remote_ip->unmapped());
  const auto leave_out = [&](bool all) {
    const auto more = ips_of_hosts_in(lower, failure, all);
    remote.insert(remote.end(), more.begin(), more.end());
  };
  leave_out(false);
  if (failure.reply.code != 0) return first_but(remote, named);
  if (const auto ip = first_but(remote, client_ips_in(lower))) return ip;
  leave_out(true);
  return first_but(remote, judged_ips_in(lower));
}

}  // namespace maildiag::bounce
