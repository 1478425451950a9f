#include <chrono>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "checks/mta_sts.h"
#include "support/certificate_maker.h"
#include "support/check_context.h"
#include "support/fake_network.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

using namespace test;
using namespace std::chrono_literals;

const auto now = *from_rfc3339("2026-11-22T12:00:00Z");
constexpr std::string_view good_policy =
    "version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: *.backup.example\nmax_age: 604800\n";

/// example.com with two MX hosts, a record and a policy host; the test changes what it is about.
struct World {
  std::shared_ptr<MemoryBackend> dns = std::make_shared<MemoryBackend>();
  FakeNetwork network;
  net::HttpReply reply;
  int fetches = 0;
  net::HttpRequest asked;
  bool connected = true;

  World() {
    dns->add_mx("example.com", 10, "mx1.example.com");
    dns->add_mx("example.com", 20, "mx2.backup.example");
    for (const auto* host : {"mx1.example.com", "mx2.backup.example", "mta-sts.example.com"})
      dns->add_address(host, "192.0.2.1");
    dns->add_address("mta-sts.example.com", "2001:db8::1");
    reply.status = 200;
    reply.content_type = "text/plain; charset=utf-8";
    reply.body = good_policy;
    network.on_fetch = [this](const net::HttpRequest& request) {
      ++fetches;
      asked = request;
      return reply;
    };
  }
  void record(std::string_view text = "v=STSv1; id=1;") { dns->add("_mta-sts.example.com", text); }
  void alias(std::string_view name, std::string_view target) {
    dns->add(raw_name(name), dns::RecordType::cname, dns::NameData{raw_name(target)});
  }
  void policy(std::string_view text) { reply.body = text; }

  MtaStsReport check() {
    const auto run = [](Context context) -> Task<MtaStsReport> {
      MtaStsQuestion question{raw_name("example.com"), {}, now};
      question.route = co_await find_exchangers(context, question.domain);
      co_return co_await check_mta_sts(context, std::move(question));
    };
    auto report = run_check<MtaStsReport>(dns, run, connected ? &network : nullptr);
    for (const auto& finding : report.findings) CHECK(text_fault(finding) == "");
    return report;
  }
  std::string ids() {
    std::string all;
    for (const auto& finding : check().findings)
      all += (all.empty() ? "" : " ") + finding.id.substr(std::string("mta-sts.").size()) + ":" +
             std::string(to_string(finding.severity));
    return all;
  }
};

TEST_CASE("a policy is not fetched from where only we can reach") {
  World world;
  world.record();
  world.reply = net::HttpReply();
  world.reply.fault = net::Fault::offline;
  world.reply.reason = "an address that is not of the public Internet";
  CHECK(world.ids() == "policy-host-private:unknown");
  CHECK(world.asked.reach == net::Reach::public_only);
  CHECK_FALSE(world.check().mode());
}

TEST_CASE("MTA-STS in good order") {
  World world;
  world.record();
  CHECK(world.ids() == "enforced:ok");
  CHECK(world.asked.url == "https://mta-sts.example.com/.well-known/mta-sts.txt");
  CHECK_FALSE(world.asked.plain);
  CHECK(world.asked.verify);
  CHECK(world.asked.max_body == 65536);
  CHECK(world.asked.addresses.size() == 2);
  const auto report = world.check();
  CHECK(report.mode() == mta_sts::Mode::enforce);
  CHECK(report.enforced(raw_name("MX1.example.com")));
  CHECK_FALSE(report.enforced(raw_name("mx9.example.com")));
  const auto value = report.to_value(now);
  CHECK(value["id"].as_string() == "1");
  CHECK(value["status"].as_integer() == 200);
  CHECK(value["policy"]["mode"].as_string() == "enforce");
  CHECK(value["policy"]["max_age"].as_integer() == 604800);
  CHECK(value["hosts"].as_array().size() == 2);
}

TEST_CASE("nothing is said of MX hosts that nobody knows") {
  World world;
  world.record();
  world.dns->fail("example.com", dns::Outcome::servfail);
  CHECK(world.ids() == "");
}

TEST_CASE("an MX host that no line of the policy matches") {
  World world;
  world.record();
  world.policy(
      "version: STSv1\nmode: enforce\nmx: *.example.com\nmx: old.example.com\n"
      "max_age: 604800\n");
  const auto report = world.check();
  const auto& finding = get(report.findings, "mta-sts.mx-not-covered");
  CHECK(finding.severity == Severity::critical);
  CHECK(finding.data["host"].as_string() == "mx2.backup.example");
  CHECK(get(report.findings, "mta-sts.pattern-unused").data["patterns"].to_text() ==
        "old.example.com");
  CHECK(find(report.findings, "mta-sts.enforced") == nullptr);
  world.policy("version: STSv1\nmode: testing\nmx: *.example.com\nmax_age: 86400\n");
  CHECK(world.ids() == "mx-not-covered:warning mode-testing:info");
  world.policy("version: STSv1\nmode: none\nmx: other.example\nmax_age: 86400\n");
  CHECK(world.ids() == "mode-none:info");
}

TEST_CASE("a policy that is forgotten within a week") {
  World world;
  world.record();
  world.policy(
      "version: STSv1\nmode: enforce\nmx: *.example.com\nmx: *.backup.example\n"
      "max_age: 604799\n");
  CHECK(world.ids() == "max-age-short:warning enforced:ok");
}

TEST_CASE("records: none, several, broken, elsewhere, unanswered") {
  SUBCASE("none, and no policy host") {
    World world;
    world.dns->fail("mta-sts.example.com", dns::Outcome::nxdomain);
    CHECK(world.ids() == "missing:info");
    CHECK(world.fetches == 0);
  }
  SUBCASE("none, but a policy") {
    World world;
    CHECK(world.ids() == "policy-without-record:warning");
    CHECK_FALSE(world.check().mode());
  }
  SUBCASE("none, and a web server that has nothing for us") {
    World world;
    world.reply.status = 404;
    CHECK(world.ids() == "missing:info");
    world.reply.fault = net::Fault::certificate;
    CHECK(world.ids() == "missing:info");
  }
  SUBCASE("two") {
    World world;
    world.record();
    world.record("v=STSv1; id=2;");
    CHECK(get(world.check().findings, "mta-sts.several-records").severity == Severity::critical);
    CHECK_FALSE(world.check().mode());
    CHECK(find(world.check().findings, "mta-sts.enforced") == nullptr);
  }
  SUBCASE("broken") {
    World world;
    world.record("v=STSv1; id=2026-11-22;");
    CHECK(world.ids() == "bad-id:critical");
    CHECK_FALSE(world.check().mode());
  }
  SUBCASE("near") {
    World world;
    world.record("v=stsv1; id=1;");
    CHECK(world.ids() == "not-a-record:warning policy-without-record:warning");
  }
  SUBCASE("behind a CNAME") {
    World world;
    world.alias("_mta-sts.example.com", "sts.hoster.example");
    world.reply.status = 404;
    CHECK(world.ids() == "dangling-alias:warning");
    world.dns->add("sts.hoster.example", "v=STSv1; id=1;");
    world.reply.status = 200;
    CHECK(world.ids() == "alias:info enforced:ok");
  }
  SUBCASE("behind a CNAME to a name without a record") {
    World world;
    world.alias("_mta-sts.example.com", "sts.hoster.example");
    world.dns->add_address("sts.hoster.example", "192.0.2.9");
    world.reply.status = 404;
    CHECK(world.ids() == "alias-without-record:warning");
    world.dns->fail("_maildiag-no-such-name.example.com", dns::Outcome::timeout);
    CHECK(world.ids() == "alias-without-record:info");  // it may be a wildcard's
  }
  SUBCASE("behind a CNAME that every name has") {
    World world;
    world.reply.status = 404;
    for (const auto* label : {"_mta-sts.example.com", "_maildiag-no-such-name.example.com"})
      world.alias(label, "sites.hosting.example");
    CHECK(world.ids() == "dangling-alias:warning");  // a wildcard to nowhere
    world.dns->add_address("sites.hosting.example", "192.0.2.9");
    CHECK(world.ids() == "missing:info");
  }
  SUBCASE("behind a DNAME") {
    World world;
    world.reply.status = 404;
    world.alias("_mta-sts.example.com", "_mta-sts.example.net");
    CHECK(world.ids() == "dangling-alias:warning");  // it stands alone
    world.alias("_maildiag-no-such-name.example.com", "_maildiag-no-such-name.example.net");
    CHECK(world.ids() == "missing:info");
  }
  SUBCASE("unanswered") {
    World world;
    world.dns->fail("_mta-sts.example.com", dns::Outcome::timeout);
    CHECK(world.ids() == "unanswered:unknown");
  }
}

TEST_CASE("how a policy does not come") {
  World world;
  world.record();
  const auto fault = [&world](net::Fault what) {
    world.reply = {};
    world.reply.fault = what;
    // Who must not connect anywhere gives no reason; with one, it is the address that will not do.
    if (what != net::Fault::offline) world.reply.reason = "as the test says";
    return world.ids();
  };
  CHECK(fault(net::Fault::certificate) == "policy-certificate:critical");
  CHECK(fault(net::Fault::handshake) == "policy-tls:critical");
  CHECK(fault(net::Fault::protocol) == "policy-tls:critical");
  CHECK(fault(net::Fault::too_large) == "policy-too-large:critical");
  for (const auto what :
       {net::Fault::timeout, net::Fault::refused, net::Fault::unreachable, net::Fault::closed}) {
    CHECK(fault(what) == "policy-unreachable:unknown");
    CHECK(world.check().fetch.unknown());
  }
  for (const auto what : {net::Fault::trust_store, net::Fault::no_library}) {
    CHECK(fault(what) == "not-equipped:unknown");
    CHECK(world.check().fetch.unknown());
    CHECK_FALSE(world.check().fetch.untried());
  }
  CHECK(fault(net::Fault::offline) == "");
  CHECK(world.check().fetch.untried());
  world.connected = false;
  CHECK(world.ids() == "");
  CHECK(world.check().fetch.untried());
  CHECK(world.check().to_value(now)["policy"].is_null());
}

TEST_CASE("statuses: a redirect is a fault, and only 200 is a policy") {
  World world;
  world.record();
  for (const long status : {301L, 302L, 304L, 307L, 308L}) {
    world.reply.status = status;
    world.reply.location = "https://www.example.com/.well-known/mta-sts.txt";
    CHECK(world.ids() == "policy-redirect:critical");
    CHECK(world.fetches > 0);
    CHECK(world.asked.url == "https://mta-sts.example.com/.well-known/mta-sts.txt");
  }
  for (const long status : {204L, 206L, 403L, 404L, 410L, 500L, 503L}) {
    world.reply.status = status;
    CHECK(world.ids() == "policy-status:critical");
    CHECK_FALSE(world.check().mode());
  }
}

TEST_CASE("a policy that is not plain text, or none at all") {
  World world;
  world.record();
  world.reply.content_type = "text/html";
  CHECK(world.ids() == "policy-content-type:warning enforced:ok");
  world.reply.content_type = "TEXT/PLAIN ;charset=utf-8";
  CHECK(world.ids() == "enforced:ok");
  world.reply.content_type = "";
  CHECK(world.ids() == "policy-content-type:warning enforced:ok");
  world.reply.content_type = "text/plain";
  world.policy("<html>\x1b[2J");
  const auto report = world.check();
  const auto& finding = get(report.findings, "mta-sts.policy-syntax");
  CHECK(finding.data["text"].as_string() == "<html>\\x1b[2J");
  CHECK(finding.data["line"].as_integer() == 1);
  CHECK_FALSE(report.mode());
  CHECK_FALSE(report.to_value(now)["policy"]["usable"].as_bool());
}

TEST_CASE("a policy host without an address, or whose address nobody tells") {
  World world;
  world.record();
  world.dns->fail("mta-sts.example.com", dns::Outcome::nxdomain);
  CHECK(world.ids() == "policy-host-missing:critical");
  world.dns->fail("mta-sts.example.com", dns::Outcome::servfail);
  CHECK(world.ids() == "policy-host-unanswered:unknown");
  CHECK(world.check().fetch.unknown());
  CHECK(world.fetches == 0);
}

TEST_CASE("the policy host's certificate before it expires") {
  World world;
  world.record();
  CertificatePlan plan;
  plan.names = {"DNS:mta-sts.example.com"};
  plan.not_before = now - 80 * 24h;
  plan.not_after = now + 5 * 24h;
  world.reply.tls = net::TlsFacts{"TLSv1.3", "x", {MadeCertificate(plan).der()}, 0, ""};
  const auto report = world.check();
  CHECK(get(report.findings, "mta-sts.policy-certificate-expires-soon").data["days"] == Value(5));
  CHECK(report.to_value(now)["certificate"]["days_left"] == Value(5));
  world.reply.tls->chain = {"rubbish"};
  CHECK(world.ids() == "enforced:ok");
}

}  // namespace
}  // namespace maildiag::checks
