#include <algorithm>
#include <utility>
#include <variant>

#include "checks/dane.h"
#include "checks/dane_finding.h"

namespace maildiag::checks {

using namespace dane;

namespace {

/// RFC 7672 section 2.2.3: the port that mail comes to.
constexpr std::string_view prefix = "_25._tcp";

Validator validator_of(std::string_view server) {
  if (server.starts_with("zone:")) return Validator::file;
  const auto address = IpAddress::parse(server.substr(0, server.find('#')));
  if (!address) return Validator::remote;
  constexpr std::uint8_t loopback_net = 127;
  const bool loopback =
      address->is_v4() ? address->data()[0] == loopback_net : address->to_string() == "::1";
  return loopback ? Validator::local : Validator::remote;
}

/// Until it is known whether the resolver validates, what is not secure is insecure.
Dnssec state_of(const dns::Answer& answer) {
  if (!answer.definite()) return Dnssec::unknown;
  return answer.authenticated ? Dnssec::secure : Dnssec::insecure;
}

class Check {
 public:
  Check(Context context, DaneQuestion question)
      : context_(context), question_(std::move(question)) {
    report_.domain = question_.domain;
    report_.resolver = question_.route.server;
    // The answer of an implicit MX is a denial, which has to be secure as well.
    if (question_.route.state != MailRoute::unknown)
      report_.mx = question_.route.authenticated ? Dnssec::secure : Dnssec::insecure;
  }

  Task<DaneReport> run() {
    report_.hosts.resize(question_.route.hosts.size());
    const auto look_up = [this](std::size_t index) -> Task<void> { return look_up_host(index); };
    co_await for_each_index(report_.hosts.size(), max_parallel_hosts, look_up);
    co_await find_validator();
    for (auto& host : report_.hosts) compare(host);
    add_findings(report_, report_.findings);
    co_return std::move(report_);
  }

 private:
  Task<void> look_up_host(std::size_t index) {
    const auto& exchanger = question_.route.hosts[index];
    auto& host = report_.hosts[index];
    host.name = host.base = exchanger.name;
    host.has_address = !exchanger.addresses.empty();
    if (!exchanger.unknown)
      host.address = exchanger.authenticated ? Dnssec::secure : Dnssec::insecure;
    if (exchanger.address_literal) co_return;
    // Section 2.2.2: the end of a secure CNAME chain comes first.
    if (exchanger.is_alias && exchanger.authenticated) {
      host.base = exchanger.alias_target;
      co_await look_up_records(host);
      if (!host.associations.empty() || !host.answer.definite()) co_return;
      host.base = exchanger.name;
    }
    co_await look_up_records(host);
  }

  Task<void> look_up_records(DaneHost& host) {
    const auto name = host.base.child(prefix);
    if (!name) co_return;
    auto answer = co_await context_.resolver.query(*name, dns::RecordType::tlsa);
    host.answer = std::move(answer);
    host.tlsa = state_of(host.answer);
    for (const auto& record : host.answer.records) {
      const auto* data = std::get_if<dns::TlsaData>(&record.data);
      if (data != nullptr && host.associations.size() < max_associations)
        host.associations.push_back(read_association(*data));
    }
  }

  bool any_secure() const {
    return report_.mx == Dnssec::secure ||
           std::any_of(report_.hosts.begin(), report_.hosts.end(), [](const DaneHost& host) {
             return host.address == Dnssec::secure || host.tlsa == Dnssec::secure;
           });
  }

  /// Where nothing is secure, the zones may be unsigned or the resolver may not validate: the root
  /// is signed, so its answer tells.
  Task<void> find_validator() {
    const auto validator = validator_of(report_.resolver);
    if (validator == Validator::file || any_secure()) {
      report_.validator = validator;
    } else if (report_.any_records()) {
      const auto root = co_await context_.resolver.query(DomainName(), dns::RecordType::ns);
      report_.validator = root.authenticated ? validator : Validator::none;
    }
    if (report_.validator == Validator::none || report_.validator == Validator::file) forget();
  }

  void forget() {
    report_.mx = Dnssec::unknown;
    for (auto& host : report_.hosts) host.address = host.tlsa = Dnssec::unknown;
  }

  void compare(DaneHost& host) {
    // Section 3.2.2: what a chain to an anchor may be for.
    const std::vector<DomainName> names = {host.base, host.name, report_.domain};
    for (const auto& server : question_.servers) {
      if (server.host != host.name) continue;
      DaneHost::Server out;
      out.address = server.address;
      out.state = server.state;
      if (server.state == TlsState::secured && !server.chain.empty()) {
        for (const auto& each : host.associations) {
          out.matches.push_back(each.usable() ? match(each, server.chain, names, question_.now)
                                              : Match{});
          out.matches.back().passed_over = is_passed_over(each, host.associations);
        }
      }
      host.servers.push_back(std::move(out));
    }
  }

  Context context_;
  DaneQuestion question_;
  DaneReport report_;
};

const DaneHost* find_host(const DaneReport& report, const DomainName& name) {
  const auto found = std::find_if(report.hosts.begin(), report.hosts.end(),
                                  [&name](const DaneHost& host) { return host.name == name; });
  return found == report.hosts.end() ? nullptr : &*found;
}

Value host_value(const DaneHost& host) {
  Value records = Value::array();
  for (const auto& each : host.associations)
    records.push(Value::object({{"record", each.text()}, {"usable", each.usable()}}));
  Value servers = Value::array();
  for (const auto& server : host.servers) {
    Value matches = Value::array();
    for (const auto& each : server.matches) matches.push(each.holds());
    servers.push(Value::object({{"address", server.address.to_string()},
                                {"state", to_string(server.state)},
                                {"matches", std::move(matches)}}));
  }
  return Value::object({{"host", host.name.to_string()},
                        {"base", host.base.to_string()},
                        {"address_dnssec", to_string(host.address)},
                        {"tlsa_dnssec", to_string(host.tlsa)},
                        {"outcome", dns::to_string(host.answer.outcome)},
                        {"tlsa", std::move(records)},
                        {"servers", std::move(servers)}});
}

}  // namespace

std::string_view to_string(Dnssec state) {
  switch (state) {
    case Dnssec::secure:
      return "secure";
    case Dnssec::insecure:
      return "insecure";
    case Dnssec::unknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(Validator validator) {
  switch (validator) {
    case Validator::local:
      return "local";
    case Validator::remote:
      return "remote";
    case Validator::none:
      return "none";
    case Validator::file:
      return "file";
    case Validator::unasked:
      break;
  }
  return "unasked";
}

bool DaneHost::Server::holds() const {
  return std::any_of(matches.begin(), matches.end(),
                     [](const Match& each) { return each.holds(); });
}

bool DaneHost::has_usable() const {
  return std::any_of(associations.begin(), associations.end(),
                     [](const Association& each) { return each.usable(); });
}

bool DaneReport::demanded(const DomainName& name) const {
  const auto* host = find_host(*this, name);
  return host != nullptr && mx == Dnssec::secure && host->secure() && !host->associations.empty();
}

bool DaneReport::holds(const DomainName& name, const IpAddress& address) const {
  const auto* host = find_host(*this, name);
  return host != nullptr &&
         std::any_of(host->servers.begin(), host->servers.end(), [&](const auto& server) {
           return server.address == address && server.holds();
         });
}

bool DaneReport::any_records() const {
  return std::any_of(hosts.begin(), hosts.end(),
                     [](const DaneHost& host) { return !host.associations.empty(); });
}

Value DaneReport::to_value() const {
  Value list = Value::array();
  for (const auto& host : hosts) list.push(host_value(host));
  return Value::object({{"mx_dnssec", to_string(mx)},
                        {"validator", to_string(validator)},
                        {"resolver", resolver},
                        {"hosts", std::move(list)}});
}

Task<DaneReport> check_dane(Context context, DaneQuestion question) {
  Check check(context, std::move(question));
  co_return co_await check.run();
}

}  // namespace maildiag::checks
