#include "checks/mx.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "checks/exchangers.h"
#include "checks/public_suffix.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

class MxCheck {
 public:
  MxCheck(Context context, DomainName domain) : context_(context), domain_(std::move(domain)) {}

  Task<MxResult> run() {
    exchangers_ = co_await find_exchangers(context_, domain_);
    judge_domain();
    for (const auto& host : exchangers_.hosts) judge_host(host);
    judge_ipv4();
    co_await look_up_names();
    judge_duplicates();
    const bool good = std::ranges::all_of(result_.findings, [](const Finding& finding) {
      return finding.severity == Severity::ok || finding.severity == Severity::info;
    });
    if (good && names_agree_ && !result_.hosts.empty())
      add("mx.ok", Severity::ok).data.set("count", result_.hosts.size());
    co_return std::move(result_);
  }

 private:
  Finding& add(std::string id, Severity severity) {
    Finding finding;
    finding.id = std::move(id);
    finding.severity = severity;
    finding.subject = domain_.to_string();
    finding.data.set("domain", domain_.to_string());
    finding.evidence.push_back(exchangers_.evidence);
    return result_.findings.emplace_back(std::move(finding));
  }

  Finding& add_host(std::string id, Severity severity, const Exchanger& host) {
    Finding& finding = add(std::move(id), severity);
    finding.subject = host.name.to_string();
    finding.data.set("host", host.name.to_string());
    finding.data.set("preference", host.preference);
    finding.evidence = host.evidence;
    return finding;
  }

  void judge_domain() {
    switch (exchangers_.state) {
      case MailRoute::unknown:
        add("mx.unknown", Severity::unknown).data.set("outcome", exchangers_.outcome);
        break;
      case MailRoute::nxdomain:
        add("mx.nxdomain", Severity::critical);
        break;
      case MailRoute::none:
        add("mx.missing", Severity::critical);
        break;
      case MailRoute::null_mx:
        result_.null_mx = true;
        add("mx.null", Severity::info);
        break;
      case MailRoute::implicit:
        result_.implicit = true;
        add("mx.implicit", Severity::warning);
        break;
      case MailRoute::explicit_mx:
        break;
    }
    if (exchangers_.null_among_others) add("mx.null-among-others", Severity::critical);
  }

  void judge_host(const Exchanger& host) {
    if (host.address_literal) {
      add_host("mx.address-literal", Severity::critical, host);
    } else if (host.unknown) {  // also of one half: A or AAAA
      const bool half = !host.addresses.empty();
      add_host("mx.host-unknown", Severity::unknown, host)
          .data.set("outcome", host.outcome)
          .set("partial", half)
          .set("unanswered", !half ? Value() : Value(host.a_unknown ? "A" : "AAAA"));
    } else if (host.addresses.empty()) {
      add_host("mx.host-unresolvable", Severity::critical, host);
    }
    if (host.is_alias && !host.address_literal) {
      add_host("mx.cname", Severity::warning, host)
          .data.set("target", host.alias_target.to_string());
    }
    MxHost out{host.preference, host.name, {}};
    for (const auto& ip : host.addresses) {
      out.addresses.push_back({ip, {}, Fcrdns::temperror});
      if (ip.is_special())
        add_host("mx.private-address", Severity::critical, host).data.set("ip", ip.to_string());
    }
    result_.hosts.push_back(std::move(out));
  }

  /// IPv6 alone: senders without it fail. No statement where an IPv4 address may be unseen.
  void judge_ipv4() {
    bool any_v6 = false;
    for (const auto& host : exchangers_.hosts) {
      if (host.a_unknown) return;
      for (const auto& ip : host.addresses) {
        if (ip.is_v4()) return;
        any_v6 = true;
      }
    }
    if (!any_v6 || exchangers_.hosts.size() >= max_exchangers) return;
    Value names = Value::array();
    auto& finding = add("mx.no-ipv4", Severity::warning);
    for (const auto& host : exchangers_.hosts) {
      if (host.addresses.empty()) continue;
      names.push(host.name.to_string());
      finding.evidence.insert(finding.evidence.end(), host.evidence.begin(), host.evidence.end());
    }
    finding.data.set("hosts", std::move(names));
  }

  /// PTR and forward confirmation of each distinct address; an MX host usually sends, too.
  Task<void> look_up_names() {
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t h = 0; h < result_.hosts.size(); ++h) {
      for (std::size_t a = 0; a < result_.hosts[h].addresses.size(); ++a) places.emplace_back(h, a);
    }
    const auto look_up = [this, &places](std::size_t index) -> Task<void> {
      const auto [h, a] = places[index];
      const IpAddress ip = result_.hosts[h].addresses[a].ip;
      const auto ptr = co_await check_ptr(context_, ip, std::nullopt);
      result_.hosts[h].addresses[a].ptr = ptr.names;
      result_.hosts[h].addresses[a].fcrdns = ptr.fcrdns;
    };
    co_await for_each_index(places.size(), max_parallel_hosts, look_up);
    for (const auto& host : result_.hosts) {
      for (const auto& address : host.addresses) judge_name(host, address);
    }
  }

  /// Of the organization of the domain, which can have its reverse DNS mended. A provider's machine
  /// that only receives needs none, and its customers could change nothing: no answer would tell
  /// more than a note.
  bool is_own(const DomainName& host) {
    if (host.is_under(domain_)) return true;
    if (!suffixes_) suffixes_.emplace();
    return suffixes_->organizational_domain(host) == suffixes_->organizational_domain(domain_);
  }

  void judge_name(const MxHost& host, const MxHost::Address& address) {
    if (address.fcrdns == Fcrdns::pass || address.ip.is_special()) return;
    names_agree_ = false;
    const bool unknown = address.fcrdns == Fcrdns::temperror;
    const auto severity = !is_own(host.host) ? Severity::info
                          : unknown          ? Severity::unknown
                                             : Severity::warning;
    Finding& finding = add(address.fcrdns == Fcrdns::none ? "mx.ptr-missing"
                           : unknown                      ? "mx.ptr-unknown"
                                                          : "mx.fcrdns-mismatch",
                           severity);
    finding.subject = address.ip.to_string();
    finding.data.set("host", host.host.to_string()).set("ip", address.ip.to_string());
    finding.data.set("name",
                     address.ptr.empty() ? Value() : Value(address.ptr.front().to_string()));
    if (severity == Severity::unknown) finding.data.set("partial", true);
    finding.evidence.clear();
  }

  void judge_duplicates() {
    std::map<IpAddress, std::vector<DomainName>> users;
    for (const auto& host : result_.hosts) {
      for (const auto& address : host.addresses) users[address.ip].push_back(host.host);
    }
    for (const auto& [ip, hosts] : users) {
      if (hosts.size() < 2) continue;
      Value names = Value::array();
      for (const auto& name : hosts) names.push(name.to_string());
      add("mx.duplicate-address", Severity::info)
          .data.set("ip", ip.to_string())
          .set("hosts", std::move(names));
    }
  }

  Context context_;
  DomainName domain_;
  Exchangers exchangers_;
  std::optional<PublicSuffixes> suffixes_;  ///< read where a host needs it
  bool names_agree_ = true;
  MxResult result_;
};

}  // namespace

Value MxResult::to_value() const {
  Value list = Value::array();
  for (const auto& host : hosts) {
    Value addresses = Value::array();
    for (const auto& address : host.addresses) {
      Value names = Value::array();
      for (const auto& name : address.ptr) names.push(name.to_string());
      addresses.push(Value::object(
          {{"ip", address.ip.to_string()}, {"ptr", names}, {"fcrdns", to_string(address.fcrdns)}}));
    }
    list.push(Value::object({{"preference", host.preference},
                             {"host", host.host.to_string()},
                             {"addresses", addresses}}));
  }
  return Value::object({{"null_mx", null_mx}, {"implicit", implicit}, {"mx", list}});
}

Task<MxResult> check_mx(Context context, DomainName domain) {
  MxCheck check(context, std::move(domain));
  co_return co_await check.run();
}

Task<DomainResult> check_mail_domain(Context context, DomainName domain, std::string_view area) {
  const auto exchangers = co_await find_exchangers(context, domain);
  DomainResult result;
  Finding finding;
  finding.subject = domain.to_string();
  finding.data.set("domain", domain.to_string()).set("outcome", exchangers.outcome);
  finding.evidence.push_back(exchangers.evidence);
  Value hosts = Value::array();
  bool any_address = false, any_unknown = false;
  for (const auto& host : exchangers.hosts) {
    hosts.push(host.name.to_string());
    any_address = any_address || !host.addresses.empty();
    any_unknown = any_unknown || host.unknown;
    finding.evidence.insert(finding.evidence.end(), host.evidence.begin(), host.evidence.end());
  }
  finding.data.set("hosts", std::move(hosts));
  const bool routed =
      exchangers.state == MailRoute::explicit_mx || exchangers.state == MailRoute::implicit;
  result.definite =
      exchangers.state != MailRoute::unknown && (!routed || any_address || !any_unknown);
  result.resolvable = routed && any_address;
  std::string_view what = ".unresolvable";
  finding.severity = Severity::critical;
  if (!result.definite) {
    what = ".unknown";
    finding.severity = Severity::unknown;
  } else if (exchangers.state == MailRoute::null_mx) {
    what = ".null-mx";
  } else if (result.resolvable) {
    what = ".resolvable";
    finding.severity = Severity::ok;
  }
  finding.id = std::string(area) + std::string(what);
  result.findings.push_back(std::move(finding));
  co_return result;
}

}  // namespace maildiag::checks
