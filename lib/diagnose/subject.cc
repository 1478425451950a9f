#include "diagnose/subject.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/text.h"

namespace maildiag::diagnose {

namespace {

std::optional<DomainName> domain_of(std::string_view address) {
  const auto at = address.rfind('@');
  return at != std::string_view::npos ? DomainName::from_user(address.substr(at + 1))
                                      : std::nullopt;
}

/// The host of a URL, a bare domain, or the domain of an address.
std::optional<DomainName> host_of(std::string_view text) {
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 3);
  text = text::strip_brackets(text);
  if (const auto at = text.find('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  return DomainName::from_user(text.substr(0, text.find_first_of("/?#:>")));
}

bool asks(const rulebook::Cause& cause, std::string_view check) {
  return std::find(cause.checks.begin(), cause.checks.end(), check) != cause.checks.end();
}

/// True if the domain that the reply names is the one of the envelope sender: not that of the From
/// field, of a URL or of a host.
bool is_about_envelope(const rulebook::Cause& cause) {
  return asks(cause, "sender-domain") || asks(cause, "spf");
}

/// The sender as the reply names it, in place of `subject.sender` where that has another domain:
/// the bounce or the log may know only what it was before a server rewrote it.
void name_sender(Subject& subject, const rulebook::Match& match, const DomainName& named) {
  const auto has_domain = [&named](std::string_view address) {
    const auto domain = domain_of(address);
    return domain && domain->key() == named.key();
  };
  const auto address = text::strip_brackets(fact(match, "address"));
  if (has_domain(address)) {
    subject.sender = address;
  } else if (!has_domain(subject.sender)) {
    subject.sender.clear();
  }
  subject.sender_domain = named;
  subject.sender_assumed = false;
}

}  // namespace

std::uint64_t message_octets(const Subject& subject) {
  return subject.returned != nullptr ? subject.returned->size : 0;
}

std::string_view fact(const rulebook::Match& match, std::string_view name) {
  for (const auto& [key, value] : match.facts) {
    if (key == name) return value;
  }
  return {};
}

std::optional<std::string> subject_key(const rulebook::Cause& cause, const Subject& subject,
                                       SenderScope scope) {
  // Every cause may be followed by the cheap checks, so what these look at always counts.
  std::string key(cause.id);
  const auto add = [&key](std::string_view part) {
    key += '\n';
    key += part;
  };
  const auto add_domain = [&add](const std::optional<DomainName>& domain) {
    add(domain ? domain->key() : std::string());
  };
  add(subject.ip ? subject.ip->to_string() : std::string());
  add(subject.helo);
  add(subject.sender_assumed ? "assumed" : "");
  add(scope == SenderScope::address ? std::string_view(subject.sender) : std::string_view());
  add_domain(subject.sender_domain);
  add(subject.list);
  std::vector<std::string_view> checks(cause.checks.begin(), cause.checks.end());
  checks.insert(checks.end(), cause.advice.begin(), cause.advice.end());
  for (const auto check : checks) {
    if (check == "recipient-domain" || check == "dns-health") {
      add_domain(subject.recipient_domain);
      if (check == "dns-health") add(subject.passive ? "passive" : "");
    } else if (check == "route" || check == "receiver") {
      add_domain(subject.recipient_domain);
      add(subject.remote_host);
      add(subject.remote_ip ? subject.remote_ip->to_string() : std::string());
      add(subject.remote_greeted ? "greeted" : "");
      add(subject.passive ? "passive" : std::to_string(message_octets(subject)));
    } else if (check == "dnsbl-domain") {
      add_domain(subject.listed_domain);
    } else if ((check == "dkim" || check == "dmarc") && subject.returned == nullptr) {
      add_domain(subject.author_domain);
    } else if (check != "ptr" && check != "helo" && check != "sender-domain" && check != "spf" &&
               check != "dnsbl-ip" && check != "reverse-zone" && check != "holder") {
      return std::nullopt;
    }
  }
  return key;
}

Subject find_subject(const bounce::DeliveryFailure& failure,
                     std::shared_ptr<const bounce::ReturnedMessage> returned,
                     const rulebook::Match& match, const rulebook::Cause& cause) {
  Subject subject;
  subject.ip = failure.sending_ip;
  subject.sender = failure.sender;
  subject.helo = failure.helo;
  subject.sender_domain = domain_of(failure.sender);
  // --sender '<>' is known, too.
  const bool told = failure.sender_source == "option";
  subject.sender_assumed = !told && (failure.sender.empty() || failure.sender_source == "from");
  subject.recipient_domain = domain_of(failure.recipient);
  subject.list = fact(match, "list");
  subject.time = failure.time;
  subject.remote_host = failure.remote_host;
  subject.remote_ip = failure.remote_ip;
  subject.remote_greeted = failure.remote_greeted;

  // What the reply itself names is what the receiver looked at. Of the sender it goes before what
  // the bounce says, but the user has the last word.
  auto named = host_of(fact(match, "domain"));
  if (!named) named = host_of(fact(match, "address"));
  if (asks(cause, "recipient-domain")) {
    if (!subject.recipient_domain) subject.recipient_domain = named;
  } else {
    if (!subject.ip) subject.ip = IpAddress::parse(fact(match, "ip"));
    if (named && !told && is_about_envelope(cause)) name_sender(subject, match, *named);
    if (!subject.sender_domain && !told) subject.sender_domain = named;
  }
  if (returned) subject.author_domain = DomainName::from_user(returned->from_domain);
  if (!subject.sender_domain && !told) subject.sender_domain = subject.author_domain;
  // Replies about DMARC name the domain whose policy was applied.
  if (!subject.author_domain && asks(cause, "dmarc")) subject.author_domain = named;
  if (!subject.author_domain) subject.author_domain = subject.sender_domain;
  subject.listed_domain = host_of(fact(match, "url"));
  if (!subject.listed_domain) subject.listed_domain = named ? named : subject.sender_domain;
  subject.returned = std::move(returned);
  return subject;
}

}  // namespace maildiag::diagnose
