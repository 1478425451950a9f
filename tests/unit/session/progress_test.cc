// The one call that waits ends when it was told about once, so that nothing depends on the
// machine's speed.
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <doctest/doctest.h>

#include <maildiag/session.h>

#include "support/fake_dns_server.h"

using namespace maildiag;

namespace {

constexpr const char* zone = R"(
one.example  TXT  "v=spf1 -all"
two.example  TXT  "v=spf1 -all"
)";

}  // namespace

TEST_CASE("what a call counted is not told about the next one") {
  const test::FakeZone known(zone);
  const auto silent = *DomainName::parse("25.113.0.203.in-addr.arpa");
  const test::FakeDnsServer server([&](const test::FakeQuery& query) {
    return query.question.name == silent ? test::FakeReply::drop() : known.reply_to(query);
  });
  std::optional<Progress> told;
  SessionOptions options;
  options.nameservers = {server.address().to_string()};
  options.timeout = 60;
  options.tries = 1;
  options.progress = [&told,
                      cancellation = options.cancellation](const Progress& progress) mutable {
    told = progress;
    cancellation.request();
  };
  auto cancellation = options.cancellation;
  auto opened = Session::open(std::move(options));
  REQUIRE(std::holds_alternative<Session>(opened));
  auto& session = std::get<Session>(opened);
  const auto sink = [](const Report&) { return true; };
  const auto errors = [](const Error&) {};

  session.spfcheck({"one.example", "two.example"}, {}, sink, errors);
  cancellation.reset();
  told.reset();
  ExplainOptions bounce;
  bounce.replies = {"550 5.7.25 The IP address sending this message does not have a PTR record"};
  bounce.ip = "203.0.113.25";
  bounce.passive = true;
  session.explain(bounce, sink, errors);
  REQUIRE(told);
  CHECK(told->done == 0);
  CHECK(told->total == 0);

  cancellation.reset();
  told.reset();
  session.ptrcheck({"203.0.113.25"}, {}, sink, errors);
  REQUIRE(told);
  CHECK(told->total == 1);
}
