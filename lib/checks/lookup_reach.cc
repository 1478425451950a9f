#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "checks/lookup_host.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

/// "192.0.2.1: network unreachable"
std::string reason_words(const rulebook::Rulebook& rulebook,
                         const std::optional<net::Hindrance>& hindrance, Language language) {
  if (!hindrance) return {};
  auto words =
      hindrance->obstacle == net::Obstacle::other
          ? text::sanitize(hindrance->words)
          : std::string(rulebook.label(
                fmt::format("lookup.reason.{}", net::to_string(hindrance->obstacle)), language));
  if (hindrance->said_by) words = fmt::format("{}: {}", hindrance->said_by->to_string(), words);
  return words;
}

/// Of a finding, in every language.
Value reason_words(const rulebook::Rulebook& rulebook,
                   const std::optional<net::Hindrance>& hindrance) {
  if (!hindrance) return "";
  return Value::object({{"en", reason_words(rulebook, hindrance, Language::en)},
                        {"ko", reason_words(rulebook, hindrance, Language::ko)}});
}

Value obstacle_value(const std::optional<net::Hindrance>& hindrance) {
  return hindrance ? Value(net::to_string(hindrance->obstacle)) : Value();
}

/// The members {fault, obstacle, said_by, reason} of a connection; null and empty where it is good.
template <class Reply>
void set_outcome(const rulebook::Rulebook& rulebook, const Reply& reply, Value& value) {
  set_fault(value, reply.fault, reason_words(rulebook, reply.hindrance, Language::en));
  value.set("obstacle", obstacle_value(reply.hindrance));
  const bool named = reply.hindrance && reply.hindrance->said_by;
  value.set("said_by", named ? Value(reply.hindrance->said_by->to_string()) : Value());
}

template <class Reply>
void set_data(const rulebook::Rulebook& rulebook, const Reply& reply, Value& data) {
  set_fault(data, reply.fault, "");
  data.set("reason", reason_words(rulebook, reply.hindrance));
}

/// Once for all addresses: the reason is ours. False: `fault` is another one.
bool said_not_tried(net::Fault fault, const HostTarget& target, LookupReport& report) {
  if (!was_not_tried(fault)) return false;
  const bool said =
      std::any_of(report.findings.begin(), report.findings.end(),
                  [](const Finding& finding) { return finding.id == "lookup.not-tried"; });
  if (!said)
    set_fault(add_lookup_finding(report, "lookup.not-tried", Severity::unknown, target).data, fault,
              "");
  return true;
}

/// "refused" is what the other side says; a time-out may as well be a firewall on our side.
void judge_connection(const Context& context, const HostTarget& target, const IpAddress& address,
                      const net::TcpReply& reply, bool others_open, LookupReport& report) {
  if (reply.fault == net::Fault::none) return;
  if (said_not_tried(reply.fault, target, report)) return;
  const bool refused = reply.fault == net::Fault::refused || reply.fault == net::Fault::closed;
  const Severity severity =
      !refused ? Severity::unknown : (others_open ? Severity::warning : Severity::critical);
  const auto* id = refused ? "lookup.tcp-refused" : "lookup.tcp-unknown";
  Finding& finding = add_lookup_finding(report, id, severity, target);
  finding.data.set("address", address.to_string()).set("port", target.port);
  set_data(context.rulebook, reply, finding.data);
}

Value connection_value(const Context& context, const IpAddress& address,
                       const net::TcpReply& reply) {
  const bool open = reply.fault == net::Fault::none;
  auto value = Value::object({{"address", address.to_string()}, {"connected", open}});
  set_outcome(context.rulebook, reply, value);
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

Value ping_value(const Context& context, const IpAddress& address, const net::PingReply& reply) {
  const EchoTimes times(reply);
  auto value = Value::object({{"address", address.to_string()},
                              {"sent", reply.times.size()},
                              {"received", times.ms.size()}});
  set_outcome(context.rulebook, reply, value);
  Value each = Value::array();
  for (const auto& time : reply.times) each.push(time ? Value(milliseconds(*time)) : Value());
  value.set("times_ms", std::move(each));
  if (times.ms.empty()) return value;
  value.set("min_ms", *std::min_element(times.ms.begin(), times.ms.end()));
  value.set("avg_ms", times.average());
  value.set("max_ms", *std::max_element(times.ms.begin(), times.ms.end()));
  return value;
}

void judge_ping(const Context& context, const HostTarget& target, const IpAddress& address,
                const net::PingReply& reply, LookupReport& report) {
  if (said_not_tried(reply.fault, target, report)) return;
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
  set_data(context.rulebook, reply, finding.data);
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
    list.push(connection_value(context, found.addresses[i], replies[i]));
    judge_connection(context, target, found.addresses[i], replies[i], open > 0, report);
  }
  report.result.set("addresses", std::move(list));
  if (open == std::ssize(replies) && open > 0)
    add_lookup_finding(report, "lookup.tcp-open", Severity::ok, target)
        .data.set("port", target.port)
        .set("count", open);
  add_evidence(found, report);
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
    list.push(ping_value(context, found.addresses[i], replies[i]));
    judge_ping(context, target, found.addresses[i], replies[i], report);
  }
  report.result.set("addresses", std::move(list));
  add_evidence(found, report);
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

/// What a hop says; that the hop says it is told by its address.
std::string note_of(const Context& context, const net::TraceHop& hop, Language language) {
  auto hindrance = hop.hindrance;
  if (hindrance) hindrance->said_by.reset();
  return reason_words(context.rulebook, hindrance, language);
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
                             {"obstacle", obstacle_value(hop.hindrance)},
                             {"note", note_of(context, hop, Language::en)}}));
  }
  co_return list;
}

void judge_trace(const Context& context, const HostTarget& target, const IpAddress& address,
                 const net::TraceReply& reply, LookupReport& report) {
  if (said_not_tried(reply.fault, target, report)) return;
  const auto& hops = reply.hops;
  const bool arrived = !hops.empty() && hops.back().target;
  const char* id = arrived ? "lookup.trace-arrived" : "lookup.trace-ended";
  if (reply.fault != net::Fault::none) {
    id = "lookup.trace-failed";
  } else if (!arrived && !hops.empty() && hops.back().hindrance) {
    id = "lookup.trace-refused";
  }
  const auto severity = arrived ? Severity::ok : Severity::unknown;
  Finding& finding = add_lookup_finding(report, id, severity, target);
  const bool seen = !hops.empty() && hops.back().address;
  finding.data.set("address", address.to_string())
      .set("hops", hops.size())
      .set("last", seen ? hops.back().address->to_string() : "-")
      .set("note", hops.empty() || !hops.back().hindrance
                       ? Value("")
                       : Value::object({{"en", note_of(context, hops.back(), Language::en)},
                                        {"ko", note_of(context, hops.back(), Language::ko)}}));
  set_data(context.rulebook, reply, finding.data);
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
    set_outcome(context.rulebook, reply, route);
    route.set("hops", std::move(hops));
    list.push(std::move(route));
    judge_trace(context, target, end, reply, report);
  }
  report.result.set("routes", std::move(list));
  add_evidence(found, report);
  co_return report;
}

}  // namespace maildiag::checks
