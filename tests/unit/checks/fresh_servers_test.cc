#include "checks/fresh_servers.h"

#include <doctest/doctest.h>

#include "support/check_context.h"
#include "support/memory_backend.h"

using namespace maildiag;
using test::MemoryBackend;

namespace {

void add_ns(MemoryBackend& backend, std::string_view zone, std::string_view host) {
  backend.add(test::raw_name(zone), dns::RecordType::ns, dns::NameData{test::raw_name(host)});
}

struct Found {
  std::vector<checks::ListRoute> routes;
  std::vector<std::string> servers;  // of all lists, in the order in which they were made
};

Found find(std::shared_ptr<MemoryBackend> backend, const std::vector<std::string>& zones) {
  const checks::ListChoice choice(test::shipped_rulebook(), nullptr, zones);
  Found found;
  checks::MakeResolver make = [&](const std::vector<dns::ServerAddress>& servers) {
    for (const auto& server : servers) found.servers.push_back(server.to_string());
    return std::make_shared<dns::Resolver>(backend);
  };
  const std::function<Task<std::vector<checks::ListRoute>>(checks::Context)> run =
      [&](checks::Context context) { return checks::find_list_servers(context, choice, make); };
  found.routes = test::run_check<std::vector<checks::ListRoute>>(backend, run);
  return found;
}

}  // namespace

TEST_CASE("the servers of the list's zone, or of the one above it; IPv4 first") {
  auto backend = std::make_shared<MemoryBackend>();
  add_ns(*backend, "example.org", "ns.example.net");
  backend->add_address("ns.example.net", "2001:db8::53");
  backend->add_address("ns.example.net", "192.0.2.53");
  const auto found = find(backend, {"zen.example.org"});
  REQUIRE_FALSE(found.routes.empty());
  CHECK(found.routes[0].resolver != nullptr);
  CHECK(found.servers[0] == "192.0.2.53#53");
  CHECK(found.servers[1] == "2001:db8::53#53");
}

TEST_CASE("without servers, or without an answer, the list is undecided") {
  auto backend = std::make_shared<MemoryBackend>();
  add_ns(*backend, "hollow.example", "nowhere.example");
  backend->fail("dead.example", dns::Outcome::servfail);
  const auto fault = [&](const char* zone) {
    const auto found = find(backend, {zone});
    REQUIRE(found.routes[0].fault.has_value());
    CHECK(found.routes[0].fault->kind == checks::SelfTestVerdict::Kind::unanswered);
    return found.routes[0].fault->reason;
  };
  CHECK(fault("hollow.example") == "dnsbl.reason.no-servers");
  CHECK(fault("none.example") == "dnsbl.reason.no-servers");
  CHECK(fault("dead.example") == "dnsbl.reason.servfail");
}
