// What servers do to who asks a DNS list: the right state in each case, whichever way it is asked.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "checks/dnsbl.h"
#include "checks/dnsbl_sweep.h"
#include "dns/backends.h"
#include "support/check_context.h"
#include "support/fake_dns_server.h"
#include "support/memory_backend.h"

using namespace maildiag;
using checks::ListState;
using test::FakeDnsServer;
using test::FakeQuery;
using test::FakeReply;

namespace {

constexpr const char* zone = "bl.example";
constexpr const char* target = "203.0.113.7";
const std::string question = "7.113.0.203.bl.example";
const std::string listed_test = "2.0.0.127.bl.example";
const std::string clean_test = "1.0.0.127.bl.example";

FakeReply no() {
  return FakeReply(3).soa(zone);
}
FakeReply yes(const FakeQuery& query, const std::string& address = "127.0.0.2") {
  return FakeReply().answer(query.question.name.to_string(), dns::RecordType::a, address);
}

/// A list in order: its test entry, and `trap` about the target.
FakeDnsServer::Handler around(std::function<FakeReply(const FakeQuery&)> trap) {
  return [trap = std::move(trap)](const FakeQuery& query) {
    const auto name = query.question.name.key();
    if (name == question) return trap(query);
    return name == listed_test && query.question.type == dns::RecordType::a ? yes(query) : no();
  };
}

std::shared_ptr<dns::Backend> backend_of(const FakeDnsServer& server) {
  dns::NetworkOptions options;
  options.servers = {server.address()};
  options.timeout = std::chrono::milliseconds(150);
  options.tries = 2;
  return dns::make_network_backend(options);
}

checks::DnsblOptions options() {
  checks::DnsblOptions result;
  result.only = {zone};
  return result;
}

checks::ListResult one_result(checks::DnsblResult result) {
  REQUIRE(result.lists.size() == 1);
  return std::move(result.lists[0]);
}

checks::ListResult by_check(const FakeDnsServer& server, const std::string& ip) {
  const std::function<Task<checks::DnsblResult>(checks::Context)> run =
      [&](checks::Context context) {
        return checks::check_dnsbl(context, *IpAddress::parse(ip), options());
      };
  return one_result(test::run_check<checks::DnsblResult>(backend_of(server), run));
}

checks::ListResult by_sweep(const FakeDnsServer& server, const std::string& ip) {
  const auto choice =
      std::make_shared<checks::ListChoice>(test::shipped_rulebook(), nullptr, options().only);
  std::vector<checks::SweepInput> inputs{{ip, *IpAddress::parse(ip)}};
  std::vector<checks::DnsblResult> results;
  checks::SweepCalls calls;
  calls.input = [&inputs]() -> std::optional<checks::SweepInput> {
    if (inputs.empty()) return std::nullopt;
    auto input = std::move(inputs.back());
    inputs.pop_back();
    return input;
  };
  calls.output = [&results](checks::SweepItem item) {
    results.push_back(std::move(item.result));
    return true;
  };
  const std::function<Task<checks::SweepEnd>(checks::Context)> run = [&](checks::Context context) {
    return checks::sweep_lists(context, options(), choice, {}, calls);
  };
  CHECK(test::run_check<checks::SweepEnd>(backend_of(server), run).complete);
  REQUIRE(results.size() == 1);
  return one_result(std::move(results[0]));
}

/// The state that both ways of asking find.
ListState state_of(FakeDnsServer& server, const std::string& ip = target) {
  const auto checked = by_check(server, ip);
  const auto swept = by_sweep(server, ip);
  CHECK(checked.state == swept.state);
  CHECK(checked.codes == swept.codes);
  CHECK(checked.reason == swept.reason);
  return checked.state;
}

ListState state_of(FakeDnsServer::Handler handler) {
  FakeDnsServer server(std::move(handler));
  return state_of(server);
}

ListState trapped(std::function<FakeReply(const FakeQuery&)> trap) {
  return state_of(around(std::move(trap)));
}

}  // namespace

TEST_CASE("an honest list: listed, not listed, NODATA is no listing") {
  CHECK(trapped([](const FakeQuery& query) { return yes(query); }) == ListState::listed);
  CHECK(trapped([](const FakeQuery&) { return no(); }) == ListState::not_listed);
  CHECK(trapped([](const FakeQuery&) { return FakeReply().soa(zone); }) == ListState::not_listed);
}

TEST_CASE("no answer is no answer: time-out, SERVFAIL, REFUSED") {
  CHECK(trapped([](const FakeQuery&) { return FakeReply::drop(); }) == ListState::error);
  CHECK(trapped([](const FakeQuery&) { return FakeReply(2); }) == ListState::error);
  CHECK(trapped([](const FakeQuery&) { return FakeReply(5); }) == ListState::error);
}

TEST_CASE("late and lost answers are waited for") {
  using std::chrono::milliseconds;
  // Behind the first try, ahead of the last one.
  CHECK(trapped([](const FakeQuery& query) { return yes(query).delay(milliseconds(200)); }) ==
        ListState::listed);
  CHECK(trapped([](const FakeQuery&) { return no().delay(milliseconds(200)); }) ==
        ListState::not_listed);
  CHECK(trapped([](const FakeQuery& query) {
          return query.earlier == 0 ? FakeReply::drop() : yes(query);
        }) == ListState::listed);
  CHECK(trapped([](const FakeQuery& query) {
          return query.earlier == 0 ? FakeReply::drop() : no();
        }) == ListState::not_listed);
}

TEST_CASE("a truncated answer is asked for over TCP") {
  CHECK(trapped([](const FakeQuery& query) {
          return query.tcp ? yes(query) : FakeReply().truncated();
        }) == ListState::listed);
}

TEST_CASE("a CNAME is followed, and every address is shown") {
  CHECK(trapped([](const FakeQuery& query) {
          return FakeReply()
              .answer(question, dns::RecordType::cname, "listed.bl.example.")
              .answer("listed.bl.example", query.question.type,
                      query.question.type == dns::RecordType::a ? "127.0.0.3" : "\"why\"");
        }) == ListState::listed);
  FakeDnsServer server(around([](const FakeQuery& query) {
    return query.question.type == dns::RecordType::txt
               ? no()
               : yes(query).answer(question, dns::RecordType::a, "127.0.0.10");
  }));
  CHECK(state_of(server) == ListState::listed);
  CHECK(by_sweep(server, target).codes.size() == 2);
}

TEST_CASE("forged answers are ignored: another id, another question") {
  CHECK(trapped([](const FakeQuery& query) { return yes(query).forge_id(); }) == ListState::error);
  CHECK(trapped([](const FakeQuery& query) {
          return yes(query).forge_question("8.113.0.203.bl.example");
        }) == ListState::error);
  // The true answer comes behind them.
  CHECK(trapped([](const FakeQuery& query) { return no().after(yes(query).forge_id()); }) ==
        ListState::not_listed);
  CHECK(trapped([](const FakeQuery& query) {
          return no().after(yes(query).forge_question("8.113.0.203.bl.example"));
        }) == ListState::not_listed);
}

TEST_CASE("error codes are refusals, whatever they look like") {
  for (const char* code : {"127.255.255.252", "127.255.255.254", "127.255.255.255"}) {
    CHECK(trapped([code](const FakeQuery& query) { return yes(query, code); }) ==
          ListState::blocked);
    // Together with a listing, too.
    CHECK(trapped([code](const FakeQuery& query) {
            return yes(query).answer(question, dns::RecordType::a, code);
          }) == ListState::blocked);
    // Already for the test entry.
    CHECK(state_of([code](const FakeQuery& query) { return yes(query, code); }) ==
          ListState::blocked);
  }
}

TEST_CASE("hijacked: a resolver that turns NXDOMAIN into an address of its own") {
  CHECK(trapped([](const FakeQuery& query) { return yes(query, "203.0.113.80"); }) ==
        ListState::broken);
  CHECK(state_of([](const FakeQuery& query) {
          return query.question.name.key() == listed_test ? yes(query) : yes(query, "203.0.113.80");
        }) == ListState::broken);
}

TEST_CASE("lists that are no lists any more: wildcarded, parked, emptied") {
  CHECK(state_of([](const FakeQuery& query) { return yes(query); }) == ListState::broken);
  CHECK(state_of([](const FakeQuery& query) { return yes(query, "203.0.113.80"); }) ==
        ListState::broken);
  CHECK(state_of([](const FakeQuery&) { return no(); }) == ListState::broken);
  CHECK(state_of([](const FakeQuery&) { return FakeReply().soa(zone); }) == ListState::broken);
  // One that lists all but answers for its test entries.
  CHECK(state_of([](const FakeQuery& query) {
          return query.question.name.key() == clean_test ? yes(query, "127.0.0.4") : yes(query);
        }) == ListState::broken);
}

TEST_CASE("a test that gets no answer leaves the list undecided, not clean") {
  CHECK(state_of([](const FakeQuery& query) {
          return query.question.name.key() == listed_test ? FakeReply(2) : no();
        }) == ListState::error);
}

TEST_CASE("IPv4-mapped IPv6 is asked as IPv4; IPv6 by nibbles (RFC 5782 section 2.4)") {
  FakeDnsServer mapped(around([](const FakeQuery& query) { return yes(query); }));
  CHECK(state_of(mapped, "::ffff:203.0.113.7") == ListState::listed);
  for (const auto& query : mapped.queries()) CHECK(query.question.name.label_count() == 6);

  const std::string nibbles =
      "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.bl.example";
  const std::string test6 =
      "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example";
  FakeDnsServer six([&](const FakeQuery& query) {
    const auto name = query.question.name.key();
    return name == nibbles || name == test6 ? yes(query) : no();
  });
  CHECK(state_of(six, "4321:0:1:2:3:4:567:89ab") == ListState::listed);
  CHECK(state_of(six, "4321:0:1:2:3:4:567:89ac") == ListState::not_listed);
}
