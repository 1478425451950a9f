#include "checks/dns_delegation.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <utility>

#include "checks/dns_health.h"

namespace maildiag::checks {

std::string_view to_string(Delegation::State state) {
  switch (state) {
    case Delegation::State::delegated:
      return "yes";
    case Delegation::State::missing:
      return "no";
    case Delegation::State::unknown:
      return "unknown";
  }
  return "unknown";
}

std::set<DomainName> name_servers_of(const std::vector<dns::Record>& records,
                                     const DomainName& zone) {
  std::set<DomainName> names;
  for (const auto& record : records) {
    const auto* data = std::get_if<dns::NameData>(&record.data);
    if (record.type == dns::RecordType::ns && record.name == zone && data != nullptr &&
        names.size() < max_name_servers)
      names.insert(data->name);
  }
  return names;
}

namespace {

/// The zone at `name` or the nearest above it, by its NS records. An alias is no zone's apex. What
/// does not exist or is not answered is taken for a zone: the servers above will tell.
struct ZoneCut {
  DomainName zone;
  dns::Answer answer;
};

Task<ZoneCut> find_zone(Context context, DomainName name) {
  ZoneCut cut;
  cut.zone = name;
  while (true) {
    const DomainName asked = cut.zone;
    cut.answer = co_await context.resolver.query(asked, dns::RecordType::ns);
    const bool apex = cut.answer.found() && cut.answer.cname_chain.empty();
    const bool inside =
        cut.answer.outcome == dns::Outcome::nodata || !cut.answer.cname_chain.empty();
    if (apex || !inside || cut.zone.is_root()) co_return cut;
    cut.zone = cut.zone.parent();
  }
}

/// Above a zone every name exists, unless the zone is not delegated at all.
Task<ZoneCut> find_parent(Context context, DomainName zone) {
  auto name = zone.parent();
  while (true) {
    auto cut = co_await find_zone(context, name);
    if (cut.answer.outcome != dns::Outcome::nxdomain || cut.zone.is_root()) co_return cut;
    name = cut.zone.parent();
  }
}

Task<void> resolve(Context context, NsHost& host, dns::RecordType type) {
  const DomainName name = host.name;
  const auto answer = co_await context.resolver.query(name, type);
  host.evidence.push_back(dns::to_evidence(answer));
  host.definite = host.definite && answer.definite();
  host.alias = host.alias || !answer.cname_chain.empty();
  for (const auto& record : answer.records) {
    const auto* ip = std::get_if<IpAddress>(&record.data);
    if (ip != nullptr && host.addresses.size() < max_known_addresses) host.addresses.push_back(*ip);
  }
}

/// Both types at once: where the servers are silent, each costs all its time-outs.
Task<void> resolve_all(Context context, std::vector<NsHost>& hosts) {
  const std::function<Task<void>(std::size_t)> one = [&](std::size_t index) -> Task<void> {
    const auto type = index % 2 == 0 ? dns::RecordType::a : dns::RecordType::aaaa;
    co_await resolve(context, hosts[index / 2], type);
  };
  co_await for_each_index(hosts.size() * 2, max_name_servers, one);
  for (auto& host : hosts) std::sort(host.addresses.begin(), host.addresses.end());
}

std::vector<NsHost> hosts_of(const std::set<DomainName>& names) {
  std::vector<NsHost> hosts;
  for (const auto& name : names) {
    hosts.emplace_back();
    hosts.back().name = name;
  }
  return hosts;
}

class DelegationFinder {
 public:
  DelegationFinder(Context context, const DnsHealthRequest& request)
      : context_(context), request_(request) {}

  Task<Delegation> run() {
    found_.asked = request_.domain;
    const auto cut = co_await find_zone(context_, request_.domain);
    found_.zone = cut.zone;
    zone_answers_ = cut.answer.definite();
    found_.evidence.push_back(dns::to_evidence(cut.answer));
    child_ = name_servers_of(cut.answer.records, found_.zone);
    if (found_.zone.is_root()) {
      found_.state = Delegation::State::delegated;
    } else {
      co_await ask_parents();
    }
    join();
    co_await resolve_hosts();
    co_return std::move(found_);
  }

 private:
  /// Where the resolver gets no answer from the zone, names in it would only cost the time-outs
  /// again; glue says where the servers are.
  Task<void> resolve_hosts() {
    const auto hopeless = [&](const NsHost& host) {
      return !zone_answers_ && !host.glue.empty() && host.name.is_under(found_.zone);
    };
    const auto rest = std::stable_partition(found_.hosts.begin(), found_.hosts.end(),
                                            [&](const NsHost& host) { return !hopeless(host); });
    std::vector<NsHost> left(rest, found_.hosts.end());
    for (auto& host : left) host.definite = false;
    found_.hosts.erase(rest, found_.hosts.end());
    co_await resolve_all(context_, found_.hosts);
    std::move(left.begin(), left.end(), std::back_inserter(found_.hosts));
  }

  Task<void> ask_parents() {
    const auto cut = co_await find_parent(context_, found_.zone);
    found_.parent = cut.zone;
    found_.evidence.push_back(dns::to_evidence(cut.answer));
    auto hosts = hosts_of(name_servers_of(cut.answer.records, found_.parent));
    co_await resolve_all(context_, hosts);
    choose_parents(hosts);
    const std::function<Task<void>(std::size_t)> ask = [this](std::size_t index) -> Task<void> {
      co_await ask_parent(found_.parents[index]);
    };
    co_await for_each_index(found_.parents.size(), max_parent_servers, ask);
    for (const auto& parent : found_.parents) take(parent);
  }

  /// One address of each host first, IPv4 before IPv6, which many hosts lack.
  void choose_parents(const std::vector<NsHost>& hosts) {
    for (std::size_t i = 0; i < max_addresses_of_host; ++i) {
      for (const auto& host : hosts) {
        if (i >= host.addresses.size() || found_.parents.size() >= max_parent_servers) continue;
        found_.parents.emplace_back();
        found_.parents.back().name = host.name;
        found_.parents.back().address = host.addresses[i];
      }
    }
  }

  Task<void> ask_parent(ParentServer& parent) {
    if (context_.network == nullptr) co_return;
    net::NameServerRequest request;
    request.host = parent.name.to_string();
    request.reach = request_.reach;
    request.question.server.address = parent.address;
    request.question.question = {found_.zone, dns::RecordType::ns};
    request.question.timeout = request_.timeout;
    auto answer = co_await context_.network->ask(request);
    parent.asked = answer.fault == net::Fault::none;
    parent.reply = std::move(answer.reply);
    if (parent.reply.truncated) {
      // RFC 2181 section 9; of glue, too (RFC 9471 section 3.1).
      request.question.tcp = true;
      auto whole = co_await context_.network->ask(std::move(request));
      parent.cut = !dns::is_definite(whole.reply.outcome) || whole.reply.truncated;
      if (!parent.cut) parent.reply = std::move(whole.reply);
    }
    auto names = name_servers_of(parent.reply.authorities, found_.zone);
    parent.serves_zone = parent.reply.authoritative && names.empty();
    if (names.empty() || parent.reply.authoritative) {
      const auto answered = name_servers_of(parent.reply.answers, found_.zone);
      parent.serves_zone = parent.serves_zone || !answered.empty();
      if (!answered.empty()) names = answered;
    }
    parent.name_servers.assign(names.begin(), names.end());
  }

  void take(const ParentServer& parent) {
    if (!parent.asked || !dns::is_definite(parent.reply.outcome)) return;
    if (parent.name_servers.empty() && parent.cut) return;
    if (parent.name_servers.empty()) {
      // Without an answer from below it is not known that a zone begins at this name: "no such
      // record" may be all there is to say of it.
      const bool says_no = parent.reply.authoritative &&
                           (zone_answers_ || parent.reply.outcome == dns::Outcome::nxdomain);
      if (says_no && found_.state == Delegation::State::unknown)
        found_.state = Delegation::State::missing;
      return;
    }
    found_.state = Delegation::State::delegated;
    found_.glue_known = found_.glue_known || (!parent.serves_zone && !parent.cut);
    found_.set_known = found_.set_known || !parent.cut;
    parent_.insert(parent.name_servers.begin(), parent.name_servers.end());
    for (const auto& record : parent.reply.additionals) {
      if (const auto* ip = std::get_if<IpAddress>(&record.data)) glue_[record.name].insert(*ip);
    }
  }

  void join() {
    std::set<DomainName> all = parent_;
    all.insert(child_.begin(), child_.end());
    found_.hosts = hosts_of(all);
    for (auto& host : found_.hosts) {
      host.at_parent = parent_.count(host.name) > 0;
      host.at_child = child_.count(host.name) > 0;
      const auto& glue = glue_[host.name];
      host.glue.assign(glue.begin(), glue.end());
      if (host.glue.size() > max_known_addresses) host.glue.resize(max_known_addresses);
    }
  }

  Context context_;
  const DnsHealthRequest& request_;
  Delegation found_;
  bool zone_answers_ = false;  ///< the resolver gets an answer about its NS records
  std::set<DomainName> parent_, child_;
  std::map<DomainName, std::set<IpAddress>> glue_;
};

}  // namespace

Task<Delegation> find_delegation(Context context, const DnsHealthRequest& request) {
  DelegationFinder finder(context, request);
  co_return co_await finder.run();
}

}  // namespace maildiag::checks
