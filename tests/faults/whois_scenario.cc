#include <functional>
#include <memory>
#include <utility>

#include "checks/whois.h"
#include "checks/whois_access.h"
#include "checks/whois_fetch.h"
#include "faults/stage.h"
#include "faults/talk_fault.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::faults {
namespace {

using checks::whois::WhoisOutcome;
using std::chrono::milliseconds;

constexpr const char* whois_host = "whois.verisign-grs.com";

/// Of RDAP first, and of port 43 where that told nothing. nullopt: nobody can say.
struct Expected {
  bool unclear = false;
  std::optional<WhoisOutcome> told{};
};

Expected expect(const RegistryPlay& rdap, bool trusted, const RegistryPlay& port43) {
  if (trusted && rdap.unclear) return {true};
  if (trusted && rdap.told) return {false, rdap.told};
  return {port43.unclear, port43.told};
}

void judge(Stage& stage, const checks::WhoisReport& report, const Expected& expected) {
  const bool tells = report.outcome == WhoisOutcome::found ||
                     report.outcome == WhoisOutcome::not_found ||
                     report.outcome == WhoisOutcome::rate_limited;
  if (tells) ++stage.end.ledger.definite;
  const auto outcome = std::string(to_string(report.outcome));
  if (expected.told) {
    stage.require(report.outcome == *expected.told,
                  outcome + " instead of " + std::string(to_string(*expected.told)));
  } else if (!expected.unclear) {
    stage.require(!tells, outcome + ", and nobody says so");
  }
  stage.require(report.findings.size() >= 1, "nothing is said");
  stage.require_clean(report.findings);
}

}  // namespace

void play_whois(Stage& stage) {
  const auto play = whois_play(
      stage.dice, "domain: example.com\r\n" + std::string(stage.dice.below(5000), 'w') + "\r\n");
  stage.end.title = "whois, " + play.name;
  HostileTcp server(stage.loop, {play.script}, nullptr);
  const auto network = net::make_network(stage.options);
  net::WhoisRequest request;
  request.server = "whois.test";
  request.addresses = {*IpAddress::parse("127.0.0.1")};
  request.port = server.port();
  request.question = "example.com";
  net::WhoisReply reply;
  std::function<Task<void>()> body = [&]() -> Task<void> {
    reply = co_await network->whois(request);
  };
  constexpr milliseconds margin{1500};
  stage.play_out(body(), request.timeout + margin);
  const bool well = reply.fault == net::Fault::none;
  if (well) ++stage.end.ledger.definite;
  if (play.outcome == Outcome::whole) {
    stage.require(well && reply.text == play.body, reply.reason);
  }
  if (play.outcome == Outcome::cut) {
    stage.require(reply.fault == net::Fault::closed || reply.fault == net::Fault::timeout,
                  "cut, and it came to " + std::string(to_string(reply.fault)));
  }
  if (play.outcome == Outcome::broken) stage.require(!well, "nothing is said to be wrong");
  if (play.fault) stage.require(reply.fault == *play.fault, reply.reason);
  stage.require(reply.text.size() <= net::max_whois, "the text is too large");
  stage.require_clean(reply.reason, "the reason");
}

void play_registry(Stage& stage) {
  auto rdap = rdap_play(stage.dice, rdap_host);
  const auto port43 = port43_play(stage.dice, whois_host);
  const auto& certificate = stage.any_certificate();
  const bool trusted = &certificate == &certificates().good;
  stage.end.title = "registry, " + (trusted ? rdap.name : "no trusted TLS") + ", " + port43.name;
  for (auto& script : rdap.scripts) script.insert(script.begin(), {Step::Kind::handshake, ""});
  HostileTcp web(stage.loop, rdap.scripts, &certificate);
  HostileTcp lines(stage.loop, port43.scripts, nullptr);
  const auto records = std::make_shared<test::MemoryBackend>();
  const auto lead = [&](const std::string& name, const char* port, const HostileTcp& server) {
    records->add_address(name, "198.41.0.4");
    stage.options.connect_to.push_back(
        *net::ConnectTo::parse(name + ":" + port + ":127.0.0.1:" + std::to_string(server.port())));
  };
  lead(rdap_host, "443", web);
  for (const auto* name : {whois_host, "one.test", "two.test", "three.test"}) {
    lead(name, "43", lines);
  }
  records->add_address("inside.test", "127.0.0.1");
  const auto network = net::make_network(stage.options);
  dns::Resolver resolver(records);
  checks::WhoisAccess access;
  checks::WhoisReport report;
  std::function<Task<void>()> body = [&]() -> Task<void> {
    const checks::Context context{resolver, test::shipped_rulebook(), nullptr, network.get(),
                                  &access};
    report = co_await checks::check_whois(context, test::raw_name("example.com"),
                                          std::chrono::system_clock::now());
  };
  constexpr milliseconds longest{2 * 15'000 + 1500};
  stage.play_out(body(), longest);
  judge(stage, report, expect(rdap, trusted, port43));
  stage.require(web.connections() <= 1 + checks::whois::max_redirects,
                std::to_string(web.connections()) + " connections to RDAP");
  stage.require(lines.connections() <= checks::whois::max_servers,
                std::to_string(lines.connections()) + " connections to port 43");
  if (!trusted) stage.require(web.heard().empty(), "a stranger was told what is asked");
}

}  // namespace maildiag::faults
