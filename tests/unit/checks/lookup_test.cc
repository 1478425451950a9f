#include "checks/lookup.h"

#include <doctest/doctest.h>

#include "support/certificate_maker.h"
#include "support/check_context.h"
#include "support/fake_network.h"
#include "support/memory_backend.h"

using namespace maildiag;
using namespace maildiag::checks;
using namespace maildiag::test;
using namespace std::chrono_literals;

namespace {

using Check = std::function<Task<LookupReport>(Context, HostTarget)>;

struct World {
  std::shared_ptr<MemoryBackend> resolver = std::make_shared<MemoryBackend>();
  FakeNetwork network;

  World() {
    resolver->add_address("mx.example.com", "192.0.2.1");
    resolver->add_address("mx.example.com", "2001:db8::1");
    resolver->add(raw_name("empty.example.com"), dns::RecordType::mx, dns::MxData{});
  }
  LookupReport run(const Check& check, const HostTarget& target) {
    auto report = run_check<LookupReport>(
        resolver, [&](Context context) { return check(context, target); }, &network);
    for (const auto& finding : report.findings) CHECK(text_fault(finding) == "");
    return report;
  }
};

HostTarget host(std::string_view text) {
  return HostTarget::parse_host(text).value();
}

std::string ids(const LookupReport& report) {
  std::string text;
  for (const auto& finding : report.findings) text += (text.empty() ? "" : " ") + finding.id;
  return text;
}

std::string url(std::string_view scheme, std::string_view text) {
  const auto target = HostTarget::parse_url(scheme, text);
  return target ? target->url : "usage";
}

net::TlsFacts tls(const CertificatePlan& plan, long verify_result = 0) {
  net::TlsFacts facts;
  facts.version = "TLSv1.3";
  facts.chain.push_back(MadeCertificate(plan).der());
  facts.verify_result = verify_result;
  if (verify_result != 0) facts.verify_text = "self-signed certificate";
  return facts;
}

CertificatePlan good_plan() {
  const auto now =
      std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  CertificatePlan plan;
  plan.not_before = now - 240h;
  plan.not_after = now + 2400h;
  plan.names = {"DNS:mx.example.com"};
  return plan;
}

}  // namespace

TEST_CASE("targets") {
  CHECK(host("Mail.Example.COM.").host == "Mail.Example.COM");
  CHECK(host("[2001:db8::1]").address == IpAddress::parse("2001:db8::1"));
  CHECK(!HostTarget::parse_host("a b"));
  const auto v6 = HostTarget::parse_host_port("[2001:db8::1]:25");
  REQUIRE(v6);
  CHECK(v6->port == 25);
  CHECK(v6->host == "2001:db8::1");
  for (const auto* wrong : {"mx.example.com", "mx.example.com:", "mx.example.com:0", "::1",
                            "mx.example.com:65536", "mx.example.com:25x", ":25", ""})
    CHECK_MESSAGE(!HostTarget::parse_host_port(wrong), wrong);
}

TEST_CASE("URLs") {
  CHECK(url("https", "example.com") == "https://example.com/");
  CHECK(url("http", "HTTP://example.com:8080/a?b=c#d") == "http://example.com:8080/a?b=c");
  CHECK(url("https", "example.com/?u=http://x.example/") ==
        "https://example.com/?u=http://x.example/");
  CHECK(url("http", "example.com?q") == "http://example.com/?q");
  CHECK(url("https", "https://[2001:db8::1]/x") == "https://[2001:db8::1]/x");
  for (const auto* wrong : {"http://example.com/", "https://user:word@example.com/",
                            "https://example.com/a b", "https:///x", "https://0x7f.1/",
                            "https://example.com:99999/", "https://a/\x1b", "file:///etc/passwd"})
    CHECK_MESSAGE(url("https", wrong) == "usage", wrong);
  CHECK(url("https", "https://example.com/" + std::string(3000, 'x')) == "usage");
}

TEST_CASE("a host without addresses is not connected to") {
  World world;
  CHECK(ids(world.run(look_up_ping, host("none.example.com"))) == "lookup.nxdomain");
  CHECK(ids(world.run(look_up_trace, host("empty.example.com"))) == "lookup.nodata");
  world.resolver->fail("dark.example.com", dns::Outcome::servfail);
  CHECK(ids(world.run(look_up_tcp, host("dark.example.com"))) == "lookup.unknown");
  auto page = HostTarget::parse_url("https", "none.example.com").value();
  const auto report = world.run(look_up_http, page);
  CHECK(ids(report) == "lookup.nxdomain");
  CHECK(report.result["type"].to_text() == "https");
}

TEST_CASE("a kind of addresses that nobody told of is unknown, however well the other is reached") {
  World world;
  world.resolver->add_address("half.example.com", "192.0.2.1");
  world.resolver->silence(raw_name("half.example.com"), {{dns::RecordType::aaaa}});
  world.resolver->add_address("six.example.com", "2001:db8::1");
  world.resolver->silence(raw_name("six.example.com"), {{dns::RecordType::a}});
  world.network.on_connect = [](const net::TcpRequest&) { return net::TcpReply{}; };
  world.network.on_ping = [](const net::PingRequest&) {
    net::PingReply reply;
    reply.times = {1000us};
    return reply;
  };
  world.network.on_trace = [](const net::TraceRequest& request) {
    net::TraceReply reply;
    reply.hops = {{1, request.address, 1000us, true, {}}};
    return reply;
  };
  world.network.on_fetch = [](const net::HttpRequest&) {
    net::HttpReply reply;
    reply.status = 200;
    return reply;
  };
  for (const auto* name : {"half.example.com", "six.example.com"}) {
    auto target = host(name);
    target.port = 25;
    const auto page = HostTarget::parse_url("http", name).value();
    const std::vector<std::pair<LookupReport, std::string>> found{
        {world.run(look_up_tcp, target), "lookup.tcp-open"},
        {world.run(look_up_ping, target), "lookup.ping-answered"},
        {world.run(look_up_trace, target), "lookup.trace-arrived"},
        {world.run(look_up_http, page), "lookup.http-answered"}};
    for (const auto& [report, good] : found) {
      CHECK(ids(report) == "lookup.unknown " + good);
      CHECK(report.findings[0].severity == Severity::unknown);
      CHECK(report.findings[0].data["type"].to_text() == (name[0] == 'h' ? "AAAA" : "A"));
      CHECK(report.findings[0].evidence.size() == 1);
      CHECK(report.findings.back().evidence.size() == 2);  // both answers
    }
  }
}

TEST_CASE("TCP: refused is said by the other side, silence is not") {
  World world;
  net::Fault v6 = net::Fault::none;
  world.network.on_connect = [&](const net::TcpRequest& request) {
    net::TcpReply reply;
    reply.fault = request.address.is_v6() ? v6 : net::Fault::none;
    return reply;
  };
  const auto target = HostTarget::parse_host_port("mx.example.com:25").value();
  CHECK(ids(world.run(look_up_tcp, target)) == "lookup.tcp-open");
  v6 = net::Fault::refused;
  auto report = world.run(look_up_tcp, target);
  CHECK(ids(report) == "lookup.tcp-refused");
  CHECK(report.findings[0].severity == Severity::warning);
  v6 = net::Fault::timeout;
  report = world.run(look_up_tcp, target);
  CHECK(ids(report) == "lookup.tcp-unknown");
  CHECK(report.findings[0].severity == Severity::unknown);
  world.network.on_connect = [](const net::TcpRequest&) {
    net::TcpReply reply;
    reply.fault = net::Fault::refused;
    return reply;
  };
  report = world.run(look_up_tcp, target);
  CHECK(ids(report) == "lookup.tcp-refused lookup.tcp-refused");
  CHECK(report.findings[0].severity == Severity::critical);
  world.network.on_connect = nullptr;
  CHECK(ids(world.run(look_up_tcp, target)) == "lookup.not-tried");
}

TEST_CASE("ping: all, some, none") {
  World world;
  net::PingReply reply;
  world.network.on_ping = [&](const net::PingRequest&) { return reply; };
  reply.times = {1000us, 3000us};
  auto report = world.run(look_up_ping, host("192.0.2.1"));
  CHECK(ids(report) == "lookup.ping-answered");
  CHECK(report.result["addresses"].as_array()[0]["avg_ms"].as_double() == 2.0);
  reply.times = {1000us, std::nullopt};
  CHECK(ids(world.run(look_up_ping, host("192.0.2.1"))) == "lookup.ping-lost");
  reply.times = {std::nullopt};
  report = world.run(look_up_ping, host("192.0.2.1"));
  CHECK(ids(report) == "lookup.ping-silent");
  CHECK(report.findings[0].severity == Severity::unknown);
  reply.fault = net::Fault::unreachable;
  reply.hindrance =
      net::Hindrance{net::Obstacle::network_unreachable, IpAddress::parse("192.0.2.254"), {}};
  report = world.run(look_up_ping, host("192.0.2.1"));
  CHECK(ids(report) == "lookup.ping-failed");
  const auto& address = report.result["addresses"].as_array()[0];
  CHECK(address["reason"].to_text() == "192.0.2.254: network unreachable");
  CHECK(address["obstacle"].to_text() == "network-unreachable");
  CHECK(report.findings[0].data["reason"]["ko"].to_text() ==
        "192.0.2.254: 네트워크에 도달할 수 없음");
  reply.hindrance = net::Hindrance{net::Obstacle::other, std::nullopt, "No buffer space"};
  report = world.run(look_up_ping, host("192.0.2.1"));
  CHECK(report.findings[0].data["reason"]["ko"].to_text() == "No buffer space");
}

TEST_CASE("the way, with names that the resolver finds") {
  World world;
  const auto router = IpAddress::parse("192.0.2.254").value();
  world.resolver->add(raw_name("254.2.0.192.in-addr.arpa"), dns::RecordType::ptr,
                      dns::NameData{raw_name("router.example.net")});
  net::TraceReply reply;
  reply.hops = {{1, router, 1000us, false, {}}, {2, std::nullopt, 0us, false, {}}};
  world.network.on_trace = [&](const net::TraceRequest&) { return reply; };
  auto report = world.run(look_up_trace, host("192.0.2.1"));
  CHECK(ids(report) == "lookup.trace-ended");
  const auto& hops = report.result["routes"].as_array()[0]["hops"].as_array();
  CHECK(hops[0]["ptr"].to_text() == "router.example.net");
  CHECK(hops[1]["address"].is_null());
  reply.hops[1] = {2, IpAddress::parse("192.0.2.1"), 2000us, true, {}};
  CHECK(ids(world.run(look_up_trace, host("192.0.2.1"))) == "lookup.trace-arrived");
  reply.hops[1] = {2, router, 2000us, false, net::Hindrance{net::Obstacle::prohibited, router, {}}};
  report = world.run(look_up_trace, host("192.0.2.1"));
  CHECK(ids(report) == "lookup.trace-refused");
  CHECK(report.findings[0].data["note"]["en"].to_text() == "prohibited");
  CHECK(report.findings[0].data["note"]["ko"].to_text() == "통신이 금지됨");
  CHECK(world.run(look_up_trace, host("mx.example.com")).result["routes"].as_array().size() == 2);
}

TEST_CASE("pages and their certificates") {
  World world;
  net::HttpReply reply;
  reply.status = 200;
  reply.tls = tls(good_plan());
  world.network.on_fetch = [&](const net::HttpRequest& request) {
    CHECK(!request.verify);
    CHECK(request.addresses.size() == 2);
    return reply;
  };
  const auto target = HostTarget::parse_url("https", "mx.example.com").value();
  const auto found = [&] { return ids(world.run(look_up_http, target)); };
  CHECK(found() == "lookup.http-answered lookup.certificate-good");
  auto plan = good_plan();
  plan.not_after = plan.not_before + 1h;
  reply.tls = tls(plan, 10);
  CHECK(found() == "lookup.http-answered lookup.certificate-expired");
  plan = good_plan();
  plan.not_after = plan.not_before + 240h + 100h;
  reply.tls = tls(plan);
  CHECK(found() == "lookup.http-answered lookup.certificate-expiring");
  plan = good_plan();
  plan.names = {"DNS:other.example.com"};
  reply.tls = tls(plan, 18);
  CHECK(found() == "lookup.http-answered lookup.certificate-untrusted lookup.certificate-name");
  reply.tls->chain = {"no certificate"};
  CHECK(found() == "lookup.http-answered");
}

TEST_CASE("pages: what the status and the fault mean") {
  World world;
  net::HttpReply reply;
  world.network.on_fetch = [&](const net::HttpRequest&) { return reply; };
  const auto target = HostTarget::parse_url("http", "mx.example.com").value();
  const auto found = [&] { return ids(world.run(look_up_http, target)); };
  reply.status = 301;
  reply.location = "http://example.net/\x1b[31m";
  const auto report = world.run(look_up_http, target);
  CHECK(ids(report) == "lookup.http-redirect");
  CHECK(report.result["location"].to_text().find('\x1b') == std::string::npos);
  reply.status = 404;
  CHECK(found() == "lookup.http-client-error");
  reply.status = 503;
  CHECK(found() == "lookup.http-server-error");
  reply.status = 0;
  reply.fault = net::Fault::timeout;
  CHECK(found() == "lookup.http-unknown");
  reply.fault = net::Fault::closed;
  CHECK(found() == "lookup.http-closed");
  reply.fault = net::Fault::protocol;
  CHECK(found() == "lookup.http-failed");
  reply.fault = net::Fault::refused;
  CHECK(found() == "lookup.http-failed");
  reply.fault = net::Fault::handshake;
  CHECK(found() == "lookup.http-failed");
  for (const auto fault : {net::Fault::no_library, net::Fault::trust_store}) {
    reply.fault = fault;
    CHECK(found() == "lookup.not-tried");
  }
}

TEST_CASE("records of several types together") {
  World world;
  using dns::RecordType;
  const auto ask = [&](std::string_view name, std::vector<RecordType> types) {
    return run_check<LookupReport>(world.resolver, [&](Context context) {
      return look_up_records(context, "any", raw_name(name), types);
    });
  };
  world.resolver->silence(raw_name("half.example.com"), {{RecordType::aaaa}, false});
  world.resolver->add_address("half.example.com", "192.0.2.5");
  auto report = ask("half.example.com", {RecordType::a, RecordType::aaaa});
  CHECK(ids(report) == "lookup.found lookup.unknown");
  CHECK(report.findings[1].data["type"].to_text() == "AAAA");
  report = ask("mx.example.com", {RecordType::a, RecordType::aaaa, RecordType::mx});
  CHECK(ids(report) == "lookup.found");
  CHECK(report.result["records"].as_array().size() == 2);
  CHECK(report.result["answers"].as_array().size() == 3);
  CHECK(ids(ask("mx.example.com", {RecordType::txt})) == "lookup.nodata");
}
