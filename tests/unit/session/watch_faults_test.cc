#include "session/watch_faults.h"

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

TEST_CASE("half an answer about one host leaves the rest known") {
  auto half = finding_at("mx.host-unknown", Severity::unknown, "mx.a.example");
  CHECK_FALSE(seen({half}).known);
  half.data.set("partial", true);
  auto name = finding_at("mx.ptr-missing", Severity::warning, "192.0.2.7");
  name.data.set("host", "mx.a.example");
  const auto both = seen({half, name});
  CHECK(both.known);
  CHECK(both.standing.severity == Severity::warning);
  CHECK(both.standing.value == "10 mx.a.example");
  CHECK(both.standing.faults->contains("mx.a.example IPv4 mx.ptr-missing"));
  REQUIRE(both.unanswered.size() == 1);
  CHECK(watch::hides(both.unanswered.front(), "mx.a.example IPv6 mx.ptr-missing"));
  CHECK_FALSE(watch::hides(both.unanswered.front(), "mx2.a.example IPv6 mx.ptr-missing"));
  const auto alone = seen({half});
  CHECK(alone.known);
  CHECK_FALSE(alone.standing.bad);
  REQUIRE(alone.silences.size() == 1);
  CHECK(alone.silences.front().name == "mx.a.example mx.host-unknown");
  CHECK(alone.silences.front().severity == Severity::unknown);
  CHECK(unpack_finding(alone.detail).id == "mx.host-unknown");
}

TEST_CASE("reverse DNS that never answers leaves the rest of the exchangers known") {
  auto silent = finding_at("mx.ptr-unknown", Severity::unknown, "192.0.2.7");
  silent.data.set("host", "mx.a.example").set("partial", true);
  const auto gone = finding_at("mx.host-unresolvable", Severity::critical, "mx2.a.example");
  const auto both = seen({silent, gone});
  CHECK(both.known);
  CHECK(both.standing.severity == Severity::critical);
  REQUIRE(both.unanswered.size() == 1);
  CHECK(watch::hides(both.unanswered.front(), "mx.a.example IPv4 mx.ptr-missing"));
  CHECK_FALSE(watch::hides(both.unanswered.front(), "mx.a.example IPv6 mx.ptr-missing"));
  CHECK_FALSE(watch::hides(both.unanswered.front(), "mx.a.example mx.cname"));
}

TEST_CASE("addresses of one kind and of one host are one fault, and its worst counts") {
  auto one = finding_at("mx.ptr-missing", Severity::warning, "192.0.2.7");
  auto other = finding_at("mx.ptr-missing", Severity::critical, "192.0.2.8");
  auto v6 = finding_at("mx.ptr-missing", Severity::warning, "2001:db8::7");
  for (auto* each : {&one, &other, &v6}) each->data.set("host", "mx.a.example");
  const auto observation = seen({one, other, v6});
  REQUIRE(observation.faults.size() == 2);
  CHECK(observation.faults[0].name == "mx.a.example IPv4 mx.ptr-missing");
  CHECK(observation.faults[0].severity == Severity::critical);
  CHECK(observation.faults[1].name == "mx.a.example IPv6 mx.ptr-missing");
}

}  // namespace maildiag::session
