#include <doctest/doctest.h>

#include "core/task.h"
#include "dns/backends.h"
#include "support/fake_dns_server.h"

using namespace maildiag;
using namespace maildiag::dns;
using maildiag::test::FakeDnsServer;
using maildiag::test::FakeQuery;
using maildiag::test::FakeReply;
using maildiag::test::FakeZone;

namespace {

using std::chrono::milliseconds;

DomainName name(std::string_view text) { return DomainName::parse(text).value(); }

NetworkOptions fast_options(std::vector<ServerAddress> servers) {
  NetworkOptions options;
  options.servers = std::move(servers);
  options.timeout = milliseconds(60);
  options.tries = 2;
  return options;
}

Answer ask(const NetworkOptions& options, std::string_view text, RecordType type) {
  const auto backend = make_network_backend(options);
  Answer answer;
  auto work = [&]() -> Task<void> {
    Question question{name(text), type};
    answer = co_await backend->ask(std::move(question));
  };
  run_task(work());
  return answer;
}

Answer ask(const FakeDnsServer& server, std::string_view text, RecordType type) {
  return ask(fast_options({server.address()}), text, type);
}

}  // namespace

TEST_CASE("an answer has its records, its TTL and its server") {
  const FakeDnsServer server(FakeZone("example.com MX 10 mx1.example.com.\n"
                                      "example.com MX 20 mx2.example.com."));
  const auto answer = ask(server, "example.com", RecordType::mx);
  CHECK(answer.outcome == Outcome::answer);
  CHECK(answer.rcode == 0);
  REQUIRE(answer.records.size() == 2);
  CHECK(rdata_text(answer.records[0]) == "10 mx1.example.com");
  CHECK(rdata_text(answer.records[1]) == "20 mx2.example.com");
  CHECK(answer.ttl == 300);
  CHECK(answer.server == server.address().to_string());
  CHECK(answer.question == Question{name("example.com"), RecordType::mx});
  CHECK(answer.elapsed.count() > 0);
}
