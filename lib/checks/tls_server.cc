#include "checks/tls_server.h"

#include <utility>

#include <fmt/format.h>

#include "checks/smtp_extensions.h"
#include "checks/smtp_reply.h"

namespace maildiag::checks {

namespace {

constexpr int ready_code = 220;
/// A handshake costs some 2 ms of processor: more at once only wait for each other.
constexpr std::size_t max_parallel_servers = 20;

/// RFC 3207 section 4: what became of STARTTLS in a dialogue without TLS facts.
TlsState state_of(const net::SmtpTalk& talk) {
  using net::Fault;
  using net::SmtpStage;
  if (talk.tls) return TlsState::secured;
  if (talk.fault == Fault::offline) return TlsState::untried;
  constexpr int class_of_code = 100;
  if (talk.ehlo.code / class_of_code != 2) return TlsState::unknown;
  if (!read_extensions(talk.ehlo).has("STARTTLS")) return TlsState::no_starttls;
  if (talk.starttls.came() && talk.starttls.code != ready_code) return TlsState::refused;
  const bool broken = talk.fault == Fault::handshake || talk.fault == Fault::protocol ||
                      talk.fault == Fault::certificate || talk.fault == Fault::closed;
  return talk.stage == SmtpStage::handshake && broken ? TlsState::failed : TlsState::unknown;
}

/// The words of the server where it said why, else those of the transport.
std::string reason_of(const net::SmtpTalk& talk, TlsState state) {
  if (state == TlsState::secured || state == TlsState::no_starttls) return {};
  if (state == TlsState::refused) return reply_text(talk.starttls);
  if (!talk.reason.empty()) return talk.reason;
  if (!talk.garbage.empty()) return talk.garbage;
  for (const auto* reply : {&talk.ehlo, &talk.greeting}) {
    if (reply->came()) return reply_text(*reply);
  }
  return std::string(net::to_string(talk.fault));
}

}  // namespace

std::string_view to_string(TlsState state) {
  switch (state) {
    case TlsState::untried:
      return "untried";
    case TlsState::unknown:
      return "unknown";
    case TlsState::no_starttls:
      return "no-starttls";
    case TlsState::refused:
      return "refused";
    case TlsState::failed:
      return "failed";
    case TlsState::secured:
      break;
  }
  return "secured";
}

std::string TlsServer::text() const {
  return fmt::format("{}[{}]", host.to_string(), address.to_string());
}

Value TlsServer::to_value(WallTime now) const {
  auto value = Value::object({{"host", host.to_string()},
                              {"address", address.to_string()},
                              {"state", to_string(state)},
                              {"reason", reason}});
  if (!talk.tls) return value;
  value.set("version", talk.tls->version);
  value.set("cipher", talk.tls->cipher);
  value.set("verified", unverified() ? Value() : Value(trusted()));
  value.set("verify_text", talk.tls->verify_text);
  if (chain.empty()) return value;
  value.set("name_matches", chain.front().matches(host));
  value.set("certificate", chain.front().to_value(now));
  return value;
}

TlsServer read_server(DomainName host, IpAddress address, net::SmtpTalk talk) {
  TlsServer server;
  server.host = std::move(host);
  server.address = address;
  server.state = state_of(talk);
  server.reason = reason_of(talk, server.state);
  if (talk.tls) {
    for (const auto& der : talk.tls->chain) {
      auto certificate = Certificate::from_der(der);
      if (!certificate) break;
      server.chain.push_back(std::move(*certificate));
    }
  }
  server.talk = std::move(talk);
  return server;
}

Task<std::vector<TlsServer>> talk_to_servers(Context context, Exchangers route, net::Reach reach) {
  std::vector<TlsServer> servers;
  for (const auto& host : route.hosts) {
    for (const auto& address : host.addresses) {
      if (servers.size() == max_tls_servers) break;
      TlsServer server;
      server.host = host.name;
      server.address = address.unmapped();
      servers.push_back(std::move(server));
    }
  }
  if (context.network == nullptr) co_return servers;
  // Named: g++ 12 destroys the captures of a temporary inside a co_await expression twice.
  const auto talk_to = [&](std::size_t index) -> Task<void> {
    net::SmtpRequest request;
    request.address = servers[index].address;
    request.host = servers[index].host.key();
    request.reach = reach;
    auto talk = co_await context.network->talk(std::move(request));
    servers[index] = read_server(servers[index].host, servers[index].address, std::move(talk));
  };
  co_await for_each_index(servers.size(), max_parallel_servers, talk_to);
  co_return servers;
}

}  // namespace maildiag::checks
