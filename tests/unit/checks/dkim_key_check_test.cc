#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "checks/dkim.h"
#include "core/text.h"
#include "dns/backends.h"
#include "support/base64.h"
#include "support/check_context.h"
#include "support/dkim_signer.h"
#include "support/memory_backend.h"
#include "support/temporary_file.h"

namespace maildiag::checks {
namespace {

using test::DkimSigner;
using test::MemoryBackend;

DkimKeyReport check(const std::shared_ptr<dns::Backend>& dns,
                    const std::vector<std::string>& selectors) {
  auto report = test::run_check<DkimKeyReport>(dns, [&](Context context) {
    return check_dkim_keys(context, test::raw_name("example.com"), selectors);
  });
  for (const auto& finding : report.findings) CHECK(test::text_fault(finding) == "");
  return report;
}

std::string ids(const DkimKeyReport& report) {
  std::string all;
  for (const auto& finding : report.findings)
    all += (all.empty() ? "" : " ") + finding.id.substr(5);
  return all;
}
std::string ids_of(std::string_view record) {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("s1._domainkey.example.com", record);
  return ids(check(dns, {"s1"}));
}

TEST_CASE("a named selector: valid, weak, revoked, missing") {
  const auto& signer = DkimSigner::usual();
  CHECK(ids_of(signer.record()) == "key-valid");
  CHECK(ids_of(signer.record("t=y; ")) == "key-valid key-testing");
  CHECK(ids_of(signer.record("g=*; ")) == "key-valid key-obsolete-tag");
  CHECK(ids_of(signer.record() + "; ") == "key-valid key-space-at-end");
  CHECK(ids_of("p=" + test::to_base64(signer.pkcs1())) == "key-valid key-pkcs1");
  CHECK(ids_of(DkimSigner::rsa(1024).record()) == "key-valid key-short");
  CHECK(ids_of(DkimSigner::rsa(768).record()) == "key-too-short");
  CHECK(ids_of(DkimSigner::ed25519().record()) == "key-valid");
  CHECK(ids_of("v=DKIM1; p=") == "key-revoked");
  CHECK(ids_of("v=DKIM1; p=A") == "key-bad-base64");
  CHECK(ids_of("hello") == "key-no-key");
  CHECK(ids_of("\"hello\"") == "key-no-key");
  CHECK(ids_of("\"v=dkim1; p=AAAA\"") == "key-bad-version");
  CHECK(ids_of('"' + DkimSigner::rsa(1024).record("t=y; ") + '"') ==
        "key-wrapped key-short key-testing");
  CHECK(ids(check(std::make_shared<MemoryBackend>(), {"s1", "bad selector"})) ==
        "key-missing bad-selector");
}

TEST_CASE("several records, an alias to nowhere, no answer") {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("s1._domainkey.example.com", DkimSigner::usual().record());
  dns->add("s1._domainkey.example.com", "v=DKIM1; p=");
  dns->add(test::raw_name("s2._domainkey.example.com"), dns::RecordType::cname,
           dns::NameData{test::raw_name("gone.example.org")});
  dns->fail("s3._domainkey.example.com", dns::Outcome::timeout);
  CHECK(ids(check(dns, {"s1"})) == "several-keys key-valid key-revoked");
  const auto alias = check(dns, {"s2"});
  CHECK(ids(alias) == "key-alias-broken");
  CHECK(alias.keys.at(0).cname == "gone.example.org");
  const auto silent = check(dns, {"s3"});
  CHECK(ids(silent) == "key-unanswered");
  CHECK(silent.findings.at(0).severity == Severity::unknown);
  CHECK(silent.unanswered == 1);
}

TEST_CASE("guessing: the list is asked, only what exists is told") {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("default._domainkey.example.com", DkimSigner::usual().record());
  const auto report = check(dns, {});
  CHECK(ids(report) == "key-valid");
  CHECK(report.guessed);
  CHECK(report.asked == test::shipped_rulebook().dkim_selectors().size());
  CHECK(report.keys.size() == 1);
  const auto value = report.to_value();
  const auto& key = value["keys"].as_array().at(0);
  CHECK(key["selector"].as_string() == "default");
  CHECK(key["type"].as_string() == "rsa");
  CHECK(key["bits"].as_integer() == 2048);
}

TEST_CASE("guessing: a key in quotation marks is told, its record shown") {
  const auto dns = std::make_shared<MemoryBackend>();
  const auto record = DkimSigner::usual().record();
  dns->add("default._domainkey.example.com", '"' + record + '"');
  const auto report = check(dns, {});
  CHECK(ids(report) == "key-wrapped");
  CHECK(report.findings.front().data["mended"].as_string() == record);
  CHECK(report.keys.size() == 1);
}

TEST_CASE("a private key is in no part of a report") {
  const std::string secret = "MIICWwIBAAKBgQC0aXwtsGV6Gvb55zu52KirR4Or6iX8q547Wq6e9WqCJzXY";
  for (const auto& text : {"v=DKIM1; p=" + secret, "\"k=rsa; p=" + secret + '"', "P=" + secret,
                           "-----BEGIN RSA PRIVATE KEY-----" + secret, secret}) {
    CAPTURE(text);
    const auto dns = std::make_shared<MemoryBackend>();
    dns->add("s1._domainkey.example.com", text);
    const auto report = check(dns, {"s1"});
    CHECK(ids(report) == "key-private");
    std::string all;
    for (const auto& key : report.keys) all += key.record + '\n' + key.mended + '\n';
    for (const auto& finding : report.findings) {
      for (const auto& [name, value] : finding.data.as_object()) all += value.to_text() + '\n';
      CHECK(finding.evidence.size() == 1);
      for (const auto& evidence : finding.evidence)
        all += evidence.data["records"].to_text() + '\n';
    }
    CHECK(all.find("****") != std::string::npos);
    CHECK(all.find(secret) == std::string::npos);
  }
}

TEST_CASE("the rest of a private key in a record of its own is in no part of a report") {
  const std::string secret = "MIICWwIBAAKBgQC0aXwtsGV6Gvb55zu52KirR4Or6iX8q547Wq6e9WqCJzXY";
  const std::string rest = "Zc3tTq0vGm1JbQxk0o9nY2cW5sHdLrPfKuXyEaBz8w==";
  const auto usable = DkimSigner::usual().record();
  for (const auto& text :
       {rest, "v=DKIM1; p=" + rest, "v=DKIM1;" + rest, "v=DKIM1" + rest, '"' + rest + '"',
        "v=DKIM1; k=" + rest, "v=DKIM1; p=; n=" + rest, "v=DKIM1; k=ed25519; p=" + rest}) {
    for (const bool first : {false, true}) {
      CAPTURE(text);
      const auto dns = std::make_shared<MemoryBackend>();
      if (first) dns->add("s1._domainkey.example.com", text);
      dns->add("s1._domainkey.example.com", "v=DKIM1; p=" + secret);
      if (!first) dns->add("s1._domainkey.example.com", text);
      dns->add("s1._domainkey.example.com", usable);
      const auto report = check(dns, {"s1"});
      CHECK(ids(report).find("key-private") != std::string::npos);
      std::string all;
      for (const auto& key : report.keys) all += key.record + key.mended + key.type + '\n';
      for (const auto& finding : report.findings) {
        for (const auto& [name, value] : finding.data.as_object()) all += value.to_text() + '\n';
        for (const auto& evidence : finding.evidence)
          all += evidence.data["records"].to_text() + '\n';
      }
      const auto part = rest.substr(0, 8);
      CHECK(text::ascii_lower(all).find(text::ascii_lower(part)) == std::string::npos);
      CHECK(all.find(usable.substr(0, 60)) != std::string::npos);  // everybody's anyway
    }
  }
  // Where no private key stands beside it a text is what its owner has to see.
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("s1._domainkey.example.com", "v=DKIM1; p=" + rest);
  CHECK(check(dns, {"s1"}).keys.front().record == "v=DKIM1; p=" + rest);
}

TEST_CASE("a private key beside a valid one is told beside it") {
  const std::string secret = "MIICWwIBAAKBgQC0aXwtsGV6Gvb55zu52KirR4Or6iX8q547Wq6e9WqCJzXY";
  const auto dns = std::make_shared<MemoryBackend>();
  dns->add("s1._domainkey.example.com", DkimSigner::usual().record() + "; n=" + secret);
  const auto report = check(dns, {"s1"});
  CHECK(ids(report) == "key-valid key-private-beside");
  CHECK(report.keys.front().problem.empty());
  CHECK(report.keys.front().bits == 2048);
  CHECK(report.findings.back().severity == Severity::critical);
  for (const auto& finding : report.findings) {
    REQUIRE(finding.evidence.size() == 1);
    CHECK(finding.evidence.front().data["records"].to_text().find(secret) == std::string::npos);
  }
  CHECK(report.keys.front().record.find(secret) == std::string::npos);
}

TEST_CASE("a private key is told and masked behind any number of other records") {
  const std::string secret = "MIICWwIBAAKBgQC0aXwtsGV6Gvb55zu52KirR4Or6iX8q547Wq6e9WqCJzXY";
  const auto dns = std::make_shared<MemoryBackend>();
  for (int i = 0; i < 20; ++i)
    dns->add("s1._domainkey.example.com", "v=DKIM1; p=; n=" + std::to_string(i));
  dns->add("s1._domainkey.example.com", "v=DKIM1; p=" + secret);
  const auto report = check(dns, {"s1"});
  CHECK(ids(report).find("key-private") != std::string::npos);
  CHECK(report.keys.size() == 5);  // the private key is no reason to look at fewer others
  for (const auto& finding : report.findings)
    for (const auto& evidence : finding.evidence)
      CHECK(evidence.data["records"].to_text().find(secret) == std::string::npos);
}

TEST_CASE("guessing: nothing found decides nothing") {
  const auto report = check(std::make_shared<MemoryBackend>(), {});
  CHECK(ids(report) == "no-key-guessed");
  CHECK(report.findings.front().severity == Severity::unknown);
  const auto dns = std::make_shared<MemoryBackend>();
  dns->fail("default._domainkey.example.com", dns::Outcome::servfail);
  CHECK(ids(check(dns, {})) == "selectors-unanswered");
}

TEST_CASE("guessing: a wildcard is not a key of every selector") {
  const auto dns = std::make_shared<MemoryBackend>();
  const auto nowhere = "v=DKIM1; p=";
  for (const auto& selector : test::shipped_rulebook().dkim_selectors())
    dns->add(std::string(selector.name) + "._domainkey.example.com", nowhere);
  dns->add("maildiag-no-such-selector._domainkey.example.com", nowhere);
  const auto report = check(dns, {});
  CHECK(ids(report) == "wildcard no-key-guessed");
}

/// Guessing, with what the zone file says.
DkimKeyReport guess(const std::string& zone) {
  const test::TemporaryFile file("$TTL 300\n. SOA a. h. 1 2 3 4 5\n" + zone);
  const auto zones = dns::make_zone_backend({file.path()});
  REQUIRE_MESSAGE(zones, zones.error().message);
  return check(zones.value(), {});
}

TEST_CASE("guessing: an alias that every name has is no broken one") {
  CHECK(ids(guess("*.example.com. CNAME sites.hosting.example.\n"
                  "sites.hosting.example. A 192.0.2.1\n")) == "no-key-guessed");
  CHECK(ids(guess("*.example.com. CNAME example.com.\nexample.com. A 192.0.2.1\n")) ==
        "no-key-guessed");
  CHECK(ids(guess("example.com. DNAME example.net.\nexample.net. A 192.0.2.1\n")) ==
        "no-key-guessed");
  // Whoever can register the target can publish keys.
  CHECK(ids(guess("*._domainkey.example.com. CNAME dead.example.net.\n")) ==
        "wildcard-alias-broken no-key-guessed");
  // What somebody made for a selector is told, beside the wildcard and behind the DNAME.
  const auto own = guess(
      "*.example.com. CNAME sites.hosting.example.\n"
      "*._domainkey.example.com. CNAME sites.hosting.example.\n"
      "selector1._domainkey.example.com. CNAME gone.example.net.\n");
  CHECK(ids(own) == "wildcard-alias-broken key-alias-broken");
  CHECK(own.keys.at(0).selector == "selector1");
  const auto moved = guess(
      "example.com. DNAME example.net.\n"
      "s1._domainkey.example.net. TXT \"" +
      DkimSigner::rsa(1024).record() +
      "\"\n"
      "selector1._domainkey.example.net. CNAME gone.example.org.\n");
  CHECK(ids(moved) == "key-valid key-short key-alias-broken");
  CHECK(moved.keys.at(1).selector == "selector1");
}

TEST_CASE("guessing: aliases that share their end are no slips where nothing else compares them") {
  const auto dns = std::make_shared<MemoryBackend>();
  dns->fail("maildiag-no-such-selector._domainkey.example.com", dns::Outcome::servfail);
  const auto add_alias = [&](const char* selector, const char* target) {
    dns->add(test::raw_name(std::string(selector) + "._domainkey.example.com"),
             dns::RecordType::cname, dns::NameData{test::raw_name(target)});
  };
  add_alias("default", "gone.example.org");
  CHECK(ids(check(dns, {})) == "key-alias-broken");
  add_alias("selector1", "gone.example.org");
  add_alias("selector2", "other.example.org");
  const auto report = check(dns, {});
  CHECK(ids(report) == "key-alias-broken");
  CHECK(report.keys.at(0).selector == "selector2");
}

TEST_CASE("a selector that was named is judged behind a wildcard's alias, too") {
  const auto dns = std::make_shared<MemoryBackend>();
  for (const auto* label : {"s1", "maildiag-no-such-selector"})
    dns->add(test::raw_name(std::string(label) + "._domainkey.example.com"), dns::RecordType::cname,
             dns::NameData{test::raw_name("gone.example.org")});
  CHECK(ids(check(dns, {"s1"})) == "key-alias-broken");
}

}  // namespace
}  // namespace maildiag::checks
