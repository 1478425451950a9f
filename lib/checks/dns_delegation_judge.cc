#include <algorithm>

#include <fmt/format.h>

#include "checks/dns_health_judge.h"

namespace maildiag::checks {

Finding& add_dns_finding(const DnsHealth& health, std::vector<Finding>& findings, std::string id,
                         Severity severity) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  finding.subject = health.delegation.zone.to_string();
  finding.data.set("domain", health.delegation.zone.to_string());
  return findings.emplace_back(std::move(finding));
}

namespace {

Value texts(const std::vector<IpAddress>& addresses) {
  Value list = Value::array();
  for (const auto& address : addresses) list.push(address.to_string());
  return list;
}

/// An empty place in a sentence reads as a mistake.
Value or_dash(Value list) {
  return list.as_array().empty() ? Value("-") : list;
}

class DelegationJudge {
 public:
  DelegationJudge(const DnsHealth& health, std::vector<Finding>& findings)
      : health_(health), found_(health.delegation), findings_(findings) {}

  void run() {
    if (found_.asked != found_.zone)
      add("dns.part-of-zone", Severity::info).data.set("name", found_.asked.to_string());
    judge_parent();
    judge_sets();
    for (const auto& host : found_.hosts) judge_host(host);
    judge_addresses();
    judge_glue();
    judge_number();
  }

 private:
  Finding& add(std::string id, Severity severity) {
    Finding& finding = add_dns_finding(health_, findings_, std::move(id), severity);
    finding.data.set("parent", found_.parent.to_string());
    return finding;
  }

  Finding& add_host(std::string id, Severity severity, const NsHost& host) {
    Finding& finding = add(std::move(id), severity);
    finding.subject = host.name.to_string();
    finding.data.set("host", host.name.to_string());
    finding.evidence = host.evidence;
    return finding;
  }

  void judge_parent() {
    if (found_.state == Delegation::State::delegated) return;
    const bool missing = found_.state == Delegation::State::missing;
    Finding& finding = add(missing ? "dns.no-delegation" : "dns.parent-unknown",
                           missing ? Severity::critical : Severity::unknown);
    for (const auto& parent : found_.parents) {
      if (parent.asked)
        finding.evidence.push_back(dns::to_evidence({found_.zone, dns::RecordType::ns},
                                                    parent.reply, parent.address.to_string()));
    }
    if (finding.evidence.empty()) finding.evidence = found_.evidence;
  }

  /// The child's set is what its own servers say; the resolver may have it from the parent.
  void judge_sets() {
    std::set<DomainName> child;
    for (const auto& server : health_.servers)
      child.insert(server.name_servers.begin(), server.name_servers.end());
    if (child.empty() || !found_.set_known || found_.state != Delegation::State::delegated ||
        found_.parent == found_.zone)
      return;
    Value parent_only = Value::array(), child_only = Value::array();
    for (const auto& host : found_.hosts) {
      if (host.at_parent && child.count(host.name) == 0) parent_only.push(host.name.to_string());
    }
    for (const auto& name : child) {
      const auto host = std::find_if(found_.hosts.begin(), found_.hosts.end(),
                                     [&](const NsHost& each) { return each.name == name; });
      if (host == found_.hosts.end() || !host->at_parent) child_only.push(name.to_string());
    }
    if (parent_only.as_array().empty() && child_only.as_array().empty()) return;
    add("dns.ns-mismatch", Severity::warning)
        .data.set("parent_only", or_dash(std::move(parent_only)))
        .set("child_only", or_dash(std::move(child_only)));
  }

  void judge_host(const NsHost& host) {
    if (host.alias) add_host("dns.ns-alias", Severity::warning, host);
    if (host.addresses.empty() && host.glue.empty())
      add_host(host.definite ? "dns.ns-unresolvable" : "dns.ns-unknown",
               host.definite ? Severity::warning : Severity::unknown, host);
  }

  void judge_addresses() {
    Value servers = Value::array();
    for (const auto& host : found_.hosts) {
      for (const auto& address : host.addresses) {
        if (address.is_special())
          servers.push(fmt::format("{} ({})", host.name.to_string(), address.to_string()));
      }
    }
    if (!servers.as_array().empty())
      add("dns.ns-private", Severity::warning).data.set("servers", std::move(servers));
  }

  /// Only a name below the zone cannot be found without it.
  void judge_glue() {
    if (!found_.glue_known) return;
    Value missing = Value::array();
    std::size_t reachable = 0;
    for (const auto& host : found_.hosts) {
      if (!host.at_parent) continue;
      const bool needed = host.name.is_under(found_.zone);
      if (needed && host.glue.empty()) {
        missing.push(host.name.to_string());
        continue;
      }
      ++reachable;
      if (needed || !host.glue.empty()) compare_glue(host);
    }
    if (missing.as_array().empty()) return;
    add("dns.glue-missing", reachable > 0 ? Severity::warning : Severity::critical)
        .data.set("hosts", std::move(missing));
  }

  /// Less glue than addresses is no fault: referrals are short (RFC 1034 section 4.2.1).
  void compare_glue(const NsHost& host) {
    if (host.addresses.empty() || !host.definite) return;
    if (host.addresses.size() >= max_known_addresses) return;  // there may be more
    const bool known = std::all_of(host.glue.begin(), host.glue.end(), [&](const IpAddress& glue) {
      return std::find(host.addresses.begin(), host.addresses.end(), glue) != host.addresses.end();
    });
    if (known) return;
    add_host("dns.glue-mismatch", Severity::warning, host)
        .data.set("glue", texts(host.glue))
        .set("addresses", texts(host.addresses));
  }

  /// RFC 2182 section 3.1: servers at several places. What is not known may be elsewhere.
  void judge_number() {
    const auto at_child = [](const NsHost& host) { return host.at_child; };
    const bool set_known =
        found_.set_known || std::any_of(found_.hosts.begin(), found_.hosts.end(), at_child);
    const auto is_open = [](const NsHost& host) {
      return !host.definite && (!host.addresses.empty() || host.glue.empty());
    };
    if (!set_known) return;
    if (found_.hosts.size() == 1) {
      add("dns.single-server", Severity::warning)
          .data.set("host", found_.hosts.front().name.to_string());
      return;
    }
    if (std::any_of(found_.hosts.begin(), found_.hosts.end(), is_open)) return;
    std::set<IpAddress> addresses;
    std::set<IpNetwork> networks;
    constexpr unsigned network4 = 24, network6 = 48;
    for (const auto& host : found_.hosts) {
      const auto& known = host.addresses.empty() ? host.glue : host.addresses;
      for (const auto& address : known) {
        addresses.insert(address);
        networks.insert(IpNetwork(address, address.is_v4() ? network4 : network6));
      }
    }
    if (networks.size() != 1 || found_.hosts.size() < 2) return;
    add("dns.one-network", Severity::warning)
        .data.set("network", networks.begin()->to_string())
        .set("count", addresses.size());
  }

  const DnsHealth& health_;
  const Delegation& found_;
  std::vector<Finding>& findings_;
};

}  // namespace

void judge_delegation(const DnsHealth& health, std::vector<Finding>& findings) {
  DelegationJudge(health, findings).run();
}

}  // namespace maildiag::checks
