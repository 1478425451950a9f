#include <algorithm>
#include <numeric>
#include <utility>

#include "checks/lookup_host.h"

namespace maildiag::checks {

namespace {

/// Once for all addresses: the reason is ours. False: `fault` is another one.
bool said_not_tried(net::Fault fault, const std::string& reason, const HostTarget& target,
                    LookupReport& report) {
  if (!was_not_tried(fault)) return false;
  const bool said =
      std::any_of(report.findings.begin(), report.findings.end(),
                  [](const Finding& finding) { return finding.id == "lookup.not-tried"; });
  if (!said)
    set_fault(add_lookup_finding(report, "lookup.not-tried", Severity::unknown, target).data, fault,
              reason);
  return true;
}

/// "refused" is what the other side says; a time-out may as well be a firewall on our side.
void judge_connection(const HostTarget& target, const IpAddress& address,
                      const net::TcpReply& reply, bool others_open, LookupReport& report) {
  if (reply.fault == net::Fault::none) return;
  if (said_not_tried(reply.fault, reply.reason, target, report)) return;
  const bool refused = reply.fault == net::Fault::refused || reply.fault == net::Fault::closed;
  const Severity severity =
      !refused ? Severity::unknown : (others_open ? Severity::warning : Severity::critical);
  const auto* id = refused ? "lookup.tcp-refused" : "lookup.tcp-unknown";
  Finding& finding = add_lookup_finding(report, id, severity, target);
  finding.data.set("address", address.to_string()).set("port", target.port);
  set_fault(finding.data, reply.fault, reply.reason);
}

Value connection_value(const IpAddress& address, const net::TcpReply& reply) {
  const bool open = reply.fault == net::Fault::none;
  auto value = Value::object({{"address", address.to_string()}, {"connected", open}});
  set_fault(value, reply.fault, reply.reason);
  value.set("connect_ms", open ? Value(milliseconds(reply.connect)) : Value());
  value.set("source", open ? Value(reply.source.to_string()) : Value());
  return value;
}

/// Without a network everything is as with --zone.
template <class Reply>
Reply no_network() {
  Reply reply;
  reply.fault = net::Fault::offline;
  return reply;
}

Value result_of(const char* type, const HostTarget& target) {
  return Value::object({{"type", type}, {"host", target.host}});
}

Task<net::TcpReply> connect_one(Context context, const HostTarget& target, IpAddress address) {
  if (context.network == nullptr) co_return no_network<net::TcpReply>();
  net::TcpRequest request;
  request.host = target.host;
  request.address = address;
  request.port = target.port;
  auto reply = co_await context.network->connect(std::move(request));
  co_return reply;
}

Task<net::PingReply> ping_one(Context context, const HostTarget& target, IpAddress address) {
  if (context.network == nullptr) co_return no_network<net::PingReply>();
  net::PingRequest request;
  request.host = target.host;
  request.address = address;
  auto reply = co_await context.network->ping(std::move(request));
  co_return reply;
}

struct EchoTimes {
  std::vector<double> ms;
  explicit EchoTimes(const net::PingReply& reply) {
    for (const auto& time : reply.times) {
      if (time) ms.push_back(milliseconds(*time));
    }
  }
  double average() const {
    return std::accumulate(ms.begin(), ms.end(), 0.0) / static_cast<double>(ms.size());
  }
};

Value ping_value(const IpAddress& address, const net::PingReply& reply) {
  const EchoTimes times(reply);
  auto value = Value::object({{"address", address.to_string()},
                              {"sent", reply.times.size()},
                              {"received", times.ms.size()}});
  set_fault(value, reply.fault, reply.reason);
  Value each = Value::array();
  for (const auto& time : reply.times) each.push(time ? Value(milliseconds(*time)) : Value());
  value.set("times_ms", std::move(each));
  if (times.ms.empty()) return value;
  value.set("min_ms", *std::min_element(times.ms.begin(), times.ms.end()));
  value.set("avg_ms", times.average());
  value.set("max_ms", *std::max_element(times.ms.begin(), times.ms.end()));
  return value;
}

void judge_ping(const HostTarget& target, const IpAddress& address, const net::PingReply& reply,
                LookupReport& report) {
  if (said_not_tried(reply.fault, reply.reason, target, report)) return;
  const EchoTimes times(reply);
  const char* id = "lookup.ping-answered";
  Severity severity = Severity::ok;
  if (reply.fault != net::Fault::none) {
    id = "lookup.ping-failed";
    severity = Severity::unknown;
  } else if (times.ms.empty()) {
    id = "lookup.ping-silent";
    severity = Severity::unknown;
  } else if (times.ms.size() < reply.times.size()) {
    id = "lookup.ping-lost";
    severity = Severity::warning;
  }
  Finding& finding = add_lookup_finding(report, id, severity, target);
  finding.data.set("address", address.to_string())
      .set("sent", reply.times.size())
      .set("received", times.ms.size());
  set_fault(finding.data, reply.fault, reply.reason);
}

}  // namespace

Task<LookupReport> look_up_tcp(Context context, HostTarget target) {
  LookupReport report;
  report.result = result_of("tcp", target);
  report.result.set("port", target.port);
  const auto found = co_await find_host_addresses(context, target, report);
  std::vector<net::TcpReply> replies(found.addresses.size());
  const std::function<Task<void>(std::size_t)> connect = [&](std::size_t index) -> Task<void> {
    auto reply = co_await connect_one(context, target, found.addresses[index]);
    replies[index] = std::move(reply);
  };
  co_await for_each_index(replies.size(), max_lookup_addresses, connect);

  const auto open = std::count_if(replies.begin(), replies.end(), [](const auto& reply) {
    return reply.fault == net::Fault::none;
  });
  Value list = Value::array();
  for (std::size_t i = 0; i < replies.size(); ++i) {
    list.push(connection_value(found.addresses[i], replies[i]));
    judge_connection(target, found.addresses[i], replies[i], open > 0, report);
  }
  report.result.set("addresses", std::move(list));
  if (open > 0 && report.findings.empty())
    add_lookup_finding(report, "lookup.tcp-open", Severity::ok, target)
        .data.set("port", target.port)
        .set("count", open);
  co_return report;
}

Task<LookupReport> look_up_ping(Context context, HostTarget target) {
  LookupReport report;
  report.result = result_of("ping", target);
  const auto found = co_await find_host_addresses(context, target, report);
  std::vector<net::PingReply> replies(found.addresses.size());
  const std::function<Task<void>(std::size_t)> ping = [&](std::size_t index) -> Task<void> {
    auto reply = co_await ping_one(context, target, found.addresses[index]);
    replies[index] = std::move(reply);
  };
  co_await for_each_index(replies.size(), max_lookup_addresses, ping);
  Value list = Value::array();
  for (std::size_t i = 0; i < replies.size(); ++i) {
    list.push(ping_value(found.addresses[i], replies[i]));
    judge_ping(target, found.addresses[i], replies[i], report);
  }
  report.result.set("addresses", std::move(list));
  co_return report;
}

namespace {

Task<std::string> name_of(Context context, IpAddress address) {
  const auto name = DomainName::parse(address.ptr_name());
  if (!name) co_return "";
  const auto answer = co_await context.resolver.query(*name, dns::RecordType::ptr);
  if (!answer.found()) co_return "";
  const auto* data = std::get_if<dns::NameData>(&answer.records.front().data);
  co_return data == nullptr ? std::string() : data->name.to_string();
}

Task<Value> hops_value(Context context, std::vector<net::TraceHop> hops) {
  std::vector<std::string> names(hops.size());
  const std::function<Task<void>(std::size_t)> look_up = [&](std::size_t index) -> Task<void> {
    if (!hops[index].address) co_return;
    auto name = co_await name_of(context, *hops[index].address);
    names[index] = std::move(name);
  };
  constexpr std::size_t parallel_names = 10;
  co_await for_each_index(hops.size(), parallel_names, look_up);
  Value list = Value::array();
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const auto& hop = hops[i];
    list.push(Value::object({{"distance", hop.distance},
                             {"address", hop.address ? Value(hop.address->to_string()) : Value()},
                             {"ptr", names[i].empty() ? Value() : Value(names[i])},
                             {"ms", hop.address ? Value(milliseconds(hop.time)) : Value()},
                             {"target", hop.target},
                             {"note", hop.note}}));
  }
  co_return list;
}

void judge_trace(const HostTarget& target, const IpAddress& address, const net::TraceReply& reply,
                 LookupReport& report) {
  if (said_not_tried(reply.fault, reply.reason, target, report)) return;
  const auto& hops = reply.hops;
  const bool arrived = !hops.empty() && hops.back().target;
  const char* id = arrived ? "lookup.trace-arrived" : "lookup.trace-ended";
  if (reply.fault != net::Fault::none) {
    id = "lookup.trace-failed";
  } else if (!arrived && !hops.empty() && !hops.back().note.empty()) {
    id = "lookup.trace-refused";
  }
  const auto severity = arrived ? Severity::ok : Severity::unknown;
  Finding& finding = add_lookup_finding(report, id, severity, target);
  const bool seen = !hops.empty() && hops.back().address;
  finding.data.set("address", address.to_string())
      .set("hops", hops.size())
      .set("last", seen ? hops.back().address->to_string() : "-")
      .set("note", hops.empty() ? std::string() : hops.back().note);
  set_fault(finding.data, reply.fault, reply.reason);
}

}  // namespace

Task<LookupReport> look_up_trace(Context context, HostTarget target) {
  LookupReport report;
  report.result = result_of("trace", target);
  const auto found = co_await find_host_addresses(context, target, report);
  std::vector<IpAddress> ends;  // the first of each family
  for (const auto& address : found.addresses) {
    if (ends.empty() || (ends.size() == 1 && ends.front().family() != address.family()))
      ends.push_back(address);
  }
  Value list = Value::array();
  for (const auto& end : ends) {
    auto reply = no_network<net::TraceReply>();
    if (context.network != nullptr) {
      net::TraceRequest request;
      request.host = target.host;
      request.address = end;
      reply = co_await context.network->trace(std::move(request));
    }
    auto hops = co_await hops_value(context, reply.hops);
    auto route = Value::object({{"address", end.to_string()},
                                {"arrived", !reply.hops.empty() && reply.hops.back().target}});
    set_fault(route, reply.fault, reply.reason);
    route.set("hops", std::move(hops));
    list.push(std::move(route));
    judge_trace(target, end, reply, report);
  }
  report.result.set("routes", std::move(list));
  co_return report;
}

}  // namespace maildiag::checks
