#include "checks/dns_health.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "checks/dns_health_judge.h"

namespace maildiag::checks {

namespace {

constexpr std::size_t parallel_servers = 16;
/// A silent one costs all its time-outs; the root has 26.
constexpr std::size_t max_server_addresses = 32;

template <class Names>
Value names_value(const Names& names) {
  Value list = Value::array();
  for (const auto& name : names) list.push(name.to_string());
  return list;
}

Value parent_value(const ParentServer& parent) {
  return Value::object(
      {{"name", parent.name.to_string()},
       {"address", parent.address.to_string()},
       {"outcome", parent.asked ? Value(dns::to_string(parent.reply.outcome)) : Value()},
       {"name_servers", names_value(parent.name_servers)}});
}

Value host_value(const NsHost& host) {
  return Value::object({{"name", host.name.to_string()},
                        {"at_parent", host.at_parent},
                        {"at_child", host.at_child},
                        {"glue", names_value(host.glue)},
                        {"addresses", names_value(host.addresses)}});
}

Value sizes_value(const ServerState& server) {
  Value list = Value::array();
  for (const auto& size : server.sizes)
    list.push(
        Value::object({{"type", dns::to_string(size.type)},
                       {"octets", size.came ? Value(size.octets) : Value()},
                       {"truncated", size.truncated},
                       {"tcp_octets", size.tcp_octets > 0 ? Value(size.tcp_octets) : Value()}}));
  return list;
}

Value server_value(const ServerState& server) {
  const auto& reply = server.soa_reply();
  const auto soa = server.soa();
  return Value::object(
      {{"name", server.host.to_string()},
       {"address", server.address.to_string()},
       {"asked", server.asked},
       {"outcome", server.asked ? Value(dns::to_string(reply.outcome)) : Value()},
       {"authoritative", server.authoritative()},
       {"serial", soa ? Value(soa->serial) : Value()},
       {"tcp", server.tcp.came()},
       {"edns", server.udp.came() && server.udp.edns},
       {"recursion", server.udp.came() && server.udp.recursion_available},
       {"ms", reply.came() ? Value(static_cast<double>(reply.elapsed.count()) / 1000.0) : Value()},
       {"sizes", sizes_value(server)}});
}

Value soa_value(const std::vector<ServerState>& servers) {
  for (const auto& server : servers) {
    const auto soa = server.authoritative() ? server.soa() : std::nullopt;
    if (!soa) continue;
    return Value::object({{"primary", soa->primary.to_string()},
                          {"mailbox", soa->mailbox.to_string()},
                          {"serial", soa->serial},
                          {"refresh", soa->refresh},
                          {"retry", soa->retry},
                          {"expire", soa->expire},
                          {"minimum", soa->minimum}});
  }
  return {};
}

struct Place {
  DomainName host;
  IpAddress address;
};

/// Of every host one address before a second one of any, so that the cap leaves no host out. Glue
/// counts: it is where resolvers go first.
std::vector<Place> places_of(const Delegation& delegation) {
  std::vector<Place> places;
  constexpr std::size_t most_of_host = 2 * max_addresses_of_host;  // the resolver's and glue
  for (std::size_t i = 0; i < most_of_host; ++i) {
    for (const auto& host : delegation.hosts) {
      std::set<IpAddress> addresses;
      for (const auto* known : {&host.addresses, &host.glue}) {
        const auto count = std::min(known->size(), max_addresses_of_host);
        addresses.insert(known->begin(), known->begin() + static_cast<std::ptrdiff_t>(count));
      }
      if (i < addresses.size() && places.size() < max_server_addresses)
        places.push_back(
            {host.name, *std::next(addresses.begin(), static_cast<std::ptrdiff_t>(i))});
    }
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tie(a.host, a.address) < std::tie(b.host, b.address);
  });
  return places;
}

}  // namespace

bool DnsHealth::asked() const {
  const auto was_asked = [](const auto& server) { return server.asked; };
  return std::any_of(servers.begin(), servers.end(), was_asked) ||
         std::any_of(delegation.parents.begin(), delegation.parents.end(), was_asked);
}

Value DnsHealth::to_value() const {
  Value parents = Value::array(), hosts = Value::array(), states = Value::array();
  for (const auto& parent : delegation.parents) parents.push(parent_value(parent));
  for (const auto& host : delegation.hosts) hosts.push(host_value(host));
  for (const auto& server : servers) states.push(server_value(server));
  return Value::object({{"type", "dns"},
                        {"name", delegation.asked.to_string()},
                        {"zone", delegation.zone.to_string()},
                        {"parent", delegation.parent.to_string()},
                        {"delegated", to_string(delegation.state)},
                        {"parents", std::move(parents)},
                        {"name_servers", std::move(hosts)},
                        {"servers", std::move(states)},
                        {"soa", soa_value(servers)}});
}

Task<DnsHealth> check_dns_health(Context context, DnsHealthRequest request) {
  DnsHealth health;
  health.delegation = co_await find_delegation(context, request);
  const auto places = places_of(health.delegation);
  health.servers.resize(places.size());
  const std::function<Task<void>(std::size_t)> probe = [&](std::size_t index) -> Task<void> {
    auto state = co_await probe_server(context, request, health.delegation.zone, places[index].host,
                                       places[index].address);
    health.servers[index] = std::move(state);
  };
  co_await for_each_index(places.size(), parallel_servers, probe);
  std::vector<Finding> findings;
  judge_delegation(health, findings);
  judge_servers(health, findings);
  const bool good = std::all_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.severity == Severity::info;
  });
  if (good && !health.servers.empty())
    add_dns_finding(health, findings, "dns.healthy", Severity::ok)
        .data.set("count", health.servers.size());
  health.findings = std::move(findings);
  co_return health;
}

}  // namespace maildiag::checks
