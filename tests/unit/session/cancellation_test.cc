// Each case is cancelled by a server at the moment when it hears the question that it never
// answers, so that nothing depends on the machine's speed; without the cancellation each would wait
// a minute.
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <maildiag/cancellation.h>
#include <maildiag/session.h>

#include "support/fake_dns_server.h"
#include "support/temporary_file.h"

using namespace maildiag;

namespace {

/// Answers from a zone; what it is asked about `silent` it cancels.
class SilentServer {
 public:
  SilentServer(const std::string& zone, const std::string& silent, Cancellation cancellation)
      : zone_(zone),
        silent_(*DomainName::parse(silent)),
        cancellation_(std::move(cancellation)),
        server_([this](const test::FakeQuery& query) { return reply(query); }) {}

  std::string address() const { return server_.address().to_string(); }
  std::size_t count() const { return server_.queries().size(); }

 private:
  test::FakeReply reply(const test::FakeQuery& query) {
    if (query.question.name != silent_) return zone_.reply_to(query);
    cancellation_.request();
    return test::FakeReply::drop();
  }

  test::FakeZone zone_;
  DomainName silent_;
  Cancellation cancellation_;
  test::FakeDnsServer server_;
};

/// What a call said.
struct Heard {
  std::vector<Report> reports;
  std::vector<Error> errors;
  ReportSink sink() {
    return [this](const Report& report) { return reports.push_back(report), true; };
  }
  ErrorSink error_sink() {
    return [this](const Error& error) { errors.push_back(error); };
  }
  bool was_cancelled() const {
    return errors.size() == 1 && errors.front().code == ErrorCode::cancelled;
  }
};

Session open_at(const std::string& server, const Cancellation& cancellation) {
  SessionOptions options;
  options.nameservers = {server};
  options.timeout = 60;
  options.tries = 1;
  options.cancellation = cancellation;
  auto opened = Session::open(std::move(options));
  REQUIRE(std::holds_alternative<Session>(opened));
  return std::get<Session>(std::move(opened));
}

constexpr const char* zone = R"(
fast.example  TXT  "v=spf1 -all"
slow.example  TXT  "v=spf1 include:a.example -all"
a.example     TXT  "v=spf1 include:b.example -all"
b.example     TXT  "v=spf1 include:never.example -all"
)";

}  // namespace

TEST_CASE("what is complete is reported, what is not is told as cancelled") {
  Cancellation cancellation;
  const SilentServer server(zone, "never.example", cancellation);
  auto session = open_at(server.address(), cancellation);
  Heard heard;
  session.spfcheck({"fast.example", "slow.example"}, {}, heard.sink(), heard.error_sink());
  REQUIRE(heard.reports.size() == 1);
  CHECK(heard.reports.front().target == "fast.example");
  REQUIRE(heard.was_cancelled());
  CHECK(heard.errors.front().message == "cancelled: 1 of 2 targets were not finished");

  SUBCASE("no question leaves a session that is cancelled") {
    const auto before = server.count();
    Heard more;
    session.spfcheck({"other.example"}, {}, more.sink(), more.error_sink());
    session.mxcheck({"other.example"}, {}, more.sink(), more.error_sink());
    CHECK(more.reports.empty());
    CHECK(more.errors.size() == 2);
    CHECK(server.count() == before);
  }
  SUBCASE("after reset() the session is as good as new") {
    cancellation.reset();
    Heard again;
    session.spfcheck({"fast.example", "none.example"}, {}, again.sink(), again.error_sink());
    CHECK(again.reports.size() == 2);
    CHECK(again.errors.empty());
  }
}

TEST_CASE("explain tells what the bounce says where its checks are cancelled") {
  Cancellation cancellation;
  const SilentServer server(zone, "25.113.0.203.in-addr.arpa", cancellation);
  auto session = open_at(server.address(), cancellation);
  ExplainOptions options;
  options.replies = {"550 5.7.25 The IP address sending this message does not have a PTR record"};
  options.ip = "203.0.113.25";
  options.passive = true;
  SUBCASE("as a report") {
    Heard heard;
    session.explain(options, heard.sink(), heard.error_sink());
    REQUIRE(heard.reports.size() == 1);
    const auto& report = heard.reports.front();
    CHECK(report.result["cause"].as_string() == "ptr-missing");
    CHECK(report.result["verdict"].as_string() == "inconclusive");
    CHECK(report.result["checked"].is_null());
    CHECK(report.status == Severity::unknown);
    REQUIRE(heard.was_cancelled());
    CHECK(heard.errors.front().message == "cancelled: failures that were not checked: 1");
  }
  SUBCASE("as a summary") {
    options.summary = true;
    options.replies.push_back(options.replies.front());
    Heard heard;
    session.explain(options, heard.sink(), heard.error_sink());
    REQUIRE(heard.reports.size() == 1);
    CHECK(heard.reports.front().schema == summary_schema);
    CHECK(heard.reports.front().result["failures"].as_integer() == 2);
    CHECK(heard.was_cancelled());
  }
}

TEST_CASE("a sweep of lists ends") {
  Cancellation cancellation;
  const SilentServer server("2.0.0.127.bl.example A 127.0.0.2\n", "7.2.0.192.bl.example",
                            cancellation);
  auto session = open_at(server.address(), cancellation);
  DnsblCheckOptions options;
  options.lists = {"bl.example"};
  options.self_test = "never";
  Heard heard;
  session.rblcheck({"192.0.2.7"}, options, heard.sink(), heard.error_sink());
  CHECK(heard.reports.empty());
  CHECK(heard.was_cancelled());
}

TEST_CASE("a sweep ends also where every answer is there at once") {
  const test::TemporaryFile file("$TTL 60\nbl.example. SOA ns root 1 1 1 1 60\n");
  SessionOptions session_options;
  session_options.zone_files = {file.path()};
  auto cancellation = session_options.cancellation;
  auto opened = Session::open(std::move(session_options));
  REQUIRE(std::holds_alternative<Session>(opened));
  DnsblCheckOptions options;
  options.lists = {"bl.example"};
  options.self_test = "never";
  Heard heard;
  std::get<Session>(opened).rblcheck(
      {"192.0.0.0/16"}, options,
      [&](const Report& report) { return cancellation.request(), heard.sink()(report); },
      heard.error_sink());
  CHECK(heard.reports.size() >= 1);
  CHECK(heard.reports.size() < 65536);
  CHECK(heard.was_cancelled());
}

TEST_CASE("a dialogue with a silent mail server ends") {
  Cancellation cancellation;
  asio::io_context loop;
  asio::ip::tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
  asio::ip::tcp::socket connection(loop);
  std::thread server([&] {
    acceptor.accept(connection);
    cancellation.request();
  });
  auto session = open_at("127.0.0.1#1", cancellation);
  Heard heard;
  const auto target = fmt::format("127.0.0.1:{}", acceptor.local_endpoint().port());
  session.smtpcheck({target}, {}, heard.sink(), heard.error_sink());
  server.join();
  CHECK(heard.reports.empty());
  CHECK(heard.was_cancelled());
}

TEST_CASE("copies are the same switch, in options and out of them") {
  SessionOptions options;
  auto mine = options.cancellation;
  const SessionOptions copied = options;
  CHECK_FALSE(copied.cancellation.requested());
  mine.request();
  CHECK(copied.cancellation.requested());
  mine.reset();
  CHECK_FALSE(options.cancellation.requested());
}
