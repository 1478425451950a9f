#include "checks/message_auth.h"

#include <doctest/doctest.h>

#include "support/auth_world.h"

namespace maildiag::checks {
namespace {

using namespace test;

std::string with_from(std::string_view from) {
  return replaced(std::string(dkim_message), "From: Alice <alice@example.com>", from);
}
Severity worst(const MessageAuth& auth) {
  auto severity = Severity::ok;
  for (const auto& finding : auth.findings) severity = worse(severity, finding.severity);
  return severity;
}

TEST_CASE("SPF or DKIM alone is enough, if it is aligned") {
  const auto both = authenticate(auth_dns(), signed_message());
  CHECK(outcome(both) == "pass none");
  CHECK(both.aligned_pass("spf"));
  CHECK(both.aligned_pass("dkim"));
  CHECK(worst(both) == Severity::ok);
  const auto value = both.to_value();
  CHECK(value["dmarc"].as_string() == "pass");
  CHECK(value["spf"]["result"].as_string() == "pass");
  CHECK(value["spf_helo"]["result"].as_string() == "pass");
  CHECK(value["dkim"]["signatures"].as_array().front()["selector"].as_string() == "s1");
  const auto& identifiers = value["authors"].as_array().front()["identifiers"].as_array();
  REQUIRE(identifiers.size() == 2);
  CHECK(identifiers[0]["aligned"].as_bool());

  const auto unsigned_message = authenticate(auth_dns(), std::string(dkim_message));
  CHECK(outcome(unsigned_message) == "pass none");
  CHECK(!unsigned_message.aligned_pass("dkim"));

  // Forwarded: SPF fails, the signature holds; that is no critical fault of the message.
  const auto forwarded = authenticate(auth_dns(), signed_message(), auth_request("198.51.100.9"));
  CHECK(outcome(forwarded) == "pass none");
  CHECK(find(forwarded.findings, "spf.fail") != nullptr);
  CHECK(worst(forwarded) == Severity::warning);
}

TEST_CASE("neither: the policy of p, sp and np, and what t=y makes of it") {
  const auto fail_with = [](std::string_view policy, std::string_view from) {
    auto dns = auth_dns(policy);
    dns->add("news.example.com", "exists");
    return outcome(authenticate(dns, with_from(from), auth_request("198.51.100.9")));
  };
  CHECK(fail_with("v=DMARC1; p=reject", "From: a@example.com") == "fail reject");
  CHECK(fail_with("v=DMARC1; p=reject; t=y", "From: a@example.com") == "fail quarantine");
  CHECK(fail_with("v=DMARC1; p=none", "From: a@example.com") == "fail none");
  CHECK(fail_with("v=DMARC1; p=none; sp=quarantine; np=reject", "From: a@news.example.com") ==
        "fail quarantine");
  CHECK(fail_with("v=DMARC1; p=none; sp=quarantine; np=reject", "From: a@gone.example.com") ==
        "fail reject");
  CHECK(fail_with("v=DMARC1; p=perhaps", "From: a@example.com") == "permerror");
  CHECK(fail_with("", "From: a@example.com") == "none");
}

TEST_CASE("a failure names what failed, and the records that would mend it") {
  const auto auth =
      authenticate(auth_dns(), std::string(dkim_message), auth_request("198.51.100.9"));
  const auto& failed = get(auth.findings, "auth.dmarc-fail");
  CHECK(failed.severity == Severity::critical);
  CHECK(failed.data["mechanisms"].as_string() == "spf=fail smtp.mailfrom=example.com; dkim=none");
  CHECK(failed.data["monitoring_record"].as_string() ==
        "v=DMARC1; p=none; sp=reject; rua=mailto:d@example.com");
  CHECK(failed.data["because"] == Value::strings({"spf.fail", "dkim.no-signature"}));
  CHECK(get(auth.findings, "spf.fail").data["suggestion"].as_string() ==
        "v=spf1 ip4:192.0.2.1 ip4:198.51.100.9 -all");
}

TEST_CASE("the policy is lowered where the mail fails, not for the whole organization") {
  const auto advice = [](std::string_view policy, std::string_view from) {
    auto dns = auth_dns(policy);
    dns->add("news.example.com", "exists");
    const auto auth = authenticate(dns, with_from(from), auth_request("198.51.100.9"));
    const auto& data = get(auth.findings, "auth.dmarc-fail").data;
    return data["publish_at"].as_string() + ": " + data["monitoring_record"].as_string();
  };
  constexpr auto below = "From: a@news.example.com";
  CHECK(advice("v=DMARC1; p=reject; rua=mailto:d@example.com;", below) ==
        "_dmarc.news.example.com: v=DMARC1; p=none; rua=mailto:d@example.com");
  CHECK(advice("v=DMARC1;p=none;sp=reject;np=reject;t=n;adkim=s", below) ==
        "_dmarc.news.example.com: v=DMARC1; p=none; adkim=s");
  CHECK(advice("v=DMARC1; p=reject; sp=none", "From: a@example.com") ==
        "_dmarc.example.com: v=DMARC1; p=none; sp=none");
  // The domains below keep theirs, too.
  constexpr auto own = "From: a@example.com";
  CHECK(advice("v=DMARC1; p=quarantine; t=n", own) ==
        "_dmarc.example.com: v=DMARC1; p=none; sp=quarantine; t=n");
  CHECK(advice("v=DMARC1; p=reject; np=quarantine", own) ==
        "_dmarc.example.com: v=DMARC1; p=none; sp=reject; np=quarantine");
  // What receivers discard is not advised again.
  const std::string discarded = "V=DMARC1;none;p;p=reject;; p=none;rua ; adkim =s;x=;adkim=r; fo";
  CHECK(advice(discarded, own) == "_dmarc.example.com: v=DMARC1; p=none; sp=reject; adkim=s");
  CHECK(advice(discarded, below) == "_dmarc.news.example.com: v=DMARC1; p=none; adkim=s");
}

TEST_CASE(
    "the policy is lowered at the domain itself, not at the end of an alias that others may use") {
  auto dns = auth_dns("");
  dns->add(raw_name("_dmarc.example.com"), dns::RecordType::cname,
           dns::NameData{raw_name("example.com.dmarc.vendor.test")});
  dns->add("example.com.dmarc.vendor.test", "v=DMARC1; p=reject");
  const auto own =
      authenticate(dns, with_from("From: a@example.com"), auth_request("198.51.100.9"));
  CHECK(get(own.findings, "auth.dmarc-fail").data["publish_at"].as_string() ==
        "_dmarc.example.com");
  dns->add("news.example.com", "exists");
  const auto below =
      authenticate(dns, with_from("From: a@news.example.com"), auth_request("198.51.100.9"));
  CHECK(get(below.findings, "auth.dmarc-fail").data["publish_at"].as_string() ==
        "_dmarc.news.example.com");
}

TEST_CASE("t=y: what is published is told, and why something else is asked for") {
  const auto failing = [](std::string_view policy) {
    return authenticate(auth_dns(policy), with_from("From: a@example.com"),
                        auth_request("198.51.100.9"));
  };
  const auto lowered = failing("v=DMARC1; p=reject; t=y");
  CHECK(get(lowered.findings, "auth.dmarc-fail").data["asked"].as_string() == "p=reject; t=y");
  CHECK(get(lowered.findings, "dmarc.test-mode").data["policy"].as_string() == "quarantine");
  const auto none = failing("v=DMARC1; p=quarantine; t=y");
  CHECK(find(none.findings, "auth.dmarc-fail-none") != nullptr);
  CHECK(find(none.findings, "dmarc.test-mode") != nullptr);
  const auto plain = failing("v=DMARC1; p=reject");
  CHECK(get(plain.findings, "auth.dmarc-fail").data["asked"].as_string() == "p=reject");
  CHECK(find(plain.findings, "dmarc.test-mode") == nullptr);
}

TEST_CASE("authenticated for somebody else: which records the author domain needs") {
  auto dns = auth_dns();
  dns->add("esp.example", "v=spf1 ip4:198.51.100.9 -all");
  dns->add("k._domainkey.esp.example", DkimSigner::usual().record());
  const auto message = signed_message(
      replaced(replaced(dkim_tags(), "d=example.com", "d=esp.example"), "s=s1", "s=k"));
  const auto auth = authenticate(dns, message, auth_request("198.51.100.9", "b@esp.example"));
  CHECK(outcome(auth) == "fail reject");
  CHECK(get(auth.findings, "auth.spf-unaligned-record").data["suggestion"].as_string() ==
        "v=spf1 ip4:192.0.2.1 ip4:198.51.100.9 -all");
  const auto& dkim = get(auth.findings, "auth.dkim-unaligned");
  CHECK(dkim.data["name"].as_string() == "k._domainkey.example.com");
  CHECK(dkim.data["record"].as_string() == DkimSigner::usual().record());
  CHECK(get(auth.findings, "auth.dmarc-fail").data["because"] ==
        Value::strings({"auth.spf-unaligned-record", "auth.dkim-unaligned"}));
}

TEST_CASE("strict alignment wants the very domain") {
  auto dns = auth_dns("v=DMARC1; p=reject; aspf=s; adkim=s");
  dns->add("b.example.com", "v=spf1 ip4:192.0.2.1 -all");
  CHECK(outcome(authenticate(dns, std::string(dkim_message),
                             auth_request("192.0.2.1", "x@b.example.com"))) == "fail reject");
  auto relaxed = auth_dns();
  relaxed->add("b.example.com", "v=spf1 ip4:192.0.2.1 -all");
  CHECK(outcome(authenticate(relaxed, std::string(dkim_message),
                             auth_request("192.0.2.1", "x@b.example.com"))) == "pass none");
}

TEST_CASE("psd=y: neighbours below a public suffix are strangers") {
  auto dns = auth_dns("");
  dns->add("_dmarc.suffix.example", "v=DMARC1; p=reject; psd=y");
  dns->add("b.suffix.example", "v=spf1 ip4:192.0.2.1 -all");
  const auto of = [&](std::string_view sender) {
    return outcome(authenticate(dns, with_from("From: x@a.suffix.example"),
                                auth_request("192.0.2.1", sender)));
  };
  CHECK(of("x@b.suffix.example") == "fail reject");
  dns->add("m.a.suffix.example", "v=spf1 ip4:192.0.2.1 -all");
  CHECK(of("x@m.a.suffix.example") == "pass none");
}

TEST_CASE("the null reverse-path: postmaster at HELO stands for it") {
  const auto auth =
      authenticate(auth_dns(), std::string(dkim_message), auth_request("192.0.2.1", ""));
  CHECK(outcome(auth) == "pass none");
  CHECK(auth.identifiers.front().domain == "mail.example.com");
  CHECK(!auth.spf_helo);
}

TEST_CASE("a HELO name that SPF forbids is told, and does not count for DMARC") {
  auto dns = auth_dns();
  auto request = auth_request();
  request.envelope.helo = "example.com";
  dns->add("other.example", "v=spf1 -all");
  request.envelope.helo = "other.example";
  const auto auth = authenticate(dns, std::string(dkim_message), request);
  CHECK(outcome(auth) == "pass none");
  CHECK(get(auth.findings, "auth.helo-fail").data["mechanism"].as_string() == "-all");
  request.envelope.helo = "[192.0.2.1]";
  CHECK(!authenticate(dns, std::string(dkim_message), request).spf_helo);
}

TEST_CASE("From: none, several fields, several authors, groups") {
  const auto missing = authenticate(auth_dns(), with_from("X-From: a@example.com"));
  CHECK(outcome(missing) == "permerror");
  CHECK(find(missing.findings, "auth.no-author") != nullptr);
  CHECK(outcome(authenticate(auth_dns(), with_from("From: Nobody:;"))) == "permerror");
  CHECK(outcome(authenticate(auth_dns(), with_from("From: x@[192.0.2.1]"))) == "permerror");
  CHECK(outcome(authenticate(auth_dns(), with_from("From: Us: a@example.com, b@EXAMPLE.com;"))) ==
        "pass none");

  const auto doubled =
      authenticate(auth_dns(), with_from("From: a@example.com\r\nFrom: b@example.com"));
  CHECK(outcome(doubled) == "pass none");
  CHECK(get(doubled.findings, "auth.several-from").severity == Severity::critical);

  // Of several authors the strictest policy among those that fail.
  auto dns = auth_dns();
  dns->add("_dmarc.lax.example", "v=DMARC1; p=quarantine");
  const auto several = authenticate(dns, with_from("From: a@example.com, b@lax.example"));
  CHECK(outcome(several) == "permerror quarantine");
  CHECK(several.verdicts.size() == 2);
  CHECK(several.verdicts.front().result == DmarcResult::pass);
  std::string crowd = "From: a@a0.example";
  for (int i = 1; i < 30; ++i) crowd += ", a@a" + std::to_string(i) + ".example";
  CHECK(authenticate(dns, with_from(crowd)).verdicts.size() == max_author_domains);
}

TEST_CASE("a first From with blanks before its colon is an author like any other") {
  const auto hidden =
      authenticate(auth_dns(), "From : a@victim.example\r\n" + with_from("From: b@example.com"));
  CHECK(get(hidden.findings, "auth.several-from").severity == Severity::critical);
}

TEST_CASE("an author in Korean: the policy of its A-label domain") {
  auto dns = auth_dns("");
  dns->add("_dmarc.xn--3e0b707e.example", "v=DMARC1; p=reject");
  dns->add("xn--3e0b707e.example", "v=spf1 ip4:192.0.2.1 -all");
  const auto auth = authenticate(dns, with_from("From: 길동 <길동@한국.example>"),
                                 auth_request("192.0.2.1", "길동@한국.example"));
  CHECK(outcome(auth) == "pass none");
  CHECK(auth.verdicts.front().policy.domain.to_string() == "xn--3e0b707e.example");
  CHECK(auth.identifiers.front().domain == "xn--3e0b707e.example");
}

TEST_CASE("what DNS does not answer is neither a pass nor a failure") {
  const auto with_failure = [](std::string_view name, std::string_view ip) {
    auto dns = auth_dns();
    dns->fail(name, dns::Outcome::servfail);
    return authenticate(dns, signed_message(), auth_request(ip));
  };
  for (const auto* name : {"_dmarc.example.com", "example.com"}) {
    CAPTURE(name);
    auto dns = auth_dns();
    dns->fail(name, dns::Outcome::servfail);
    const auto auth = authenticate(dns, std::string(dkim_message));
    CHECK(outcome(auth) == "temperror");
    CHECK(worst(auth) == Severity::unknown);
  }
  // SPF fails, and the key that could have saved the message is not known.
  const auto key = with_failure("s1._domainkey.example.com", "198.51.100.9");
  CHECK(outcome(key) == "temperror");
  CHECK(worst(key) == Severity::unknown);
  // With SPF passing nothing hangs on the key.
  const auto by_spf = with_failure("s1._domainkey.example.com", "192.0.2.1");
  CHECK(outcome(by_spf) == "pass none");
  CHECK(worst(by_spf) == Severity::info);
  // Nor on SPF where a signature passes.
  const auto by_dkim = with_failure("example.com", "192.0.2.1");
  CHECK(outcome(by_dkim) == "pass none");
  CHECK(worst(by_dkim) == Severity::info);
  // A key of a stranger neither: his signature would not be aligned.
  auto dns = auth_dns();
  dns->fail("s1._domainkey.other.example", dns::Outcome::timeout);
  const auto other = signed_message(replaced(dkim_tags(), "d=example.com", "d=other.example"));
  CHECK(outcome(authenticate(dns, other, auth_request("198.51.100.9"))) == "fail reject");
  // Whether the author domain exists decides between sp and np.
  auto np = auth_dns("v=DMARC1; p=none; sp=none; np=reject");
  np->fail("x.example.com", dns::Outcome::servfail);
  CHECK(outcome(authenticate(np, with_from("From: a@x.example.com"),
                             auth_request("198.51.100.9"))) == "temperror");
}

TEST_CASE("the reading of RFC 7489 where it differs") {
  const PublicSuffixes suffixes;
  auto request = auth_request("198.51.100.9");
  request.suffixes = &suffixes;
  // np is unknown to RFC 7489: p applies, and the result is the same.
  const auto same = authenticate(auth_dns(), std::string(dkim_message), request);
  CHECK(find(same.findings, "auth.dmarc-rfc7489") == nullptr);
  // Two names below one suffix-list domain whose organization ends higher by psd=n.
  auto dns = auth_dns("v=DMARC1; p=reject; psd=n");
  dns->add("_dmarc.a.example.com", "v=DMARC1; p=reject; psd=n");
  dns->add("b.example.com", "v=spf1 ip4:198.51.100.9 -all");
  request.envelope.sender = "x@b.example.com";
  const auto auth = authenticate(dns, with_from("From: x@a.example.com"), request);
  CHECK(outcome(auth) == "fail reject");
  CHECK(get(auth.findings, "auth.dmarc-rfc7489").data["old_result"].as_string() == "pass");
}

TEST_CASE("no message is an error, not a result") {
  const auto result = run_check<Result<MessageAuth>>(auth_dns(), [](Context context) {
    return evaluate_message(context, "\r\njust text", auth_request());
  });
  REQUIRE(!result);
  CHECK(result.error().code == ErrorCode::bad_data);
}

}  // namespace
}  // namespace maildiag::checks
