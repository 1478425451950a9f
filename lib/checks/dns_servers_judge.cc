#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "checks/dns_health_judge.h"

namespace maildiag::checks {

namespace {

/// What a time in seconds should be at least and at most.
struct Range {
  const char* name;
  std::uint32_t value, least, most;
};

using Test = std::function<bool(const ServerState&)>;

class ServersJudge {
 public:
  ServersJudge(const DnsHealth& health, std::vector<Finding>& findings)
      : health_(health), findings_(findings) {}

  void run() {
    judge_reach();
    judge_authority();
    report_where("dns.tcp-failed", Severity::warning, [](const ServerState& server) {
      return (server.udp.came() || server.plain.came()) && !server.tcp.came();
    });
    report_where("dns.edns-dropped", Severity::warning, [](const ServerState& server) {
      return !server.udp.came() && server.plain.came();
    });
    report_where("dns.edns-refused", Severity::info, [](const ServerState& server) {
      const bool told = server.udp.came() && server.udp.outcome == dns::Outcome::other_rcode;
      return told && server.plain.outcome == dns::Outcome::answer;
    });
    report_where("dns.recursion", Severity::warning, [](const ServerState& server) {
      return server.udp.came() && server.udp.recursion_available;
    });
    judge_agreement();
    judge_times();
    judge_sizes();
  }

 private:
  Finding& add(std::string id, Severity severity) {
    return add_dns_finding(health_, findings_, std::move(id), severity);
  }

  /// One finding for all servers of which `test` is true.
  bool report_where(const char* id, Severity severity, const Test& test) {
    Value labels = Value::array();
    std::vector<Evidence> evidence;
    for (const auto& server : health_.servers) {
      if (!server.asked || !test(server)) continue;
      labels.push(server.label());
      evidence.push_back(dns::to_evidence({health_.delegation.zone, dns::RecordType::soa},
                                          server.soa_reply(), server.address.to_string()));
    }
    if (labels.as_array().empty()) return false;
    Finding& finding = add(id, severity);
    finding.data.set("servers", std::move(labels));
    finding.evidence = std::move(evidence);
    return true;
  }

  std::size_t count(const Test& test) const {
    return static_cast<std::size_t>(
        std::count_if(health_.servers.begin(), health_.servers.end(), test));
  }

  static bool is_refused(const ServerState& server) {
    return !server.answers() && server.udp.error == std::errc::connection_refused;
  }
  static bool is_silent(const ServerState& server) {
    return !server.answers() && !server.no_route() && !is_refused(server);
  }

  void judge_reach() {
    const auto asked = count([](const ServerState& server) { return server.asked; });
    const auto routed =
        count([](const ServerState& server) { return server.asked && !server.no_route(); });
    if (asked == 0) {
      add("dns.not-asked", Severity::unknown);
      return;
    }
    report_where("dns.no-route", routed > 0 ? Severity::info : Severity::unknown,
                 [](const ServerState& server) { return server.no_route(); });
    report_where("dns.server-silent", Severity::unknown, is_silent);
    report_where("dns.server-refuses", Severity::warning, is_refused);
  }

  /// Whether resolvers get anything at all is decided by all servers together.
  void judge_authority() {
    const auto good = count([](const ServerState& server) { return server.authoritative(); });
    const auto open = count([](const ServerState& server) {
      return !server.asked || server.no_route() || is_silent(server);
    });
    report_where("dns.lame", Severity::warning, [](const ServerState& server) {
      return server.answers() && !server.authoritative();
    });
    const auto& hosts = health_.delegation.hosts;
    const bool all_known =
        std::all_of(hosts.begin(), hosts.end(), [](const NsHost& host) { return host.definite; });
    if (good == 0 && open == 0 && all_known && !health_.servers.empty())
      add("dns.no-authority", Severity::critical);
  }

  void judge_agreement() {
    std::map<std::uint32_t, std::vector<std::string>> serials;
    std::map<std::set<DomainName>, std::vector<std::string>> sets;
    for (const auto& server : health_.servers) {
      if (!server.authoritative()) continue;
      if (const auto soa = server.soa()) serials[soa->serial].push_back(server.label());
      if (!server.name_servers.empty()) sets[server.name_servers].push_back(server.label());
    }
    if (serials.size() > 1) {
      Value values = Value::array();
      for (const auto& [serial, servers] : serials)
        values.push(fmt::format("{}: {}", serial, fmt::join(servers, " ")));
      add("dns.serial-differs", Severity::warning).data.set("values", std::move(values));
    }
    if (sets.size() > 1) {
      Value values = Value::array();
      for (const auto& [names, servers] : sets) {
        std::vector<std::string> texts;
        for (const auto& name : names) texts.push_back(name.to_string());
        values.push(fmt::format("{}: {}", fmt::join(servers, " "), fmt::join(texts, " ")));
      }
      add("dns.ns-differs", Severity::warning).data.set("values", std::move(values));
    }
  }

  /// RFC 1912 section 2.2 and RIPE-203, the wider of both.
  void judge_times() {
    const auto server =
        std::find_if(health_.servers.begin(), health_.servers.end(),
                     [](const ServerState& each) { return each.authoritative() && each.soa(); });
    if (server == health_.servers.end()) return;
    const auto soa = *server->soa();
    constexpr std::uint32_t minute = 60, hour = 3600, day = 86400;
    const Range ranges[] = {{"refresh", soa.refresh, 20 * minute, day},
                            {"retry", soa.retry, 2 * minute, 2 * hour},
                            {"expire", soa.expire, 14 * day, 1000 * hour},
                            {"minimum", soa.minimum, 5 * minute, day}};
    Value values = Value::array();
    for (const auto& range : ranges) {
      if (range.value < range.least || range.value > range.most)
        values.push(fmt::format("{} {} ({}-{})", range.name, range.value, range.least, range.most));
    }
    if (!values.as_array().empty())
      add("dns.soa-times", Severity::info).data.set("values", std::move(values));
    if (soa.expire <= std::uint64_t{soa.refresh} + soa.retry)
      add("dns.soa-expire", Severity::warning)
          .data.set("expire", soa.expire)
          .set("refresh", soa.refresh)
          .set("retry", soa.retry);
  }

  void judge_sizes() {
    constexpr std::size_t small = 512;  // RFC 1035 section 4.2.1
    std::map<dns::RecordType, std::size_t> large;
    Value lost = Value::array();
    for (const auto& server : health_.servers) {
      for (const auto& answer : server.sizes) {
        const auto octets = std::max(answer.octets, answer.tcp_octets);
        const bool is_large = answer.truncated || octets > small;
        if (is_large) large[answer.type] = std::max(large[answer.type], octets);
        const bool needs_tcp = answer.truncated || (!answer.came && server.udp.came());
        if (needs_tcp && answer.tcp_octets == 0)
          lost.push(fmt::format("{}: {}", server.label(), dns::to_string(answer.type)));
      }
    }
    Value values = Value::array();
    for (const auto& [type, octets] : large)
      values.push(octets > small ? fmt::format("{} {}", dns::to_string(type), octets)
                                 : fmt::format("{} > {}", dns::to_string(type), small));
    const bool gone = !lost.as_array().empty();
    if (gone) add("dns.large-answer-lost", Severity::warning).data.set("values", std::move(lost));
    if (!values.as_array().empty())
      add("dns.large-answer", Severity::info).data.set("values", std::move(values));
  }

  const DnsHealth& health_;
  std::vector<Finding>& findings_;
};

}  // namespace

void judge_servers(const DnsHealth& health, std::vector<Finding>& findings) {
  if (!health.servers.empty()) ServersJudge(health, findings).run();
}

}  // namespace maildiag::checks
