#include "session/watch_faults.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "session/watch_observe.h"

namespace maildiag::session {

namespace {

Finding finding_at(const char* id, Severity severity, const char* subject) {
  Finding finding;
  finding.id = id;
  finding.severity = severity;
  finding.subject = subject;
  return finding;
}

watch::Observation seen(const std::vector<Finding>& findings) {
  return observation_of({"a.example", "mx", ""}, "10 mx.a.example", findings);
}

}  // namespace

TEST_CASE("half an answer about one host hides what it would have told, and nothing else") {
  auto half = finding_at("mx.host-unknown", Severity::unknown, "mx.a.example");
  half.data.set("host", "mx.a.example");
  CHECK_FALSE(seen({half}).known);
  CHECK(seen({half}).parts->hides("mx.a.example IPv4 mx.ptr-missing"));
  CHECK(seen({half}).parts->hides("mx.a.example mx.cname"));
  CHECK(seen({half}).parts->hides("a.example mx.no-ipv4"));
  CHECK_FALSE(seen({half}).parts->hides("mx2.a.example mx.host-unresolvable"));
  half.data.set("partial", true).set("unanswered", "AAAA");
  auto name = finding_at("mx.ptr-missing", Severity::warning, "192.0.2.7");
  name.data.set("host", "mx.a.example").set("ip", "192.0.2.7");
  const auto both = seen({half, name});
  CHECK(both.known);
  CHECK(both.standing.bad);
  CHECK(both.standing.value == "10 mx.a.example");
  REQUIRE(both.parts->faults.size() == 1);
  CHECK(both.parts->faults.front().name == "mx.a.example IPv4 mx.ptr-missing");
  CHECK(both.parts->hides("mx.a.example IPv6 mx.ptr-missing"));
  CHECK_FALSE(both.parts->hides("mx.a.example IPv4 mx.private-address"));
  CHECK_FALSE(both.parts->hides("a.example mx.no-ipv4"));
  half.data.set("unanswered", "A");
  const auto alone = seen({half});
  CHECK(alone.known);
  CHECK_FALSE(alone.standing.bad);
  CHECK(alone.parts->hides("mx.a.example IPv4 mx.private-address"));
  CHECK(alone.parts->hides("a.example mx.no-ipv4"));
  REQUIRE(alone.parts->silences.size() == 1);
  CHECK(alone.parts->silences.front().name == "mx.a.example mx.host-unknown");
  CHECK(alone.parts->silences.front().severity == Severity::unknown);
}

TEST_CASE("the domain as its own exchanger hides no other host's faults") {
  auto half = finding_at("mx.host-unknown", Severity::unknown, "a.example");
  half.data.set("host", "a.example").set("partial", true).set("unanswered", "AAAA");
  CHECK_FALSE(seen({half}).parts->hides("mx2.a.example mx.host-unresolvable"));
}

TEST_CASE("reverse DNS that never answers leaves the rest of the exchangers known") {
  auto silent = finding_at("mx.ptr-unknown", Severity::unknown, "192.0.2.7");
  silent.data.set("host", "mx.a.example").set("ip", "192.0.2.7").set("partial", true);
  auto other = silent;
  other.subject = "192.0.2.8";
  const auto gone = finding_at("mx.host-unresolvable", Severity::critical, "mx2.a.example");
  const auto both = seen({silent, other, gone});
  CHECK(both.known);
  CHECK(both.standing.severity == Severity::critical);
  CHECK(both.parts->hides("mx.a.example IPv4 mx.ptr-missing"));
  CHECK(both.parts->hides("mx.a.example IPv4 mx.fcrdns-mismatch"));
  CHECK_FALSE(both.parts->hides("mx.a.example IPv6 mx.ptr-missing"));
  CHECK_FALSE(both.parts->hides("mx.a.example IPv4 mx.private-address"));
  CHECK(both.parts->silences.size() == 1);  // of a pool, one
}

TEST_CASE("what has no answer beside a record or a certificate hides what it would have told") {
  auto report = finding_at("dmarc.report-unknown", Severity::unknown, "a.example");
  report.data.set("host", "y.example").set("partial", true);
  CHECK(seen({report}).known);
  CHECK(seen({report}).parts->hides("y.example dmarc.report-unauthorised"));
  CHECK_FALSE(seen({report}).parts->hides("x.example dmarc.report-unauthorised"));
  CHECK_FALSE(seen({report}).parts->hides("a.example dmarc.policy-none"));
  auto chain = finding_at("smtp.certificate-unverified", Severity::unknown, "mx:25");
  chain.data.set("host", "mx.a.example").set("partial", true);
  CHECK(seen({chain}).known);
  CHECK(seen({chain}).parts->hides("mx.a.example smtp.certificate-untrusted"));
  CHECK_FALSE(seen({chain}).parts->hides("mx.a.example smtp.certificate-expired"));
}

TEST_CASE("what a question of an SPF tree did not find may be anything") {
  const auto dead = finding_at("spf.include-broken", Severity::critical, "a.example");
  const auto silent = finding_at("spf.dns-error", Severity::unknown, "b.example");
  const auto both = seen({dead, silent});
  CHECK_FALSE(both.known);
  CHECK(both.parts->faults.size() == 1);
  CHECK(both.parts->silences.empty());
  CHECK(both.parts->hides("a.example spf.too-many-lookups"));
  CHECK(unpack_finding(both.detail).id == "spf.dns-error");
}

TEST_CASE("addresses of one kind and of one host are one fault, and its worst counts") {
  auto one = finding_at("mx.ptr-missing", Severity::warning, "192.0.2.7");
  auto other = finding_at("mx.ptr-missing", Severity::critical, "192.0.2.8");
  auto v6 = finding_at("mx.ptr-missing", Severity::warning, "2001:db8::7");
  for (auto* each : {&one, &other, &v6})
    each->data.set("host", "mx.a.example").set("ip", each->subject);
  const auto faults = seen({one, other, v6}).parts->faults;
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].name == "mx.a.example IPv4 mx.ptr-missing");
  CHECK(faults[0].severity == Severity::critical);
  CHECK(faults[1].name == "mx.a.example IPv6 mx.ptr-missing");
}

TEST_CASE("of too many faults the same ones are told in every run, and none of the rest is gone") {
  std::vector<Finding> findings;
  for (int i = 0; i < 100; ++i)
    findings.push_back(
        finding_at("mx.cname", Severity::warning, ("mx" + std::to_string(i) + ".example").c_str()));
  const auto forth = *seen(findings).parts;
  std::reverse(findings.begin(), findings.end());
  const auto back = *seen(findings).parts;
  REQUIRE(forth.faults.size() == back.faults.size());
  CHECK(forth.faults.size() < findings.size());
  for (std::size_t i = 0; i < forth.faults.size(); ++i)
    CHECK(forth.faults[i].name == back.faults[i].name);
  CHECK(forth.hides("anything"));
}

}  // namespace maildiag::session
