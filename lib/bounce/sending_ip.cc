#include "bounce/sending_ip.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/client_words.h"
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
/// recipient's side.
std::vector<IpAddress> ips_of_recipient_in(string_view lower, const DeliveryFailure& failure) {
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
    if (same_site(name, failure.remote_host) || same_site(name, domain))
      found.push_back(ips.front().unmapped());
  }
  return found;
}

/// Addresses that are another host's than the sending one's.
std::vector<IpAddress> others_in(string_view lower, const DeliveryFailure& failure) {
  auto others = remote_ips_in(lower);
  const auto of_recipient = ips_of_recipient_in(lower, failure);
  others.insert(others.end(), of_recipient.begin(), of_recipient.end());
  if (failure.remote_ip) others.push_back(failure.remote_ip->unmapped());
  return others;
}

std::optional<IpAddress> first_but(const std::vector<IpAddress>& others,
                                   const std::vector<IpAddress>& named) {
  for (const auto& ip : named) {
    if (ip.is_public() && std::find(others.begin(), others.end(), ip.unmapped()) == others.end())
      return ip.unmapped();
  }
  return std::nullopt;
}

}  // namespace

std::optional<IpAddress> sending_ip_in_reply(const DeliveryFailure& failure) {
  const auto named = find_ip_addresses(failure.reply.text);
  if (named.empty()) return {};
  const auto lower = text::ascii_lower(failure.reply.text);
  return first_but(others_in(lower, failure),
                   failure.reply.code != 0 ? named : client_ips_named_in(lower));
}

std::optional<IpAddress> sending_ip_judged_in(const DeliveryFailure& failure) {
  if (failure.reply.code != 0) return {};
  const auto lower = text::ascii_lower(failure.reply.text);
  const auto own_domain = string_view(failure.sender).substr(failure.sender.rfind('@') + 1);
  const auto judged = client_ip_judged_in(lower, own_domain);
  if (!judged) return {};
  return first_but(others_in(lower, failure), {*judged});
}

}  // namespace maildiag::bounce
