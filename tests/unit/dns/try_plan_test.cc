#include "dns/try_plan.h"

#include <doctest/doctest.h>

using namespace maildiag::dns;
using std::chrono::milliseconds;

namespace {

Servers servers_named(const std::vector<std::string>& names) {
  Servers servers;
  for (const auto& name : names) servers.push_back(Server{{}, name});
  return servers;
}

NetworkOptions options_with(unsigned tries) {
  NetworkOptions options;
  options.timeout = milliseconds(1000);
  options.tries = tries;
  return options;
}

const Failure silence{Outcome::timeout, -1, "no answer in time"};

}  // namespace

TEST_CASE("tries wait longer and longer; the last is slow and without EDNS") {
  const auto servers = servers_named({"a"});
  TryPlan plan;
  std::vector<milliseconds> waits;
  while (const auto next = plan.next(servers, options_with(3))) {
    CHECK(next->edns == (waits.size() < 3));
    waits.push_back(next->timeout);
    plan.spend(servers[0], silence);
  }
  CHECK(waits == std::vector{milliseconds(1000), milliseconds(1500), milliseconds(2000),
                             milliseconds(3000)});
  CHECK(plan.verdict().outcome == Outcome::timeout);
  CHECK(plan.detail() == "a: no answer in time");
}

TEST_CASE("tries go round the servers") {
  const auto servers = servers_named({"a", "b", "c"});
  TryPlan plan;
  std::vector<std::size_t> asked;
  while (const auto next = plan.next(servers, options_with(4))) {
    asked.push_back(next->server);
    plan.spend(servers[next->server], silence);
  }
  CHECK(asked == std::vector<std::size_t>{0, 1, 2, 0, 1});
}

TEST_CASE("servers that have kept silent come last, one loss is forgiven") {
  auto servers = servers_named({"a", "b", "c"});
  servers[0].failures = 5;
  servers[1].failures = 1;
  servers[2].failures = 9;
  TryPlan plan;
  std::vector<std::size_t> asked;
  while (const auto next = plan.next(servers, options_with(2))) {
    asked.push_back(next->server);
    plan.spend(servers[next->server], silence);
  }
  CHECK(asked == std::vector<std::size_t>{1, 0, 2});
}

TEST_CASE("a server that failed is not asked again, and costs no try") {
  const auto servers = servers_named({"a", "b", "c", "d"});
  TryPlan plan;
  std::vector<std::size_t> asked;
  while (const auto next = plan.next(servers, options_with(1))) {
    asked.push_back(next->server);
    plan.exclude(next->server, servers[next->server], Failure{Outcome::refused, 5, "REFUSED"});
  }
  CHECK(asked == std::vector<std::size_t>{0, 1, 2, 3});
  CHECK(plan.verdict().outcome == Outcome::refused);
  CHECK(plan.detail() == "a: REFUSED; b: REFUSED; c: REFUSED; d: REFUSED");
}

TEST_CASE("the verdict is the failure that says most, in whatever order they come") {
  const auto servers = servers_named({"a", "b", "c"});
  const Failure gone{Outcome::network_error, -1, "Connection refused"};
  const Failure servfail{Outcome::servfail, 2, "SERVFAIL"};
  TryPlan forwards;
  forwards.exclude(0, servers[0], servfail);
  forwards.spend(servers[1], silence);
  forwards.exclude(2, servers[2], gone);
  CHECK(forwards.verdict().outcome == Outcome::servfail);
  CHECK(forwards.verdict().rcode == 2);
  TryPlan backwards;
  backwards.exclude(2, servers[2], gone);
  CHECK(backwards.verdict().outcome == Outcome::network_error);
  backwards.spend(servers[1], silence);
  CHECK(backwards.verdict().outcome == Outcome::timeout);
  backwards.exclude(0, servers[0], servfail);
  CHECK(backwards.verdict().outcome == Outcome::servfail);
}

TEST_CASE("without servers there is nobody to ask") {
  TryPlan plan;
  CHECK_FALSE(plan.next({}, options_with(3)).has_value());
  CHECK(plan.verdict().outcome == Outcome::network_error);
  CHECK_FALSE(plan.verdict().reason.empty());
}
