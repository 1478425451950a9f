#include "checks/mx.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/check_context.h"
#include "support/memory_backend.h"

using namespace maildiag;
using checks::MxResult;
using test::MemoryBackend;

namespace {

using World = std::shared_ptr<MemoryBackend>;

/// example.com with one exchanger whose address has a confirmed name.
World world() {
  auto backend = std::make_shared<MemoryBackend>();
  backend->add_mx("example.com", 10, "mx.example.com");
  backend->add_address("mx.example.com", "8.8.4.4");
  backend->add(test::raw_name("4.4.8.8.in-addr.arpa"), dns::RecordType::ptr,
               dns::NameData{test::raw_name("mx.example.com")});
  return backend;
}

MxResult check(World backend) {
  const auto domain = test::raw_name("example.com");
  const std::function<Task<MxResult>(checks::Context)> run = [&](checks::Context context) {
    return checks::check_mx(context, domain);
  };
  auto result = test::run_check<MxResult>(std::move(backend), run);
  for (const auto& finding : result.findings) CHECK(test::text_fault(finding) == "");
  return result;
}

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> result;
  for (const auto& finding : findings) result.push_back(finding.id);
  std::sort(result.begin(), result.end());
  return result;
}

std::string mail_domain(World backend) {
  const auto domain = test::raw_name("example.com");
  const std::function<Task<checks::DomainResult>(checks::Context)> run =
      [&](checks::Context context) {
        return checks::check_mail_domain(context, domain, "sender-domain");
      };
  const auto result = test::run_check<checks::DomainResult>(std::move(backend), run);
  CHECK(test::text_fault(result.findings.at(0)) == "");
  return result.findings.at(0).id;
}

World empty() {
  return std::make_shared<MemoryBackend>();
}

}  // namespace

TEST_CASE("exchangers in order, with addresses and names") {
  auto backend = world();
  backend->add_mx("example.com", 5, "first.example.com");
  backend->add_address("first.example.com", "8.8.8.8");
  backend->add(test::raw_name("8.8.8.8.in-addr.arpa"), dns::RecordType::ptr,
               dns::NameData{test::raw_name("first.example.com")});
  const auto result = check(backend);
  REQUIRE(result.hosts.size() == 2);
  CHECK(result.hosts[0].host.to_string() == "first.example.com");
  CHECK(result.hosts[0].addresses[0].fcrdns == checks::Fcrdns::pass);
  CHECK(ids(result.findings) == std::vector<std::string>{"mx.ok"});
  CHECK(result.to_value()["mx"].as_array()[1]["addresses"].as_array()[0]["ip"].as_string() ==
        "8.8.4.4");
}

TEST_CASE("no mail, in its different ways") {
  CHECK(ids(check(empty()).findings) == std::vector<std::string>{"mx.nxdomain"});
  auto nothing = empty();
  nothing->add("example.com", "only text");
  CHECK(ids(check(nothing).findings) == std::vector<std::string>{"mx.missing"});
  auto null_mx = empty();
  null_mx->add_mx("example.com", 0, "");
  CHECK(check(null_mx).null_mx);
  CHECK(ids(check(null_mx).findings) == std::vector<std::string>{"mx.null"});
  null_mx->add_mx("example.com", 10, "mx.example.com");
  CHECK(test::find(check(null_mx).findings, "mx.null-among-others") != nullptr);
}

TEST_CASE("an unanswered question is not an answer") {
  auto silent = world();
  silent->fail("example.com", dns::Outcome::timeout);
  CHECK(ids(check(silent).findings) == std::vector<std::string>{"mx.unknown"});
  CHECK(mail_domain(silent) == "sender-domain.unknown");
  auto half = world();
  half->fail("mx.example.com", dns::Outcome::servfail);
  CHECK(ids(check(half).findings) == std::vector<std::string>{"mx.host-unknown"});
  CHECK(mail_domain(half) == "sender-domain.unknown");
}

TEST_CASE("half an answer leaves a host unknown") {
  const auto is_silent = [](World backend, const char* host, dns::RecordType type) {
    backend->silence(test::raw_name(host), {{type}, false});
    const auto result = check(std::move(backend));
    CHECK(result.hosts.at(0).addresses.size() == 1);
    CHECK(test::find(result.findings, "mx.ok") == nullptr);
    const auto* finding = test::find(result.findings, "mx.host-unknown");
    return finding != nullptr && finding->severity == Severity::unknown &&
           finding->subject == host && finding->data["outcome"].as_string() == "timeout";
  };
  CHECK(is_silent(world(), "mx.example.com", dns::RecordType::aaaa));
  auto other_half = empty();
  other_half->add_mx("example.com", 10, "mx.example.com");
  other_half->add_address("mx.example.com", "2a01:4f8::10");
  CHECK(is_silent(other_half, "mx.example.com", dns::RecordType::a));
  for (const auto& [address, type] : {std::pair{"8.8.4.4", dns::RecordType::aaaa},
                                      std::pair{"2a01:4f8::10", dns::RecordType::a}}) {
    auto implicit = empty();
    implicit->add_address("example.com", address);
    CHECK(is_silent(implicit, "example.com", type));
    CHECK(test::find(check(implicit).findings, "mx.implicit") != nullptr);
    CHECK(mail_domain(implicit) == "sender-domain.resolvable");
  }
}

TEST_CASE("what is wrong with a host") {
  auto dead = empty();
  dead->add_mx("example.com", 10, "dead.example.com");
  CHECK(ids(check(dead).findings) == std::vector<std::string>{"mx.host-unresolvable"});
  CHECK(mail_domain(dead) == "sender-domain.unresolvable");
  auto literal = empty();
  literal->add_mx("example.com", 10, "8.8.8.8");
  CHECK(ids(check(literal).findings) == std::vector<std::string>{"mx.address-literal"});
  auto alias = world();
  alias->add_mx("example.com", 20, "www.example.com");
  alias->add(test::raw_name("www.example.com"), dns::RecordType::cname,
             dns::NameData{test::raw_name("mx.example.com")});
  CHECK(ids(check(alias).findings) == std::vector<std::string>{"mx.cname", "mx.duplicate-address"});
  auto inside = empty();
  inside->add_mx("example.com", 10, "mx.example.com");
  inside->add_address("mx.example.com", "10.0.0.1");
  CHECK(ids(check(inside).findings) == std::vector<std::string>{"mx.private-address"});
}

TEST_CASE("senders without IPv6 need an IPv4 address") {
  const auto six = [](std::string_view host) {
    auto backend = empty();
    if (host != "example.com") backend->add_mx("example.com", 10, host);
    backend->add_address(host, "2a01:4f8::10");
    backend->add(*DomainName::parse(IpAddress::parse("2a01:4f8::10")->ptr_name()),
                 dns::RecordType::ptr, dns::NameData{test::raw_name(host)});
    return backend;
  };
  auto alone = check(six("mx.example.com"));
  CHECK(ids(alone.findings) == std::vector<std::string>{"mx.no-ipv4"});
  CHECK(alone.findings[0].severity == Severity::warning);
  CHECK(alone.findings[0].data["hosts"].to_text() == "mx.example.com");
  CHECK(ids(check(six("example.com")).findings) ==
        std::vector<std::string>{"mx.implicit", "mx.no-ipv4"});
  // Beside one that nobody can use: an address as a name, or a host without any.
  auto useless = six("mx.example.com");
  useless->add_mx("example.com", 20, "8.8.8.8");
  useless->add_mx("example.com", 30, "dead.example.com");
  CHECK(test::find(check(useless).findings, "mx.no-ipv4") != nullptr);

  const auto told = [](const World& backend) {
    return test::find(check(backend).findings, "mx.no-ipv4") != nullptr;
  };
  auto both = six("mx.example.com");
  both->add_address("mx.example.com", "8.8.4.4");
  CHECK(!told(both));
  auto other_host = six("mx.example.com");
  other_host->add_mx("example.com", 20, "mx4.example.com");
  other_host->add_address("mx4.example.com", "8.8.4.4");
  CHECK(!told(other_host));
  // Only an unanswered A leaves it open.
  for (const auto& [type, definite] :
       {std::pair{dns::RecordType::a, false}, std::pair{dns::RecordType::aaaa, true}}) {
    auto silent = six("mx.example.com");
    silent->add_mx("example.com", 20, "mx4.example.com");
    silent->silence(test::raw_name("mx4.example.com"), {{type}, false});
    CHECK(told(silent) == definite);
  }
  CHECK(!told(empty()));
}

TEST_CASE("names of the addresses") {
  auto nameless = world();
  nameless->add_address("mx.example.com", "8.8.8.8");
  CHECK(ids(check(nameless).findings) == std::vector<std::string>{"mx.ptr-missing"});
  auto other = world();
  other->add_address("mx.example.com", "8.8.8.8");
  other->add(test::raw_name("8.8.8.8.in-addr.arpa"), dns::RecordType::ptr,
             dns::NameData{test::raw_name("dns.google")});
  CHECK(ids(check(other).findings) == std::vector<std::string>{"mx.fcrdns-mismatch"});
}

TEST_CASE("names of another organization's addresses are nothing to mend") {
  const auto severity_of = [](const char* host, const char* name) {
    auto backend = empty();
    backend->add_mx("example.com", 10, host);
    backend->add_address(host, "8.8.8.8");
    if (name != nullptr)
      backend->add(test::raw_name("8.8.8.8.in-addr.arpa"), dns::RecordType::ptr,
                   dns::NameData{test::raw_name(name)});
    const auto result = check(backend);
    // "In order" would say that the names agree.
    CHECK(test::find(result.findings, "mx.ok") == nullptr);
    return test::get(result.findings, name == nullptr ? "mx.ptr-missing" : "mx.fcrdns-mismatch")
        .severity;
  };
  CHECK(severity_of("smtp.google.com", nullptr) == Severity::info);
  CHECK(severity_of("smtp.google.com", "dns.google") == Severity::info);
  CHECK(severity_of("mx.deep.example.com", nullptr) == Severity::warning);
  CHECK(severity_of("mx.example.com", "dns.google") == Severity::warning);
  CHECK(severity_of("mx.notexample.com", nullptr) == Severity::info);
  // A subdomain's exchanger may be the organization's.
  const auto of = [](const char* domain, const char* host) {
    auto backend = empty();
    backend->add_mx(domain, 10, host);
    backend->add_address(host, "8.8.8.8");
    const std::function<Task<MxResult>(checks::Context)> run = [&](checks::Context context) {
      return checks::check_mx(context, test::raw_name(domain));
    };
    return test::get(test::run_check<MxResult>(backend, run).findings, "mx.ptr-missing").severity;
  };
  CHECK(of("news.example.co.kr", "mail.example.co.kr") == Severity::warning);
  CHECK(of("example.co.kr", "mail.other.co.kr") == Severity::info);
  // No answer about them could tell more than a note.
  for (const char* host : {"smtp.google.com", "mx.example.com"}) {
    auto silent = empty();
    silent->add_mx("example.com", 10, host);
    silent->add_address(host, "8.8.8.8");
    silent->fail("8.8.8.8.in-addr.arpa", dns::Outcome::servfail);
    const auto findings = check(silent).findings;
    const auto& unanswered = test::get(findings, "mx.ptr-unknown");
    const bool own = host == std::string_view("mx.example.com");
    CHECK(unanswered.severity == (own ? Severity::unknown : Severity::info));
    CHECK(unanswered.data["partial"].as_bool() == own);
    CHECK(test::find(findings, "mx.ok") == nullptr);
  }
}

TEST_CASE("a domain with an address but no MX takes mail there") {
  auto implicit = empty();
  implicit->add_address("example.com", "8.8.4.4");
  implicit->add(test::raw_name("4.4.8.8.in-addr.arpa"), dns::RecordType::ptr,
                dns::NameData{test::raw_name("example.com")});
  const auto result = check(implicit);
  CHECK(result.implicit);
  CHECK(ids(result.findings) == std::vector<std::string>{"mx.implicit"});
  CHECK(mail_domain(implicit) == "sender-domain.resolvable");
}

TEST_CASE("mail domains for the correlation") {
  CHECK(mail_domain(world()) == "sender-domain.resolvable");
  CHECK(mail_domain(empty()) == "sender-domain.unresolvable");
  auto null_mx = empty();
  null_mx->add_mx("example.com", 0, "");
  CHECK(mail_domain(null_mx) == "sender-domain.null-mx");
}
