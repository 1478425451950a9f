#include "bounce/returned_message.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "bounce/charset.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "bounce/same_site.h"
#include "bounce/sending_ip.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// Fields of a kind that are looked at; real mails have at most a few dozen.
constexpr std::size_t max_hops = 100;
constexpr std::size_t max_signatures = 20;

std::string domain_of(string_view address) {
  const auto at = address.rfind('@');
  return at == string_view::npos ? "" : text::ascii_lower(trim_any(address.substr(at + 1), ".>"));
}

/// A tag's value of a DKIM-Signature (RFC 6376 section 3.2).
std::string tag_value(string_view signature, string_view tag) {
  for (auto entry : text::split(signature, ';')) {
    entry = text::trim(entry);
    const auto equals = entry.find('=');
    if (equals != string_view::npos && text::trim(entry.substr(0, equals)) == tag) {
      return text::ascii_lower(text::trim(entry.substr(equals + 1)));
    }
  }
  return {};
}

/// Position of a word that stands outside of brackets, as clauses of a Received field do.
std::size_t find_clause(string_view text, string_view word) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
    if (depth > 0 || !text::starts_with_ignore_case(text.substr(at), word)) continue;
    const bool begins = at == 0 || text[at - 1] == ' ' || text[at - 1] == ')';
    if (begins && at + word.size() < text.size() && text[at + word.size()] == ' ') return at;
  }
  return string_view::npos;
}

/// "<localhost>: Helo command rejected: ..." (Postfix) repeats the name; empty: none.
std::string helo_in_reply(string_view reply) {
  if (reply.find(">: ") == string_view::npos) return {};  // most say nothing of the kind
  const auto lower = text::ascii_lower(reply);
  const auto words = lower.find(">: helo command rejected");
  if (words == std::string::npos) return {};
  const auto open = lower.rfind('<', words);
  if (open == std::string::npos) return {};
  auto name = lower.substr(open + 1, words - open - 1);
  // A host name or an address literal (RFC 5321 section 4.1.2), 255 octets at most.
  const bool valid =
      !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](char c) {
        return is_alnum(c) || string_view("._-[]:").find(c) != string_view::npos;
      });
  return valid ? name : std::string();
}

void use(const Hop& hop, const IpAddress& ip, DeliveryFailure& failure) {
  failure.sending_ip = ip.unmapped();
  failure.sending_ip_source = "received";
  if (failure.helo.empty()) failure.helo = hop.helo;
}

/// "ESMTPSA", "ASMTP" (RFC 3848), "HTTP", "local": the client is no mail server.
bool is_submission(string_view protocol) {
  const auto word = text::ascii_lower(protocol.substr(0, protocol.find_first_of(" (;")));
  return word == "local" || word.starts_with("http") || word == "asmtp" || word == "mapi" ||
         (word.find("smtp") != std::string::npos && word.ends_with('a'));
}

bool is_by_receiver(const DeliveryFailure& failure, string_view reporter,
                    const std::vector<Hop>& returned_hops) {
  const bool talked = !failure.remote_host.empty() || failure.remote_ip || !failure.command.empty();
  if (!talked && same_site(reporter, domain_of(failure.sender))) return false;
  if (!talked && !returned_hops.empty() && returned_hops.front().submission) return false;
  if (!talked) return true;
  return same_site(reporter, domain_of(failure.recipient)) ||
         same_site(reporter, failure.remote_host);
}

/// By the protocol (RFC 3848: "ESMTPS", "ESMTPSA"), or by what Postfix, Exchange and sendmail write
/// beside it: "(using TLSv1.3 with cipher ...)", "(version=TLS1_2, cipher=...)".
std::optional<bool> was_encrypted(string_view received, string_view protocol) {
  const auto word = text::ascii_lower(protocol.substr(0, protocol.find_first_of(" \t\r\n(;")));
  const auto is_one_of = [&word](std::initializer_list<string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (is_one_of({"esmtps", "esmtpsa", "smtps", "utf8smtps", "utf8smtpsa", "lmtps", "lmtpsa"}))
    return true;
  for (const string_view sign : {"using tls", "version=tls", "version: tls"}) {
    if (text::contains_ignore_case(received, sign)) return true;
  }
  if (is_one_of({"smtp", "esmtp", "esmtpa", "utf8smtp", "utf8smtpa"})) return false;
  return std::nullopt;
}

/// The name of EHLO, within `comment`, where a field begins with another: "(helo=name)" (Exim),
/// "(HELO name)" (qmail), "(EHLO name)" (James). Empty: none.
string_view claimed_name(string_view comment) {
  for (const string_view words : {"helo=", "(HELO ", "(EHLO "}) {
    const auto claimed = comment.find(words);
    if (claimed == string_view::npos) continue;
    const auto name = comment.substr(claimed + words.size());
    return name.substr(0, name.find_first_of(" )"));
  }
  return {};
}

}  // namespace

Hop read_hop(string_view received) {
  Hop hop;
  received = received.substr(0, 2000);
  const auto semicolon = received.rfind(';');
  if (semicolon != string_view::npos) received = received.substr(0, semicolon);
  const auto by = find_clause(received, "by");
  const auto from = received.substr(0, std::min(by, received.size()));
  if (text::starts_with_ignore_case(from, "from ")) {
    const auto rest = text::trim(from.substr(5));
    const auto name = rest.substr(0, rest.find(' '));
    hop.helo = text::ascii_lower(trim_any(name, "()"));
    const auto comment = rest.substr(std::min(name.size(), rest.size()));
    const auto claimed = claimed_name(comment);
    auto seen = std::string(comment);
    if (!claimed.empty())
      seen.replace(static_cast<std::size_t>(claimed.data() - comment.data()), claimed.size(), "-");
    // The address in brackets was seen; one in a name was only claimed.
    auto ips = find_ip_addresses(seen);
    if (ips.empty()) ips = find_ip_addresses(name);
    if (!ips.empty()) hop.client = ips.back().unmapped();
    if (const auto open = comment.find('('); open != string_view::npos) {
      hop.client_name =
          host_of(comment.substr(open + 1, comment.find_first_of(" [)", open + 1) - open - 1));
    }
    if (!claimed.empty()) {
      if (hop.client_name.empty()) hop.client_name = host_of(hop.helo);
      hop.helo = text::ascii_lower(claimed);
    }
    if (hop.helo == "unknown") hop.helo.clear();  // qmail's and Postfix's word for no name
  }
  if (by != string_view::npos) {
    const auto rest = text::trim(received.substr(by + 3));
    hop.by = host_of(rest.substr(0, rest.find(' ')));
    const auto protocol = find_clause(rest, "with");
    if (protocol != string_view::npos) {
      hop.submission = is_submission(rest.substr(protocol + 5));
      hop.tls = was_encrypted(received, text::trim(rest.substr(protocol + 5)));
    }
    const auto with = std::min({find_clause(rest, "with"), find_clause(rest, "id"),
                                find_clause(rest, "for"), rest.size()});
    if (const auto ips = find_ip_addresses(rest.substr(0, with)); !ips.empty())
      hop.by_address = ips.front().unmapped();
  }
  hop.submission = hop.submission || received.find("invoked by uid") != string_view::npos;
  return hop;
}

std::vector<Hop> read_hops(const Fields& header) {
  std::vector<Hop> hops;
  for (const auto value : header.all("Received")) {
    if (hops.size() == max_hops) break;
    hops.push_back(read_hop(value));
  }
  return hops;
}

std::string return_path_of(const Fields& header) {
  for (const auto* name : {"Return-Path", "X-Envelope-From", "X-Original-Return-Path"}) {
    const auto value = header.get(name);
    if (const auto found = find_address(value)) return std::string(found->address);
  }
  return {};
}

ReturnedMessage read_returned(string_view octets, const Fields& header,
                              const std::vector<Hop>& hops, bool headers_only) {
  ReturnedMessage message;
  message.raw = octets.substr(0, max_returned_bytes);
  const auto halves = split_header(octets);
  message.headers_only =
      headers_only || text::trim(halves.body.substr(0, max_header_bytes)).empty();
  if (!message.headers_only) message.size = octets.size();
  if (const auto from = addresses_of(header.get("From")); !from.empty())
    message.from_domain = domain_of(from.front());
  message.message_id = text::to_valid_utf8(trim_any(header.get("Message-ID"), "<>"));
  message.date = from_rfc5322_date(header.get("Date"));
  for (const auto signature : header.all("DKIM-Signature")) {
    auto selector = tag_value(signature, "s");
    auto domain = tag_value(signature, "d");
    if (selector.empty() || domain.empty() || message.dkim_selectors.size() == max_signatures)
      continue;
    message.dkim_selectors.emplace_back(std::move(selector), std::move(domain));
  }
  for (const auto& hop : hops) {
    if (!hop.client || !hop.client->is_public()) continue;
    message.received_ip = hop.client;
    message.received_helo = hop.helo;
    break;
  }
  return message;
}

namespace {

void find_by_hops(const Fields& bounce_header, const std::vector<Hop>& returned_hops,
                  DeliveryFailure& failure) {
  auto reporter = failure.reporting_mta;
  if (reporter.empty() && !returned_hops.empty()) reporter = returned_hops.front().by;

  if (const auto ip = sending_ip_in_reply(failure)) {
    failure.sending_ip = ip;
    failure.sending_ip_source = "reply";
  }
  if (is_by_receiver(failure, reporter, returned_hops)) {
    for (const auto& hop : returned_hops) {
      if (!hop.client || !hop.client->is_public()) continue;
      if (!failure.sending_ip) use(hop, *hop.client, failure);
      if (failure.helo.empty() && failure.sending_ip == hop.client) failure.helo = hop.helo;
      break;
    }
    return;
  }
  failure.helo = reporter;
  if (failure.sending_ip) return;
  const auto hops = read_hops(bounce_header);
  const Hop* way_back = nullptr;
  for (const auto& hop : hops) {
    if (!hop.client || !hop.client->is_public()) continue;
    way_back = &hop;  // the oldest, unless the reporter is named
    if (text::equals_ignore_case(hop.helo, reporter) ||
        text::equals_ignore_case(hop.client_name, reporter))
      break;
  }
  if (way_back != nullptr) {
    use(*way_back, *way_back->client, failure);
  } else if (!returned_hops.empty() && returned_hops.front().by_address &&
             returned_hops.front().by_address->is_public()) {
    use(returned_hops.front(), *returned_hops.front().by_address, failure);
  }
}

}  // namespace

void find_sending_host(const Fields& bounce_header, const std::vector<Hop>& returned_hops,
                       DeliveryFailure& failure) {
  find_by_hops(bounce_header, returned_hops, failure);
  if (const auto ip = failure.sending_ip ? std::nullopt : sending_ip_judged_in(failure)) {
    failure.sending_ip = ip;
    failure.sending_ip_source = "reply";
  }
  // The receiver quotes the name that it saw; the reporter and the hops may be known by others.
  if (auto seen = helo_in_reply(failure.reply.text); !seen.empty()) failure.helo = std::move(seen);
}

}  // namespace maildiag::bounce
