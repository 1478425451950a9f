#include "checks/reverse_zone.h"

#include <memory>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

TEST_CASE("a reverse zone at the registry, unanswered, and of nobody") {
  const auto find = [](const std::shared_ptr<test::MemoryBackend>& dns, std::string_view ip) {
    return test::run_check<ReverseZone>(dns, [&](Context context) {
      return find_reverse_zone(context, IpAddress::parse(ip).value());
    });
  };
  auto dns = std::make_shared<test::MemoryBackend>();
  CHECK(find(dns, "211.200.7.9").findings.empty());
  dns->add(test::raw_name("211.in-addr.arpa"), dns::RecordType::soa, dns::SoaData{});
  dns->add(test::raw_name("211.in-addr.arpa"), dns::RecordType::ns,
           dns::NameData{test::raw_name("ns1.apnic.net")});
  const auto own = find(dns, "211.200.7.9");
  CHECK(own.at_registry);
  CHECK(test::get(own.findings, "ptr.not-delegated").severity == Severity::warning);
  dns->fail("7.200.211.in-addr.arpa", dns::Outcome::servfail);
  const auto lame = find(dns, "211.200.7.9");
  CHECK(lame.findings.size() == 1);
  CHECK(test::get(lame.findings, "ptr.delegation-unknown").severity == Severity::unknown);
  dns->add(test::raw_name("8.b.d.0.1.0.0.2.ip6.arpa"), dns::RecordType::soa, dns::SoaData{});
  CHECK(find(dns, "2001:db8::1").zone == test::raw_name("8.b.d.0.1.0.0.2.ip6.arpa"));
  // RFC 2317: the alias leads into a zone of its own.
  dns->add(test::raw_name("9.7.0.203.in-addr.arpa"), dns::RecordType::cname,
           dns::NameData{test::raw_name("zone.customer.example")});
  dns->add(test::raw_name("zone.customer.example"), dns::RecordType::soa, dns::SoaData{});
  CHECK(find(dns, "203.0.7.9").zone == test::raw_name("zone.customer.example"));
}

TEST_CASE("RFC 2317: the zone of an aliased PTR record is that of the alias's target") {
  const auto find = [](const std::shared_ptr<test::MemoryBackend>& dns) {
    return test::run_check<ReverseZone>(dns, [&](Context context) {
      return find_reverse_zone(context, *IpAddress::parse("193.0.113.7"));
    });
  };
  auto dns = std::make_shared<test::MemoryBackend>();
  const auto zone = [&](std::string_view name, std::string_view server) {
    dns->add(test::raw_name(name), dns::RecordType::soa, dns::SoaData{});
    dns->add(test::raw_name(name), dns::RecordType::ns, dns::NameData{test::raw_name(server)});
  };
  zone("113.0.193.in-addr.arpa", "ns1.isp.example");
  dns->add(test::raw_name("7.113.0.193.in-addr.arpa"), dns::RecordType::cname,
           dns::NameData{test::raw_name("7.0-25.113.0.193.in-addr.arpa")});
  dns->add(test::raw_name("7.0-25.113.0.193.in-addr.arpa"), dns::RecordType::ptr,
           dns::NameData{test::raw_name("mail.customer.example")});
  CHECK(find(dns).zone == test::raw_name("113.0.193.in-addr.arpa"));  // the alias is all there is
  zone("0-25.113.0.193.in-addr.arpa", "ns1.customer.example");
  const auto delegated = find(dns);
  CHECK(delegated.zone == test::raw_name("0-25.113.0.193.in-addr.arpa"));
  CHECK(delegated.name_servers == std::vector<DomainName>{test::raw_name("ns1.customer.example")});
  dns->fail("0-25.113.0.193.in-addr.arpa", dns::Outcome::servfail);
  const auto lame = find(dns);
  CHECK(lame.unanswered);
  CHECK(test::get(lame.findings, "ptr.delegation-unknown").severity == Severity::unknown);
}

TEST_CASE("a zone whose name servers are not told is nobody's for now") {
  auto dns = std::make_shared<test::MemoryBackend>();
  dns->add(test::raw_name("193.in-addr.arpa"), dns::RecordType::soa, dns::SoaData{});
  dns->silence(test::raw_name("193.in-addr.arpa"), {{dns::RecordType::ns}});
  const auto found = test::run_check<ReverseZone>(dns, [](Context context) {
    return find_reverse_zone(context, *IpAddress::parse("193.0.113.7"));
  });
  CHECK(found.unanswered);
  REQUIRE(found.findings.size() == 1);
  CHECK(test::get(found.findings, "ptr.delegation-unknown").severity == Severity::unknown);
}

}  // namespace
}  // namespace maildiag::checks
