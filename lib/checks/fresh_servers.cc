#include "checks/fresh_servers.h"

#include <algorithm>
#include <utility>

#include "checks/dnsbl_read.h"

namespace maildiag::checks {

namespace {

constexpr std::size_t parallel_lists = 50;
/// Of one list: a few answer as well as all, and each host costs two questions.
constexpr std::size_t most_hosts = 8;
constexpr std::size_t most_addresses = 16;

SelfTestVerdict nobody(std::string reason, const dns::Answer& answer) {
  SelfTestVerdict verdict;
  verdict.kind = SelfTestVerdict::Kind::unanswered;
  verdict.reason = std::move(reason);
  verdict.evidence = dns::to_evidence(answer);
  return verdict;
}

/// The NS records of the zone, or of one above it. A list's own name need not be a zone's apex.
Task<dns::Answer> find_servers(Context context, DomainName zone) {
  dns::Answer answer;
  while (zone.label_count() >= 2) {
    const DomainName name = zone;
    answer = co_await context.resolver.query(name, dns::RecordType::ns);
    if (answer.found() || !answer.definite()) break;
    zone = zone.parent();
  }
  co_return answer;
}

Task<void> add_addresses(Context context, DomainName host,
                         std::vector<dns::ServerAddress>& servers) {
  for (const auto type : {dns::RecordType::a, dns::RecordType::aaaa}) {
    const DomainName name = host;
    const auto answer = co_await context.resolver.query(name, type);
    for (const auto& record : answer.records) {
      const auto* ip = std::get_if<IpAddress>(&record.data);
      if (ip == nullptr || servers.size() >= most_addresses) continue;
      dns::ServerAddress server;
      server.address = *ip;
      servers.push_back(std::move(server));
    }
  }
}

Task<ListRoute> find_route(Context context, const AskedList& asked, const MakeResolver& make) {
  ListRoute route;
  const DomainName zone = asked.zone;
  const auto found = co_await find_servers(context, zone);
  if (!found.found()) {
    route.fault = nobody(
        found.definite() ? "dnsbl.reason.no-servers" : unanswered_reason(found.outcome), found);
    co_return route;
  }
  std::vector<dns::ServerAddress> servers;
  std::size_t hosts = 0;
  for (const auto& record : found.records) {
    const auto* host = std::get_if<dns::NameData>(&record.data);
    if (host == nullptr || ++hosts > most_hosts) continue;
    const DomainName name = host->name;
    co_await add_addresses(context, name, servers);
  }
  // Hosts without IPv6 are many: an IPv6 address is asked when the others keep silent.
  std::stable_partition(servers.begin(), servers.end(),
                        [](const dns::ServerAddress& server) { return server.address.is_v4(); });
  if (servers.empty()) {
    route.fault = nobody("dnsbl.reason.no-servers", found);
  } else {
    route.resolver = make(servers);
  }
  co_return route;
}

}  // namespace

Task<std::vector<ListRoute>> find_list_servers(Context context, const ListChoice& choice,
                                               MakeResolver make) {
  const auto lists = choice.lists();
  std::vector<ListRoute> routes(lists.size());
  const std::function<Task<void>(std::size_t)> find = [&](std::size_t index) -> Task<void> {
    auto route = co_await find_route(context, lists[index], make);
    routes[index] = std::move(route);
  };
  co_await for_each_index(lists.size(), parallel_lists, find);
  co_return routes;
}

}  // namespace maildiag::checks
