#include "diagnose/subject.h"

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
  if (const auto at = text.find('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  return DomainName::from_user(text.substr(0, text.find_first_of("/?#:>")));
}

}  // namespace

std::string_view fact(const rulebook::Match& match, std::string_view name) {
  for (const auto& [key, value] : match.facts) {
    if (key == name) return value;
  }
  return {};
}

Subject find_subject(const bounce::DeliveryFailure& failure,
                     const std::optional<bounce::ReturnedMessage>& returned,
                     const rulebook::Match& match) {
  Subject subject;
  subject.ip = failure.sending_ip;
  if (!subject.ip) subject.ip = IpAddress::parse(fact(match, "ip"));
  subject.sender = failure.sender;
  subject.helo = failure.helo;
  subject.sender_domain = domain_of(failure.sender);
  subject.recipient_domain = domain_of(failure.recipient);
  subject.list = fact(match, "list");

  // What the reply itself names is what the receiver looked at.
  auto named = host_of(fact(match, "domain"));
  if (!named) named = host_of(fact(match, "address"));
  if (!subject.sender_domain) subject.sender_domain = named;
  if (!subject.sender_domain && returned)
    subject.sender_domain = DomainName::from_user(returned->from_domain);
  if (subject.sender.empty() && fact(match, "address").find('@') != std::string_view::npos) {
    subject.sender = fact(match, "address");
  }
  subject.listed_domain = host_of(fact(match, "url"));
  if (!subject.listed_domain) subject.listed_domain = named ? named : subject.sender_domain;
  return subject;
}

}  // namespace maildiag::diagnose
