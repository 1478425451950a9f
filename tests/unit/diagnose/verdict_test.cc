#include "diagnose/verdict.h"

#include <array>
#include <utility>

#include <doctest/doctest.h>

using namespace maildiag;
using diagnose::decide;
using diagnose::Verdict;

namespace {

constexpr std::array<std::string_view, 1> bad{"area.bad"};
constexpr std::array<std::string_view, 2> good{"area.good", "area.others"};
constexpr std::array<std::string_view, 1> open_ids{"area.open"};

rulebook::Cause cause() {
  rulebook::Cause result;
  result.id = "some-cause";
  result.confirmed_by = bad;
  result.refuted_by = good;
  result.inconclusive_by = open_ids;
  return result;
}

Finding finding(std::string id) {
  Finding result;
  result.id = std::move(id);
  return result;
}

Finding unanswered() {
  Finding result = finding("area.open");
  result.severity = Severity::unknown;
  return result;
}

Finding about_list(std::string id, const char* zone) {
  Finding result = finding(std::move(id));
  result.data.set("list", zone);
  return result;
}

rulebook::Match names_list(std::string list) {
  rulebook::Match match;
  match.facts.emplace_back("list", std::move(list));
  return match;
}

}  // namespace

TEST_CASE("a confirming finding beats everything") {
  const auto decision =
      decide(cause(), {}, {finding("area.open"), finding("area.good"), finding("area.bad")}, {});
  CHECK(decision.verdict == Verdict::confirmed);
  CHECK(decision.decided_by == std::vector<std::string>{"area.bad"});
}

TEST_CASE("what decides twice is told once") {
  const auto decision = decide(cause(), {}, {finding("area.bad"), finding("area.bad")}, {});
  CHECK(decision.decided_by == std::vector<std::string>{"area.bad"});
  CHECK(decision.deciding == std::vector<std::size_t>{0, 1});
}

TEST_CASE("an open finding gives way to what the user could add, not to what was not answered") {
  const std::vector<std::string> missing{"verdict.no-sending-ip"};
  CHECK(decide(cause(), {}, {finding("area.open")}, {}).reason == "verdict.undecided");
  CHECK(decide(cause(), {}, {finding("area.open")}, missing).reason == "verdict.no-sending-ip");
  CHECK(decide(cause(), {}, {unanswered()}, missing).reason == "verdict.no-answer");
}

TEST_CASE("what was not answered is never refuted") {
  const auto decision = decide(cause(), {}, {finding("area.good"), unanswered()}, {});
  CHECK(decision.verdict == Verdict::inconclusive);
  CHECK(decision.reason == "verdict.no-answer");
}

TEST_CASE("a refuting finding alone refutes") {
  CHECK(decide(cause(), {}, {finding("area.good")}, {}).verdict == Verdict::refuted);
}

TEST_CASE("without deciding findings") {
  CHECK(decide(cause(), {}, {finding("other.bad")}, {}).verdict == Verdict::inconclusive);
  const auto missing = decide(cause(), {}, {}, {"verdict.no-sending-ip"});
  CHECK(missing.verdict == Verdict::inconclusive);
  CHECK(missing.reason == "verdict.no-sending-ip");
  auto receiver_only = cause();
  receiver_only.untestable = true;
  CHECK(decide(receiver_only, {}, {}, {}).verdict == Verdict::untestable);
  CHECK(decide(receiver_only, {}, {finding("area.bad")}, {}).verdict == Verdict::confirmed);
}

TEST_CASE("where the reply names a list, only that list decides") {
  auto listed = cause();
  listed.match_fact = "list";
  const auto spamhaus = names_list("www.spamhaus.org");
  CHECK(decide(listed, spamhaus, {about_list("area.bad", "zen.spamhaus.org")}, {}).verdict ==
        Verdict::confirmed);
  CHECK(decide(listed, spamhaus, {about_list("area.bad", "bl.spamcop.net")}, {}).verdict ==
        Verdict::inconclusive);
  Finding others = finding("area.others");
  others.data.set("lists", Value::strings({"zen.spamhaus.org"}));
  // The named list answered "no", another lists the address, a third did not answer: refuted all
  // the same.
  CHECK(decide(listed, spamhaus,
               {about_list("area.bad", "bl.spamcop.net"), others, finding("area.open")}, {})
            .verdict == Verdict::refuted);
  CHECK(decide(listed, spamhaus, {unanswered()}, {}).reason == "verdict.no-answer");
  const auto unasked = decide(listed, names_list("bl.private.example"), {others}, {});
  CHECK(unasked.verdict == Verdict::inconclusive);
  CHECK(unasked.reason == "verdict.list-not-asked");
}

TEST_CASE("an answer that speaks for neither leaves it open, but is an answer") {
  const auto decision = decide(cause(), {}, {finding("area.good"), finding("area.open")}, {});
  CHECK(decision.verdict == Verdict::inconclusive);
  CHECK(decision.reason == "verdict.undecided");
}

TEST_CASE("a weak finding confirms where the reply names its list") {
  constexpr std::array<std::string_view, 1> weak{"area.open"};
  auto listed = cause();
  listed.match_fact = "list";
  listed.confirmed_when_named = weak;
  const auto about = about_list("area.open", "dnsbl-2.uceprotect.net");
  CHECK(decide(listed, names_list("uceprotect.net"), {about}, {}).verdict == Verdict::confirmed);
  CHECK(decide(listed, names_list("spamhaus.org"), {about}, {}).verdict == Verdict::inconclusive);
  CHECK(decide(listed, {}, {about}, {}).verdict == Verdict::inconclusive);
}

TEST_CASE("an answer of the named list about something else refutes") {
  constexpr std::array<std::string_view, 2> other{"area.listed", "area.good"};
  auto listed = cause();
  listed.match_fact = "list";
  listed.refuted_by = other;
  const auto about = about_list("area.listed", "zen.spamhaus.org");
  const auto named = names_list("zen.spamhaus.org");
  CHECK(decide(listed, named, {about}, {}).verdict == Verdict::refuted);
  CHECK(decide(listed, named, {about}, {}).decided_by == std::vector<std::string>{"area.listed"});
  CHECK(decide(listed, named, {about, about_list("area.bad", "zen.spamhaus.org")}, {}).verdict ==
        Verdict::confirmed);
  CHECK(decide(listed, names_list("bl.spamcop.net"), {about}, {}).verdict == Verdict::inconclusive);
  CHECK(decide(listed, {}, {about}, {}).verdict == Verdict::inconclusive);
  CHECK(decide(listed, {}, {finding("area.good")}, {}).verdict == Verdict::refuted);
  auto of_no_list = cause();
  of_no_list.refuted_by = other;
  CHECK(decide(of_no_list, {}, {about}, {}).verdict == Verdict::refuted);
}

TEST_CASE("what was found for a guessed sender decides nothing") {
  for (const auto* id : {"area.bad", "area.good"}) {
    CAPTURE(id);
    Finding guess = finding(id);
    guess.data.set("sender_assumed", true);
    const auto decision = decide(cause(), {}, {guess}, {});
    CHECK(decision.verdict == Verdict::inconclusive);
    CHECK(decision.reason == "verdict.no-sender");
    CHECK(decision.decided_by == std::vector<std::string>{id});
    CHECK(decide(cause(), {}, {guess, finding("area.bad")}, {}).verdict == Verdict::confirmed);
  }
  // Nor does it show another cause.
  const auto book = rulebook::Rulebook::load({});
  REQUIRE(book);
  Finding guess = finding("spf.fail");
  guess.data.set("sender_assumed", true);
  CHECK(diagnose::find_alternatives(**book, *(*book)->cause("spf-fail"), Verdict::inconclusive,
                                    {guess})
            .empty());
}

TEST_CASE("alternatives name each fault once, the likeliest cause first") {
  const auto rulebook = rulebook::Rulebook::load({});
  REQUIRE(rulebook);
  const auto alternatives = [&](std::string_view cause, const std::vector<Finding>& findings,
                                Verdict verdict = Verdict::confirmed) {
    std::vector<std::string> result;
    for (const auto& found :
         diagnose::find_alternatives(**rulebook, *(*rulebook)->cause(cause), verdict, findings))
      result.push_back(found.cause);
    return result;
  };
  using Causes = std::vector<std::string>;
  CHECK(alternatives("ptr-missing", {finding("ptr.missing")}) == Causes{});
  CHECK(alternatives("policy-reject", {finding("spf.fail"), finding("ptr.missing")}) ==
        Causes{"ptr-missing", "spf-fail"});
  CHECK(alternatives("policy-reject", {finding("dnsbl.policy-listed"), finding("dnsbl.listed")}) ==
        Causes{"dnsbl-listed"});
  CHECK(alternatives("policy-reject", {finding("dnsbl.policy-listed")}) ==
        Causes{"dynamic-ip-listed"});
  CHECK(alternatives("policy-reject", {finding("ptr.generic"), finding("dnsbl.listed")}) ==
        Causes{"dnsbl-listed", "dynamic-ip-listed"});
  CHECK(alternatives("user-unknown", {finding("recipient-domain.null-mx")}) ==
        Causes{"recipient-domain-unresolvable"});
  CHECK(alternatives("policy-reject",
                     {finding("spf.no-domain"), finding("sender-domain.unresolvable")}) ==
        Causes{"sender-domain-unresolvable", "spf-missing"});
  // Told by its own reply only.
  CHECK(alternatives("policy-reject", {finding("receiver.size-exceeded")}) == Causes{});
  CHECK(alternatives("ip-reputation", {finding("ptr.ok"), finding("spf.pass")}) == Causes{});
}

TEST_CASE("a policy listing alone makes a listed address a dynamic one") {
  const auto book = rulebook::Rulebook::load({});
  REQUIRE(book);
  const auto& listed = *(*book)->cause("dnsbl-listed");
  const auto refined = [&](std::vector<std::string> ids, Verdict verdict) {
    return diagnose::refine(**book, listed, {verdict, "", {}, std::move(ids)}).id;
  };
  CHECK(refined({"dnsbl.policy-listed"}, Verdict::confirmed) == "dynamic-ip-listed");
  CHECK(refined({"dnsbl.policy-listed", "dnsbl.listed"}, Verdict::confirmed) == "dnsbl-listed");
  CHECK(refined({"dnsbl.clean"}, Verdict::refuted) == "dnsbl-listed");
  CHECK(refined({"dnsbl.policy-listed"}, Verdict::inconclusive) == "dnsbl-listed");
}

TEST_CASE("a refuted list is offered again where another list has the address") {
  const auto book = rulebook::Rulebook::load({});
  REQUIRE(book);
  const auto& listed = *(*book)->cause("dnsbl-listed");
  const std::vector<Finding> findings{about_list("dnsbl.listed", "bl.spamcop.net"),
                                      finding("ptr.missing")};
  const auto found = diagnose::find_alternatives(**book, listed, Verdict::refuted, findings);
  REQUIRE(found.size() == 2);
  CHECK(found[0].cause == "dnsbl-listed");
}

TEST_CASE("what could not be looked at is not refuted, and deciding findings are told one by one") {
  CHECK(decide(cause(), {}, {finding("area.good")}, {"verdict.no-recipient"}).verdict ==
        Verdict::inconclusive);
  auto listed = cause();
  listed.match_fact = "list";
  const auto decision = decide(
      listed, names_list("spamhaus.org"),
      {about_list("area.bad", "bl.spamcop.net"), about_list("area.bad", "zen.spamhaus.org")}, {});
  CHECK(decision.deciding == std::vector<std::size_t>{1});
}

TEST_CASE("an unnamed list is not refuted by the lists that answered while another did not") {
  const auto book = rulebook::Rulebook::load({});
  REQUIRE(book);
  const auto& listed = *(*book)->cause("dnsbl-listed");
  Finding clean = finding("dnsbl.clean");
  clean.data.set("lists", Value::strings({"zen.spamhaus.org"}));
  CHECK(decide(listed, {}, {clean}, {}).verdict == Verdict::refuted);
  CHECK(decide(listed, {}, {clean, finding("dnsbl.error")}, {}).verdict == Verdict::inconclusive);
  Finding blocked = finding("dnsbl.blocked");
  blocked.data.set("unanswered", true);
  CHECK(decide(listed, {}, {clean, blocked}, {}).reason == "verdict.no-answer");
  CHECK(decide(listed, names_list("spamhaus.org"), {clean, finding("dnsbl.error")}, {}).verdict ==
        Verdict::refuted);
}
