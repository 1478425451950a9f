#include "checks/dkim_verify.h"

#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/dkim_world.h"
#include "support/spf_suite.h"

namespace maildiag::checks {
namespace {

using test::dkim_dns;
using test::dkim_message;
using test::dkim_tags;
using test::DkimSigner;
using test::replaced;
using test::verdict;
using test::verify;

const DkimSigner& signer() {
  return DkimSigner::usual();
}
std::string signed_message(const std::string& tags) {
  return signer().sign(dkim_message, tags);
}
/// Signed with these tags, verified with this record.
std::string outcome(const std::string& tags, std::string_view more_of_record = "") {
  return verdict(verify(dkim_dns(signer().record(more_of_record)), signed_message(tags)));
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST_CASE("conformance: messages") {
  const auto file = test::conformance_file("dkim/messages.json");
  if (!file) {
    MESSAGE("skipped: no conformance table of signed messages");
    return;
  }
  std::ifstream in(*file);
  const auto table = nlohmann::json::parse(in);
  REQUIRE(table.size() >= 2);
  for (const auto& entry : table) {
    CAPTURE(entry.at("file").get<std::string>());
    const auto dns = std::make_shared<test::MemoryBackend>();
    for (const auto& key : entry.at("keys"))
      dns->add(key.at(0).get<std::string>(), test::suite_detail::octets(key.at(1)));
    const auto report = verify(dns, test::suite_detail::octets(entry.at("message")));
    CHECK(report.signatures.size() == entry.at("keys").size());
    for (const auto& signature : report.signatures) {
      CAPTURE(signature.selector);
      CHECK(signature.result == DkimResult::pass);
    }
  }
}

TEST_CASE("valid signatures: both algorithms, all canonicalisations, LF files") {
  for (const auto* forms : {"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed",
                            "relaxed", "Relaxed/Simple"}) {
    CAPTURE(forms);
    CHECK(outcome(dkim_tags("", forms)) == "pass");
  }
  CHECK(outcome("v=1; a=rsa-sha256; d=example.com; s=s1; h=From") == "pass");
  const auto ed = DkimSigner::ed25519();
  const auto tags = replaced(dkim_tags(), "rsa-sha256", "ed25519-sha256");
  CHECK(verdict(verify(dkim_dns(ed.record()), ed.sign(dkim_message, tags))) == "pass");
  auto unix_file = signed_message(dkim_tags("", "simple/simple"));
  std::erase(unix_file, '\r');
  CHECK(verdict(verify(dkim_dns(signer().record()), unix_file)) == "pass");
}

TEST_CASE("a body, a header, a key: what broke is told apart") {
  const auto dns = dkim_dns(signer().record());
  const auto mail = signed_message(dkim_tags());
  CHECK(verdict(verify(dns, replaced(mail, "hungry", "thirsty"))) == "fail body-changed");
  CHECK(verdict(verify(dns, replaced(mail, "bob@", "eve@"))) == "fail header-changed");
  CHECK(verdict(verify(dns, replaced(replaced(mail, "bob@", "eve@"), "hungry", "x"))) ==
        "fail body-changed header-changed");
  CHECK(verdict(verify(dkim_dns(DkimSigner::rsa(2048).record()), mail)) == "fail key-mismatch");
  const auto ed = DkimSigner::ed25519();
  const auto tags = replaced(dkim_tags(), "rsa-sha256", "ed25519-sha256");
  const auto ed_mail = replaced(ed.sign(dkim_message, tags), "bob@", "eve@");
  CHECK(verdict(verify(dkim_dns(ed.record()), ed_mail)) == "fail signature-mismatch");
  // An unsigned field may change, and be added.
  CHECK(verdict(verify(dns, "Received: x\r\n" + mail)) == "pass");
}

TEST_CASE("the key decides before the signature is tried") {
  const auto mail = signed_message(dkim_tags());
  const auto with = [&mail](std::string_view record) {
    return verdict(verify(dkim_dns(record), mail));
  };
  CHECK(with("") == "permerror key-missing");
  CHECK(with("v=DKIM1; p=") == "permerror key-revoked");
  CHECK(with("v=spf1 -all") == "permerror key-no-key");
  CHECK(with("v=dkim1; p=") == "permerror key-bad-version");
  CHECK(with("v=DKIM1; p=!") == "permerror key-bad-base64");
  CHECK(with(signer().record("h=sha1; ")) == "permerror key-hash-excluded");
  CHECK(with(signer().record("s=other; ")) == "permerror key-service-excluded");
  CHECK(with(DkimSigner::ed25519().record()) == "permerror key-type-differs");
  CHECK(with(DkimSigner::rsa(768).record()) == "permerror key-too-short");
  CHECK(with(signer().record("t=y; ")) == "pass");
  // Rejected by the strict grammar alone.
  CHECK(with(signer().record() + "; ") == "pass");
}

TEST_CASE("a private key in a note of the record is told, and no signature fails for it") {
  const std::string secret = "; n=MIICWwIBAAKBgQC0aXwtsGV6Gvb55zu52KirR4Or6iX8q547Wq6e9WqCJzXY";
  const auto mail = signed_message(dkim_tags());
  const auto report = verify(dkim_dns(signer().record() + secret), mail);
  CHECK(verdict(report) == "pass");
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings.back().id == "dkim.key-private-beside");
  CHECK(report.findings.back().severity == Severity::critical);
  CHECK(report.signatures.front().key.record.find("MIICW") == std::string::npos);
  // Beside more records than are looked at.
  const auto dns = dkim_dns(signer().record());
  for (int i = 0; i < 20; ++i) {
    dns->add("s1._domainkey.example.com", "v=DKIM1; p=; n=" + std::to_string(i));
    dns->add("s1._domainkey.example.com", "v=DKIM1; p=" + secret.substr(4));
  }
  CHECK(verdict(verify(dns, mail)) == "pass");
}

TEST_CASE("DNS that does not answer decides nothing") {
  for (const auto failure :
       {dns::Outcome::timeout, dns::Outcome::servfail, dns::Outcome::refused}) {
    const auto dns = dkim_dns("");
    dns->fail("s1._domainkey.example.com", failure);
    const auto report = verify(dns, signed_message(dkim_tags()));
    CHECK(verdict(report) == "temperror key-unanswered");
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings.front().severity == Severity::unknown);
  }
}

TEST_CASE("several key records: the one that verifies counts") {
  const auto dns = dkim_dns(DkimSigner::rsa(1024).record());
  dns->add("s1._domainkey.example.com", "some other text");
  dns->add("s1._domainkey.example.com", signer().record());
  CHECK(verdict(verify(dns, signed_message(dkim_tags()))) == "pass");
}

TEST_CASE("a key behind a CNAME, in several strings") {
  const auto dns = std::make_shared<test::MemoryBackend>();
  dns->add(test::raw_name("s1._domainkey.example.com"), dns::RecordType::cname,
           dns::NameData{test::raw_name("key.example.org")});
  const auto record = signer().record();
  dns->add(test::raw_name("key.example.org"), dns::RecordType::txt,
           dns::TxtData{{record.substr(0, 255), record.substr(255)}});
  const auto report = verify(dns, signed_message(dkim_tags()));
  CHECK(verdict(report) == "pass");
  CHECK(report.signatures.front().key.cname == "key.example.org");
}

TEST_CASE("an expired signature is verified all the same") {
  const auto expired = dkim_tags("t=1795000000; x=1795100000");
  const auto mail = signed_message(expired);
  const auto dns = dkim_dns(signer().record());
  CHECK(verdict(verify(dns, replaced(mail, "hungry", "x"))) == "fail expired body-changed");
  CHECK(verdict(verify(dns, replaced(mail, "bob@", "eve@"))) == "fail expired header-changed");
  CHECK(verdict(verify(dkim_dns(""), mail)) == "fail expired key-missing");
  dns->fail("s1._domainkey.example.com", dns::Outcome::timeout);
  const auto report = verify(dns, mail);
  CHECK(verdict(report) == "fail expired");
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings.front().severity == Severity::critical);
}

TEST_CASE("times, identities, lengths") {
  CHECK(outcome(dkim_tags("t=1795000000; x=1795300000")) == "pass");
  CHECK(outcome(dkim_tags("t=1795000000; x=1795100000")) == "fail expired");
  CHECK(outcome(dkim_tags("t=1795300000; x=1795300000")) == "permerror bad-expiry");
  CHECK(outcome(dkim_tags("i=@mail.example.com")) == "pass");
  CHECK(outcome(dkim_tags("i=@mail.example.com"), "t=s; ") == "permerror strict-identity");
  CHECK(outcome(dkim_tags("i=alice@example.com"), "t=s; ") == "pass");
  CHECK(outcome(dkim_tags("i=a=40b@EXAMPLE.com")) == "pass");
  // Folded and encoded, it is longer than an address can be.
  CHECK(outcome(dkim_tags("i=" + repeated("=62\r\n ", 60) + std::string(200, ' ') +
                          "@example.com")) == "pass");
  CHECK(outcome(dkim_tags("i=" + std::string(400, 'b') + "@example.com")) == "pass");
  CHECK(outcome(dkim_tags("i=@example.net")) == "permerror identity-mismatch");
  CHECK(outcome(dkim_tags("i=@notexample.com")) == "permerror identity-mismatch");
  CHECK(outcome(dkim_tags("l=9")) == "pass");
  CHECK(outcome(dkim_tags("l=99999")) == "fail body-too-short");
  const auto report = verify(dkim_dns(signer().record()), signed_message(dkim_tags("l=9")));
  CHECK(report.signatures.front().unsigned_octets > 0);
  CHECK(test::find(report.findings, "dkim.body-tail-unsigned") != nullptr);
}

TEST_CASE("a signature ahead of the clocks is told by the one that it was held against") {
  const auto ids = [](std::int64_t ahead, std::optional<std::int64_t> today) {
    const auto message = signed_message(dkim_tags("t=" + std::to_string(test::dkim_now + ahead)));
    const auto report = verify(
        dkim_dns(signer().record()), message,
        today ? std::optional(std::chrono::system_clock::from_time_t(*today)) : std::nullopt);
    CHECK(verdict(report) == "pass");
    std::string found;
    for (const auto* id : {"dkim.signed-in-future", "dkim.signed-after-received"}) {
      if (test::find(report.findings, id) != nullptr) found += id;
    }
    return found;
  };
  constexpr std::int64_t hour = 3600;
  // The mail came in a day ago: this machine's clock knows nothing against the signature.
  CHECK(ids(hour, test::dkim_now + 24 * hour) == "dkim.signed-after-received");
  CHECK(ids(hour, std::nullopt) == "dkim.signed-after-received");
  CHECK(ids(hour, test::dkim_now) == "dkim.signed-in-future");
  CHECK(ids(25 * hour, test::dkim_now + 23 * hour) == "dkim.signed-in-future");
  CHECK(ids(60, test::dkim_now) == "");
}

TEST_CASE("a colon too many in h= is told and passed over") {
  for (const auto* fields : {"from:to:", "from::to", ":from : "}) {
    CAPTURE(fields);
    const auto report = verify(dkim_dns(signer().record()),
                               signed_message(dkim_tags("", "relaxed/relaxed", fields)));
    CHECK(verdict(report) == "pass");
    CHECK(test::get(report.findings, "dkim.empty-field-name").severity == Severity::warning);
  }
}

TEST_CASE("malformed signatures") {
  const auto bad = [](std::string_view from, std::string_view to) {
    return verdict(verify(dkim_dns(signer().record()),
                          replaced(signed_message(dkim_tags("q=dns/txt; l=9; t=1")), from, to)));
  };
  CHECK(bad("v=1; ", "v=2; ") == "permerror signature-version");
  CHECK(bad("v=1; ", "") == "permerror missing-tag");
  CHECK(bad("v=1; ", "v=1; v=1; ") == "permerror signature-syntax");
  CHECK(bad("a=rsa-sha256", "a=rsa-sha1") == "permerror sha1-signature");
  CHECK(bad("a=rsa-sha256", "a=dsa-sha256") == "permerror unknown-algorithm");
  CHECK(bad("h=from:", "h=") == "permerror from-not-signed");
  CHECK(bad("h=from:", "h=from::") == "fail header-changed");
  CHECK(bad("h=from:to:subject:date", "h=:") == "permerror from-not-signed");
  CHECK(bad("d=example.com", "d=example..com") == "permerror bad-value");
  CHECK(bad("d=example.com", "d=192.0.2.1") == "permerror bad-value");
  CHECK(bad("s=s1", "s=s 1") == "permerror bad-value");
  CHECK(bad("c=relaxed/relaxed", "c=relaxed/loose") == "permerror bad-value");
  CHECK(bad("q=dns/txt", "q=http") == "permerror bad-value");
  CHECK(bad("l=9", "l=-9") == "permerror bad-value");
  CHECK(bad("t=1", "t=1e3") == "permerror bad-value");
  CHECK(bad("bh=", "bh=*") == "permerror bad-value");
}

TEST_CASE("duplicate fields are taken from the bottom, and more than is signed is told") {
  const auto dns = dkim_dns(signer().record());
  const auto mail = signed_message(dkim_tags());
  const auto report = verify(dns, "Subject: another one\r\n" + mail);
  CHECK(verdict(report) == "pass");
  CHECK(report.signatures.front().unprotected == std::vector<std::string>{"subject"});
  CHECK(test::find(report.findings, "dkim.fields-unprotected") != nullptr);
  // Oversigned: the absence of a second Subject is signed.
  const auto guarded =
      signed_message(dkim_tags("", "relaxed/relaxed", "from:from:to:subject:subject:date"));
  CHECK(verdict(verify(dns, guarded)) == "pass");
  CHECK(verdict(verify(dns, "Subject: another one\r\n" + guarded)) ==
        "fail header-changed field-added");
}

TEST_CASE("no signature, and more than are looked at") {
  const auto none = verify(dkim_dns(""), std::string(dkim_message));
  CHECK(verdict(none) == "none");
  CHECK(test::find(none.findings, "dkim.no-signature") != nullptr);
  std::string mail(dkim_message);
  for (std::size_t i = 0; i < max_dkim_signatures + 3; ++i) mail = "DKIM-Signature: v=1\r\n" + mail;
  const auto many = verify(dkim_dns(""), mail);
  CHECK(many.signatures.size() == max_dkim_signatures);
  CHECK(many.ignored == 3);
}

TEST_CASE("one good signature makes the others a warning") {
  const auto twice = signed_message(dkim_tags());
  const auto report =
      verify(dkim_dns(signer().record()), "DKIM-Signature: v=1; d=example.org\r\n" + twice);
  REQUIRE(report.signatures.size() == 2);
  CHECK(report.signatures[1].result == DkimResult::pass);
  for (const auto& finding : report.findings) CHECK(finding.severity != Severity::critical);
}

TEST_CASE("the value has the documented shape") {
  const auto report = verify(dkim_dns(signer().record()),
                             replaced(signed_message(dkim_tags()), "hungry", "thirsty"));
  const auto value = report.to_value();
  const auto& signature = value["signatures"].as_array().at(0);
  CHECK(signature["domain"].as_string() == "example.com");
  CHECK(signature["selector"].as_string() == "s1");
  CHECK(signature["result"].as_string() == "fail");
  CHECK(signature["reason"].as_string() == "body-changed");
  CHECK_FALSE(signature["body_matches"].as_bool());
  CHECK(signature["header_matches"].as_bool());
  CHECK(signature["key"]["bits"].as_integer() == 2048);
}

TEST_CASE("hostile headers stay cheap") {
  std::string names = "from";
  for (std::size_t i = 0; i < dkim::max_signed_fields + 10; ++i) names += ":x";
  CHECK(outcome(dkim_tags("", "relaxed/relaxed", names)) == "permerror bad-value");
  std::string mail = "DKIM-Signature: " + std::string(200'000, ';') + "\r\n";
  CHECK(verdict(verify(dkim_dns(""), mail + std::string(dkim_message))) ==
        "permerror signature-syntax");
}

}  // namespace
}  // namespace maildiag::checks
