#include "checks/exchangers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace maildiag::checks {

namespace {

Task<void> resolve_host(Context context, Exchanger& host) {
  host.address_literal = IpAddress::parse(host.name.to_string()).has_value();
  if (host.address_literal) co_return;
  host.authenticated = true;
  for (const auto type : {dns::RecordType::a, dns::RecordType::aaaa}) {
    const auto answer = co_await context.resolver.query(host.name, type);
    host.evidence.push_back(dns::to_evidence(answer));
    host.authenticated = host.authenticated && answer.definite() && answer.authenticated;
    if (!answer.definite()) {
      host.unknown = true;
      host.a_unknown = host.a_unknown || type == dns::RecordType::a;
      host.outcome = dns::to_string(answer.outcome);
    }
    if (!answer.cname_chain.empty()) {
      host.is_alias = true;
      host.alias_target = answer.cname_chain.back();
    }
    for (const auto& record : answer.records) {
      if (const auto* ip = std::get_if<IpAddress>(&record.data)) host.addresses.push_back(*ip);
    }
  }
}

/// RFC 5321 section 5.1: without an MX record the domain itself is the exchange, if it has an
/// address.
Task<void> find_implicit(Context context, const DomainName& domain, Exchangers& result) {
  Exchanger self;
  self.name = domain;
  co_await resolve_host(context, self);
  if (!self.addresses.empty()) {
    result.state = MailRoute::implicit;
    self.is_alias = false;  // a CNAME at the domain itself is allowed
    result.hosts.push_back(std::move(self));
  } else if (self.unknown) {
    result.state = MailRoute::unknown;
    result.outcome = self.outcome;
  } else {
    result.state = MailRoute::none;
  }
}

}  // namespace

Task<Exchangers> find_exchangers(Context context, DomainName domain) {
  Exchangers result;
  const auto answer = co_await context.resolver.query(domain, dns::RecordType::mx);
  result.outcome = dns::to_string(answer.outcome);
  result.evidence = dns::to_evidence(answer);
  result.authenticated = answer.authenticated;
  result.server = answer.server;
  if (!answer.definite()) co_return result;
  if (answer.outcome == dns::Outcome::nxdomain) {
    result.state = MailRoute::nxdomain;
    co_return result;
  }
  if (!answer.found()) {
    co_await find_implicit(context, domain, result);
    co_return result;
  }
  bool null_mx = false;
  for (const auto& record : answer.records) {
    const auto* mx = std::get_if<dns::MxData>(&record.data);
    if (mx == nullptr || result.hosts.size() >= max_exchangers) continue;
    if (mx->exchange.is_root()) {
      null_mx = true;
    } else {
      Exchanger host;
      host.preference = mx->preference;
      host.name = mx->exchange;
      result.hosts.push_back(std::move(host));
    }
  }
  std::sort(result.hosts.begin(), result.hosts.end(), [](const Exchanger& a, const Exchanger& b) {
    return std::pair(a.preference, a.name.key()) < std::pair(b.preference, b.name.key());
  });
  result.state = result.hosts.empty() ? MailRoute::null_mx : MailRoute::explicit_mx;
  result.null_among_others = null_mx && !result.hosts.empty();
  // Named: g++ 12 destroys the captures of a temporary inside a co_await expression twice.
  const auto resolve = [&context, &result](std::size_t index) -> Task<void> {
    co_await resolve_host(context, result.hosts[index]);
  };
  co_await for_each_index(result.hosts.size(), max_parallel_hosts, resolve);
  co_return result;
}

}  // namespace maildiag::checks
