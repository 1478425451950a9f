#include "checks/bulk.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/dkim_world.h"

namespace maildiag::checks {
namespace {

using test::DkimSigner;
using test::replaced;

/// A domain that does everything right.
std::shared_ptr<test::MemoryBackend> world() {
  auto dns = test::dkim_dns(DkimSigner::usual().record());
  dns->add("example.com", "v=spf1 ip4:192.0.2.1 -all");
  dns->add("_dmarc.example.com", "v=DMARC1; p=none; rua=mailto:d@example.com");
  dns->add_mx("example.com", 10, "mail.example.com");
  dns->add_address("mail.example.com", "192.0.2.1");
  dns->add(test::raw_name("1.2.0.192.in-addr.arpa"), dns::RecordType::ptr,
           dns::NameData{test::raw_name("mail.example.com")});
  return dns;
}

constexpr std::string_view sample =
    "From: Alice <news@example.com>\r\n"
    "To: bob@example.net\r\n"
    "Subject: News\r\n"
    "Date: Fri, 20 Nov 2026 10:00:00 +0900\r\n"
    "Message-ID: <1@example.com>\r\n"
    "List-Unsubscribe: <mailto:u@example.com>, <https://example.com/u?1>\r\n"
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    "\r\n"
    "News.\r\n";

std::string signed_sample(const std::string& text = std::string(sample),
                          const std::string& more = ":list-unsubscribe:list-unsubscribe-post") {
  return DkimSigner::usual().sign(
      text, test::dkim_tags("", "relaxed/relaxed", "from:to:subject:date:message-id" + more));
}

BulkRequest with_message(std::string message) {
  BulkRequest request;
  request.domain = test::raw_name("example.com");
  request.message = std::move(message);
  request.envelope.ip = IpAddress::parse("192.0.2.1");
  request.envelope.sender = "news@example.com";
  request.envelope.helo = "mail.example.com";
  request.tls = true;
  return request;
}
BulkRequest without_message() {
  BulkRequest request;
  request.domain = test::raw_name("example.com");
  return request;
}

BulkReport check(const std::shared_ptr<test::MemoryBackend>& dns, BulkRequest request) {
  request.now = std::chrono::system_clock::from_time_t(test::dkim_now);
  const auto result = test::run_check<Result<BulkReport>>(
      dns, [&](Context context) { return check_bulk(context, request); });
  if (!result) throw std::runtime_error(result.error().message);
  for (const auto& finding : result->findings) CHECK(test::text_fault(finding) == "");
  return *result;
}

/// The points with this state, in order.
std::string points(const BulkReport& report, BulkState state) {
  std::string all;
  for (const auto& point : report.points) {
    if (point.state == state) all += (all.empty() ? "" : " ") + std::string(point.check);
  }
  return all;
}
std::string failed(const BulkReport& report) {
  return points(report, BulkState::failed);
}
std::string failed(const std::string& message) {
  return failed(check(world(), with_message(message)));
}

TEST_CASE("a domain and a sample that do everything right") {
  const auto report = check(world(), with_message(signed_sample()));
  CHECK(points(report, BulkState::met) ==
        "spf-or-dkim spf dkim dmarc alignment fcrdns tls one-click format own-from");
  CHECK(points(report, BulkState::untested) == "arc spam-rate");
  CHECK(test::get(report.findings, "bulk.met").data["count"].as_integer() == 10);
  const auto value = report.to_value(test::shipped_rulebook(), Language::ko);
  CHECK(value["requirements"].as_array().size() == test::shipped_rulebook().requirements().size());
  CHECK(value["requirements"].as_array().front()["state"].as_string() == "met");
}

TEST_CASE("without a sample: what the records tell") {
  const auto report = check(world(), without_message());
  CHECK(points(report, BulkState::met) == "spf-or-dkim spf dmarc fcrdns own-from");
  CHECK(failed(report) == "");
  CHECK(report.assumed);
  CHECK(test::find(report.findings, "bulk.addresses-assumed") != nullptr);
  CHECK(test::find(report.findings, "bulk.untested") != nullptr);
  auto request = without_message();
  request.addresses = {*IpAddress::parse("192.0.2.1"), *IpAddress::parse("192.0.2.9")};
  const auto addresses = check(world(), request);
  CHECK(failed(addresses) == "spf fcrdns");
  CHECK(test::get(addresses.findings, "bulk.spf-failed").data["ip"].as_string() == "192.0.2.9");
  CHECK(test::get(addresses.findings, "bulk.no-fcrdns").severity == Severity::critical);
  // One host behind two names, and an address that was given twice: each is looked at once.
  const auto twice = world();
  twice->add_mx("example.com", 20, "mail2.example.com");
  twice->add_address("mail2.example.com", "192.0.2.1");
  CHECK(check(twice, without_message()).addresses.size() == 1);
  request.addresses.push_back(request.addresses.front());
  CHECK(check(world(), request).addresses.size() == 2);
  const auto bare = check(std::make_shared<test::MemoryBackend>(), without_message());
  CHECK(failed(bare) == "spf dmarc");
  CHECK(test::find(bare.findings, "bulk.spf-missing") != nullptr);
  auto broken = std::make_shared<test::MemoryBackend>();
  broken->add("example.com", "v=spf1 ipv4:192.0.2.1 -all");
  CHECK(test::find(check(broken, without_message()).findings, "bulk.spf-invalid") != nullptr);
}

TEST_CASE("an SPF record is judged with those that it leads to") {
  const auto dns = std::make_shared<test::MemoryBackend>();
  dns->add("example.com", "v=spf1 include:other.example -all");
  dns->add_address("other.example", "192.0.2.9");  // no record of SPF
  const auto missing = check(dns, without_message());
  CHECK(test::find(missing.findings, "bulk.spf-invalid") != nullptr);
  CHECK(failed(missing).starts_with("spf"));
  const auto silent = std::make_shared<test::MemoryBackend>();
  silent->add("example.com", "v=spf1 include:other.example -all");
  silent->fail("other.example", dns::Outcome::timeout);
  const auto unknown = check(silent, without_message());
  CHECK(points(unknown, BulkState::unknown).find("spf") != std::string::npos);
  CHECK(points(unknown, BulkState::met).find("spf") == std::string::npos);
}

TEST_CASE("an SPF record that receivers can evaluate is met, however unwise it is") {
  const auto state = [](std::vector<std::string> strings) {
    const auto dns = std::make_shared<test::MemoryBackend>();
    dns->add(test::raw_name("example.com"), dns::RecordType::txt, dns::TxtData{std::move(strings)});
    dns->add("wide.example", "v=spf1 ip4:8.0.0.0/7 -all");
    dns->add("open.example", "v=spf1 +all");
    dns->add_address("mail.example", "8.8.8.8");
    for (const auto* name : {"a.example", "b.example", "c.example", "x.example"})
      dns->add_address(name, "8.8.8.8");
    dns->silence(test::raw_name("x.example"), {{dns::RecordType::aaaa}});
    dns->fail("silent.example", dns::Outcome::servfail);
    return to_string(check(dns, without_message()).state_of("spf"));
  };
  CHECK(state({"v=spf1 +all"}) == "met");
  CHECK(state({"v=spf1 ip4:8.0.0.0/7 -all"}) == "met");
  CHECK(state({"v=spf1 include:wide.example -all"}) == "met");
  CHECK(state({"v=spf1 include:open.example include:none.example -all"}) == "met");
  CHECK(state({"v=spf1 a:mail.example", "mx:mail.example -all"}) == "met");
  CHECK(state({"v=spf1 include:wide.example", "mx:mail.example -all"}) == "failed");
  CHECK(state({"v=spf1 a:one.example a:two.example a:three.example -all"}) == "failed");
  CHECK(state({"v=spf1 a:silent.example ip4:8.0.0.0/7 -all"}) == "unknown");
  CHECK(state({"v=spf1 a:silent.example include:none.example -all"}) == "failed");
  // What IPv6 clients alone meet is no point, be it known or not.
  const std::string behind = " ip6:2a00::/48 -all";
  CHECK(state({"v=spf1 a:a.example a:b.example a:c.example" + behind}) == "met");
  CHECK(state({"v=spf1 a:x.example" + behind}) == "met");
  CHECK(state({"v=spf1 a:x.example -all"}) == "met");
}

TEST_CASE("DNS that does not answer decides nothing") {
  const auto dns = world();
  dns->fail("example.com", dns::Outcome::timeout);
  dns->fail("_dmarc.example.com", dns::Outcome::servfail);
  const auto report = check(dns, without_message());
  CHECK(points(report, BulkState::unknown) == "spf-or-dkim spf dmarc");
  CHECK(failed(report) == "");
  CHECK(test::get(report.findings, "bulk.unanswered").severity == Severity::unknown);
  const auto no_key = world();
  no_key->fail("s1._domainkey.example.com", dns::Outcome::timeout);
  const auto unsure = check(no_key, with_message(signed_sample()));
  CHECK(points(unsure, BulkState::unknown) == "dkim");
  const auto no_ptr = world();
  no_ptr->fail("1.2.0.192.in-addr.arpa", dns::Outcome::timeout);
  CHECK(points(check(no_ptr, with_message(signed_sample())), BulkState::unknown) == "fcrdns");
}

TEST_CASE("one click: both fields, HTTPS, signed") {
  CHECK(failed(signed_sample(std::string(sample), "")) == "one-click");
  CHECK(failed(signed_sample(replaced(std::string(sample), "https:", "http:"))) == "one-click");
  CHECK(failed(signed_sample(replaced(std::string(sample), "=One-Click", "=Two"))) == "one-click");
  CHECK(failed(signed_sample(replaced(std::string(sample), "List-Unsubscribe-Post", "X-Post"))) ==
        "one-click");
  const auto none = replaced(replaced(std::string(sample), "List-Unsubscribe-Post", "X-Post"),
                             "List-Unsubscribe:", "X-List:");
  const auto report = check(world(), with_message(signed_sample(none)));
  CHECK(failed(report) == "one-click");
  CHECK(test::get(report.findings, "bulk.no-list-unsubscribe").severity == Severity::warning);
}

TEST_CASE("the format of the message") {
  CHECK(failed(signed_sample(
            replaced(std::string(sample), "Message-ID: <1@example.com>\r\n", ""))) == "format");
  CHECK(failed(signed_sample(
            replaced(std::string(sample), "<1@example.com>", "<1 @example.com>"))) == "format");
  CHECK(failed(signed_sample(replaced(std::string(sample), "Date:", "X-Date:"))) == "format");
  CHECK(failed("Subject: another\r\n" + signed_sample()) == "format");
  const auto two = check(world(), with_message("From: eve@example.net\r\n" + signed_sample()));
  CHECK(test::find(two.findings, "bulk.field-repeated") != nullptr);
}

TEST_CASE("authentication of the sample") {
  CHECK(failed(std::string(sample)) == "dkim one-click");
  auto request = with_message(signed_sample());
  request.envelope.ip = IpAddress::parse("192.0.2.9");
  CHECK(failed(check(world(), request)) == "spf fcrdns");
  request = with_message(replaced(signed_sample(), "News.", "Olds."));
  CHECK(failed(check(world(), request)) == "dkim one-click");
  request.envelope.sender = "x@bounces.example.org";
  CHECK(failed(check(world(), request)) == "spf-or-dkim spf dkim alignment one-click");
  request = with_message(signed_sample());
  request.tls = false;
  CHECK(failed(check(world(), request)) == "tls");
  request.tls = std::nullopt;
  CHECK(points(check(world(), request), BulkState::untested) == "tls arc spam-rate");
}

TEST_CASE("somebody else's address in From") {
  const auto forged = replaced(std::string(sample), "news@example.com", "alice@gmail.com");
  const auto report = check(world(), with_message(signed_sample(forged)));
  CHECK(failed(report) == "alignment own-from");
  CHECK(test::find(report.findings, "bulk.other-author") != nullptr);
  CHECK(test::get(report.findings, "bulk.provider-in-from").data["author"].as_string() ==
        "gmail.com");
}

}  // namespace
}  // namespace maildiag::checks
