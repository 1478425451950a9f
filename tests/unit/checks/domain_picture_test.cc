#include "checks/domain_picture.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "checks/domain_finding.h"
#include "checks/list_access.h"
#include "support/check_context.h"
#include "support/fake_network.h"
#include "support/memory_backend.h"

using namespace maildiag;
using checks::DomainPicture;
using test::MemoryBackend;

namespace {

using World = std::shared_ptr<MemoryBackend>;

World world() {
  auto backend = std::make_shared<MemoryBackend>();
  backend->add_mx("example.com", 10, "mx.example.com");
  backend->add_mx("example.com", 20, "mx2.example.com");
  backend->add_address("mx.example.com", "8.8.4.4");
  backend->add_address("mx2.example.com", "8.8.8.8");
  backend->add(test::raw_name("4.4.8.8.in-addr.arpa"), dns::RecordType::ptr,
               dns::NameData{test::raw_name("mx.example.com")});
  backend->add(test::raw_name("8.8.8.8.in-addr.arpa"), dns::RecordType::ptr,
               dns::NameData{test::raw_name("mx2.example.com")});
  backend->add("example.com", "v=spf1 mx -all");
  backend->add("_dmarc.example.com", "v=DMARC1; p=reject");
  backend->add("_smtp._tls.example.com", "v=TLSRPTv1; rua=mailto:t@example.com");
  return backend;
}

DomainPicture paint(const World& backend, checks::PictureOptions options = {}) {
  const auto domain = test::raw_name("example.com");
  const std::function<Task<DomainPicture>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_domain_picture(context, domain, options);
  };
  auto picture = test::run_check<DomainPicture>(backend, run);
  for (const auto& finding : picture.findings) CHECK(test::text_fault(finding) == "");
  return picture;
}

/// DNS alone.
checks::PictureOptions selected(std::vector<std::string> selectors) {
  checks::PictureOptions options;
  options.selectors = std::move(selectors);
  options.lists = options.smtp = options.name_servers = false;
  return options;
}

Value value_of(const DomainPicture& picture) {
  return picture.to_value(test::shipped_rulebook(), Language::en);
}

std::size_t count(const std::vector<Finding>& findings, std::string_view id) {
  return static_cast<std::size_t>(std::ranges::count(findings, id, &Finding::id));
}

}  // namespace

TEST_CASE("all parts of a domain, each question asked once") {
  const auto backend = world();
  const auto picture = paint(backend);
  CHECK(picture.mx.hosts.size() == 2);
  CHECK(picture.spf->records == std::vector<std::string>{"v=spf1 mx -all"});
  CHECK(checks::dmarc::to_string(*picture.dmarc->policy) == "reject");
  CHECK(picture.dkim->guessed);
  REQUIRE(picture.lists->size() == 2);
  const auto& asked = backend->asked();
  CHECK(std::set<std::string>(asked.begin(), asked.end()).size() == asked.size());
  const auto value = value_of(picture);
  CHECK(value["mx"].as_array()[0]["addresses"].as_array()[0]["fcrdns"].as_string() == "pass");
  CHECK(value["spf"]["lookups"].as_integer() == 1);
  CHECK(value["dmarc"]["policy"].as_string() == "reject");
  CHECK(value["mta_sts"]["record"].is_null());
  CHECK(value["tls_rpt"]["record"].as_string() == "v=TLSRPTv1; rua=mailto:t@example.com");
  CHECK(value["dnsbl"]["addresses"].as_array()[1]["ip"].as_string() == "8.8.8.8");
}

TEST_CASE("selectors that were named are looked at alone") {
  const auto backend = world();
  backend->add("own._domainkey.example.com", "v=DKIM1; p=");
  const auto picture = paint(backend, selected({"own"}));
  REQUIRE(picture.dkim->keys.size() == 1);
  CHECK(picture.dkim->keys[0].revoked);
  CHECK(!picture.lists);
  CHECK(value_of(picture)["dnsbl"].is_null());
}

TEST_CASE("keys that nobody can guess do not make a domain doubtful, unanswered ones do") {
  auto picture = paint(world(), selected({}));
  CHECK(test::get(picture.findings, "dkim.no-key-guessed").severity == Severity::info);
  const auto silent = world();
  silent->fail("default._domainkey.example.com", dns::Outcome::timeout);
  picture = paint(silent, selected({}));
  CHECK(test::get(picture.findings, "dkim.selectors-unanswered").severity == Severity::unknown);
}

TEST_CASE("of a domain that does not exist only that is said") {
  const auto picture = paint(std::make_shared<MemoryBackend>());
  REQUIRE(picture.findings.size() == 1);
  CHECK(picture.findings[0].id == "mx.nxdomain");
  const auto value = value_of(picture);
  for (const char* part : {"spf", "dmarc", "dkim", "mta_sts", "tls_rpt"})
    CHECK(value[part].is_null());
}

TEST_CASE("an unanswered MX question says nothing about the domain") {
  const auto silent = world();
  silent->fail("example.com", dns::Outcome::servfail);
  const auto picture = paint(silent, selected({}));
  CHECK(test::find(picture.findings, "mx.unknown") != nullptr);
  CHECK(picture.spf.has_value());
  CHECK(test::find(picture.findings, "mx.ok") == nullptr);
  CHECK(count(picture.findings, "mx.nxdomain") == 0);
}

TEST_CASE("zone files without lists leave them unasked, a resolver without answers unknown") {
  const auto backend = world();
  for (const auto& list : test::shipped_rulebook().lists())
    backend->fail(list.zone, dns::Outcome::refused);
  struct Refusing : dns::Backend {
    World inner;
    explicit Refusing(World world) : inner(std::move(world)) {}
    Task<dns::Answer> ask(dns::Question question) override {
      const auto name = question.name.key();
      if (name.ends_with("example.com") || name.ends_with("arpa"))
        co_return co_await inner->ask(std::move(question));
      dns::Answer answer;
      answer.question = std::move(question);
      answer.outcome = dns::Outcome::refused;
      co_return answer;
    }
  };
  const auto paint_with = [&](bool from_files) {
    const auto domain = test::raw_name("example.com");
    const std::function<Task<DomainPicture>(checks::Context)> run = [&](checks::Context context) {
      checks::PictureOptions options;
      options.from_files = from_files;
      return checks::check_domain_picture(context, domain, options);
    };
    return test::run_check<DomainPicture>(std::make_shared<Refusing>(backend), run);
  };
  const auto from_files = paint_with(true);
  CHECK(!from_files.lists);
  CHECK(count(from_files.findings, "dnsbl.not-in-files") == 1);
  CHECK(test::find(from_files.findings, "dnsbl.quorum-missed") == nullptr);
  const auto from_network = paint_with(false);
  CHECK(from_network.lists->size() == 2);
  CHECK(count(from_network.findings, "dnsbl.quorum-missed") == 2);  // of each address
}

TEST_CASE("an exchanger's address that no chosen list serves is a note beside another") {
  const auto backend = world();
  backend->add_address("mx.example.com", "2a01:4f8::10");
  backend->add_address("2.0.0.127.bl.spamcop.net", "127.0.0.2");
  const auto severity = [&](const char* list) {
    checks::ListAccess access;
    access.default_zones = {list};
    const std::function<Task<DomainPicture>(checks::Context)> run = [&](checks::Context context) {
      context.lists = &access;
      return checks::check_domain_picture(context, test::raw_name("example.com"), {});
    };
    const auto picture = test::run_check<DomainPicture>(backend, run);
    CHECK(test::find(picture.findings, "dnsbl.quorum-missed") == nullptr);
    return test::get(picture.findings, "dnsbl.none-asked").severity;
  };
  CHECK(severity("bl.spamcop.net") == Severity::info);
  CHECK(severity("dbl.spamhaus.org") == Severity::unknown);
}

TEST_CASE("a flood of addresses is cut, visibly") {
  const auto backend = world();
  for (int i = 0; i < 100; ++i)
    backend->add_address("mx.example.com", "9.9.9." + std::to_string(i));
  const auto picture = paint(backend);
  CHECK(picture.lists->size() == checks::max_picture_addresses);
  CHECK(picture.mx.hosts[0].addresses.size() == 101);
  CHECK(test::get(picture.findings, "mx.too-many-addresses").data["count"].as_integer() == 102);
}

TEST_CASE("private addresses are on no list") {
  const auto backend = std::make_shared<MemoryBackend>();
  backend->add_mx("example.com", 10, "mx.example.com");
  backend->add_address("mx.example.com", "10.0.0.1");
  CHECK(paint(backend).lists->empty());
}

TEST_CASE("each statement is made once") {
  const auto finding = [](const char* id, const char* subject, Value data) {
    Finding result;
    result.id = id;
    result.subject = subject;
    result.data = std::move(data);
    return result;
  };
  const auto lists = Value::strings({"a.example", "b.example"});
  const auto trouble = [&](const char* target, const Value& zones) {
    return finding("dnsbl.blocked", target,
                   Value::object({{"target", target}, {"lists", zones}, {"unanswered", true}}));
  };
  const auto kept = checks::without_duplicates(
      {finding("spf.ok", "example.com", {}), finding("spf.ok", "example.com", {}),
       finding("spf.ok", "example.org", {}), trouble("8.8.8.8", lists), trouble("8.8.4.4", lists),
       trouble("8.8.4.4", Value::strings({"a.example"}))});
  REQUIRE(kept.size() == 4);
  CHECK(kept[2].subject == "8.8.8.8");
  const auto nameless = [&](const char* ip, const char* host) {
    return finding("mx.ptr-missing", ip, Value::object({{"ip", ip}, {"host", host}}));
  };
  CHECK(checks::without_duplicates(
            {nameless("8.8.8.8", "mx1"), nameless("8.8.8.8", "mx2"), nameless("8.8.4.4", "mx1")})
            .size() == 2);
}

TEST_CASE("each exchanger is talked to at each of its addresses") {
  const auto backend = world();
  backend->add_address("mx.example.com", "2a01:4f8::10");
  test::FakeNetwork network;
  std::vector<std::string> talked;
  network.on_talk = [&](const net::SmtpRequest& request) {
    talked.push_back(request.host + " " + request.address.to_string());
    net::SmtpTalk talk;
    talk.stage = net::SmtpStage::connect;
    talk.fault = request.host == "mx.example.com" ? net::Fault::refused : net::Fault::timeout;
    return talk;
  };
  auto options = selected({});
  options.smtp = true;
  const auto domain = test::raw_name("example.com");
  const std::function<Task<DomainPicture>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_domain_picture(context, domain, options);
  };
  const auto picture = test::run_check<DomainPicture>(backend, run, &network);
  std::ranges::sort(talked);
  CHECK(talked == std::vector<std::string>{"mx.example.com 2a01:4f8::10", "mx.example.com 8.8.4.4",
                                           "mx2.example.com 8.8.8.8"});
  const auto hosts = value_of(picture)["mx"].as_array();
  CHECK(hosts[0]["addresses"].as_array()[0]["smtp"]["state"].as_string() == "refused");
  CHECK(hosts[1]["addresses"].as_array()[0]["smtp"]["state"].as_string() == "no-answer");
}

TEST_CASE("connections that cannot be made for want of something here are unknown") {
  test::FakeNetwork network;
  network.on_talk = [](const net::SmtpRequest&) {
    net::SmtpTalk talk;
    talk.stage = net::SmtpStage::connect;
    talk.fault = net::Fault::no_library;
    return talk;
  };
  network.on_fetch = [](const net::HttpRequest&) {
    net::HttpReply reply;
    reply.fault = net::Fault::trust_store;
    return reply;
  };
  const auto backend = world();
  backend->add("_mta-sts.example.com", "v=STSv1; id=1;");
  backend->add_address("mta-sts.example.com", "9.9.9.9");
  auto options = selected({});
  options.smtp = true;
  const auto domain = test::raw_name("example.com");
  const std::function<Task<DomainPicture>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_domain_picture(context, domain, options);
  };
  const auto picture = test::run_check<DomainPicture>(backend, run, &network);
  const auto& found = picture.findings;
  CHECK(count(found, "smtp.not-tried") == 0);
  CHECK(count(found, "mta-sts.policy-not-tried") == 0);
  CHECK(test::get(found, "smtp.untried").severity == Severity::unknown);
  CHECK(test::get(found, "mta-sts.not-equipped").severity == Severity::unknown);
}

TEST_CASE("connections that must not be made are told once, and make nothing doubtful") {
  auto options = selected({});
  options.smtp = true;
  const auto picture = paint(world(), options);
  CHECK(picture.talks.empty());
  CHECK(test::get(picture.findings, "smtp.not-tried").severity == Severity::info);
  CHECK(count(picture.findings, "smtp.not-tried") == 1);
  CHECK(value_of(picture)["mx"].as_array()[0]["addresses"].as_array()[0]["smtp"].is_null());
}

TEST_CASE("a policy that must not be fetched is told, and makes nothing doubtful") {
  const auto backend = world();
  backend->add("_mta-sts.example.com", "v=STSv1; id=1;");
  backend->add_address("mta-sts.example.com", "9.9.9.9");
  const auto picture = paint(backend, selected({}));
  CHECK(test::get(picture.findings, "mta-sts.policy-not-tried").severity == Severity::info);
  CHECK(count(paint(world(), selected({})).findings, "mta-sts.policy-not-tried") == 0);
}

TEST_CASE("name servers that a recording holds are read, others left out") {
  const auto backend = world();
  const auto zone = test::raw_name("example.com");
  backend->add(zone, dns::RecordType::ns, dns::NameData{test::raw_name("ns.example.com")});
  backend->add_address("ns.example.com", "9.9.9.9");
  test::FakeNetwork network;
  auto options = selected({});
  options.name_servers = true;
  const auto paint_with = [&](bool from_files) {
    options.from_files = from_files;
    const std::function<Task<DomainPicture>(checks::Context)> run = [&](checks::Context context) {
      return checks::check_domain_picture(context, zone, options);
    };
    return test::run_check<DomainPicture>(backend, run, &network);
  };
  CHECK(!paint_with(true).dns);
  CHECK(test::find(paint_with(false).findings, "dns.not-asked") != nullptr);
  network.on_ask = [](const net::NameServerRequest&) {
    net::NameServerReply reply;
    reply.reply.outcome = dns::Outcome::timeout;
    return reply;
  };
  for (const bool from_files : {true, false}) {
    const auto picture = paint_with(from_files);
    REQUIRE(picture.dns);
    CHECK(test::find(picture.findings, "dns.server-silent") != nullptr);
  }
}
