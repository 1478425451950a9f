#include "checks/dns_server_probe.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "checks/dns_health.h"

namespace maildiag::checks {

const dns::ServerReply& ServerState::soa_reply() const {
  if (udp.outcome == dns::Outcome::answer) return udp;
  if (plain.outcome == dns::Outcome::answer) return plain;
  if (tcp.outcome == dns::Outcome::answer) return tcp;
  return udp.came() ? udp : plain.came() ? plain : tcp.came() ? tcp : udp;
}

bool ServerState::no_route() const {
  const auto& error = udp.error;
  return error == std::errc::network_unreachable || error == std::errc::host_unreachable ||
         error == std::errc::address_not_available ||
         error == std::errc::address_family_not_supported;
}

bool ServerState::authoritative() const {
  const auto& reply = soa_reply();
  return reply.outcome == dns::Outcome::answer && reply.authoritative;
}

std::optional<dns::SoaData> ServerState::soa() const {
  for (const auto& record : soa_reply().answers) {
    if (const auto* soa = std::get_if<dns::SoaData>(&record.data)) return *soa;
  }
  return std::nullopt;
}

std::string ServerState::label() const {
  return fmt::format("{} ({})", host.to_string(), address.to_string());
}

namespace {

class Probe {
 public:
  Probe(Context context, const DnsHealthRequest& request, DomainName zone, ServerState& state)
      : context_(context), request_(request), zone_(std::move(zone)), state_(state) {}

  Task<void> run() {
    state_.udp = co_await ask(dns::RecordType::soa, Way{.recursion = true, .tries = 1});
    if (!state_.asked || state_.no_route()) co_return;
    if (!state_.udp.came()) {
      co_await insist();
    } else {
      if (state_.udp.outcome != dns::Outcome::answer)
        state_.plain = co_await ask(dns::RecordType::soa, Way{.edns = false, .tries = 1});
      state_.tcp = co_await ask(dns::RecordType::soa, Way{.tcp = true});
    }
    if (!state_.authoritative()) co_return;
    const bool good = state_.udp.outcome == dns::Outcome::answer;
    auto ns = co_await ask(dns::RecordType::ns, Way{.tcp = !good && !state_.plain.came()});
    if (ns.truncated) ns = co_await ask(dns::RecordType::ns, Way{.tcp = true});
    // Part of a set is none (RFC 2181 section 9).
    if (!ns.truncated) state_.name_servers = name_servers_of(ns.answers, zone_);
    co_await measure();
  }

 private:
  struct Way {
    bool tcp = false, edns = true, recursion = false;
    unsigned tries = 2;
  };

  Task<dns::ServerReply> ask(dns::RecordType type, Way way) {
    net::NameServerRequest request;
    request.host = state_.host.to_string();
    request.reach = request_.reach;
    request.question.server.address = state_.address;
    request.question.question = {zone_, type};
    request.question.tcp = way.tcp;
    request.question.edns = way.edns;
    request.question.recursion = way.recursion;
    request.question.timeout = request_.timeout;
    request.question.tries = way.tries;
    auto answer = co_await context_.network->ask(std::move(request));
    state_.asked = answer.fault == net::Fault::none;
    co_return std::move(answer.reply);
  }

  /// A lost packet, EDNS that a firewall drops, UDP that it drops: all at once, as a server that is
  /// gone costs each its time-out.
  Task<void> insist() {
    const std::array ways{Way{.recursion = true, .tries = 1}, Way{.edns = false, .tries = 1},
                          Way{.tcp = true}};
    const std::array replies{&state_.udp, &state_.plain, &state_.tcp};
    const std::function<Task<void>(std::size_t)> one = [&](std::size_t index) -> Task<void> {
      auto reply = co_await ask(dns::RecordType::soa, ways.at(index));
      *replies.at(index) = std::move(reply);
    };
    co_await for_each_index(ways.size(), ways.size(), one);
    if (state_.udp.outcome == dns::Outcome::answer) state_.plain = {};
  }

  /// What qmail asks for: ANY (unpatched) or CNAME, and MX; SPF needs TXT.
  Task<void> measure() {
    constexpr std::array types{dns::RecordType::mx, dns::RecordType::txt, dns::RecordType::any};
    for (const auto type : types) {
      SizedAnswer sized;
      sized.type = type;
      const auto udp = co_await ask(type, Way{.edns = false});
      sized.came = udp.came();
      sized.octets = udp.octets;
      sized.truncated = udp.truncated;
      // Whoever gets nothing over UDP may still get it over TCP.
      if (udp.truncated || (!udp.came() && state_.udp.came())) {
        const auto tcp = co_await ask(type, Way{.tcp = true, .edns = false});
        sized.tcp_octets = tcp.octets;
      }
      state_.sizes.push_back(sized);
    }
  }

  Context context_;
  const DnsHealthRequest& request_;
  DomainName zone_;
  ServerState& state_;
};

}  // namespace

Task<ServerState> probe_server(Context context, const DnsHealthRequest& request, DomainName zone,
                               DomainName host, IpAddress address) {
  ServerState state;
  state.host = std::move(host);
  state.address = address;
  if (context.network != nullptr) {
    Probe probe(context, request, std::move(zone), state);
    co_await probe.run();
  }
  co_return state;
}

}  // namespace maildiag::checks
