#include "checks/arc.h"

#include <string>

#include <doctest/doctest.h>

#include "support/arc_sealer.h"
#include "support/dkim_world.h"

namespace maildiag::checks {
namespace {

using test::ArcHop;
using test::DkimSigner;
using test::replaced;
using test::seal;

std::shared_ptr<test::MemoryBackend> world() {
  auto dns = std::make_shared<test::MemoryBackend>();
  for (const auto* domain : {"forwarder.example", "list.example", "third.example"})
    dns->add(std::string("arc._domainkey.") + domain, DkimSigner::usual().record());
  return dns;
}

ArcReport check(const std::shared_ptr<test::MemoryBackend>& dns, const std::string& message) {
  const auto now = std::chrono::system_clock::from_time_t(test::dkim_now);
  const auto result = test::run_check<Result<ArcReport>>(
      dns, [&](Context context) { return check_arc(context, message, now); });
  if (!result) throw std::runtime_error(result.error().message);
  for (const auto& finding : result->findings) CHECK(test::text_fault(finding) == "");
  return *result;
}
ArcReport check(const std::string& message) {
  return check(world(), message);
}

/// "pass 0", "fail arc.seal-broken" ...
std::string verdict(const ArcReport& report) {
  std::string text(to_string(report.status));
  if (report.oldest_pass) text += " " + std::to_string(*report.oldest_pass);
  if (report.reason.empty()) return text;
  CHECK(report.findings.front().id == report.reason);
  return text + " " + report.reason;
}

const std::string& mail() {
  static const std::string text(test::dkim_message);
  return text;
}
ArcHop hop(int instance, const std::string& status = "") {
  ArcHop result;
  result.instance = instance;
  result.status = status;
  return result;
}
std::string chain(int length) {
  auto message = mail();
  for (int i = 1; i <= length; ++i) message = seal(message, hop(i));
  return message;
}
/// Without the first field of this name.
std::string without(const std::string& message, const std::string& name) {
  const auto begin = message.find(name + ":");
  auto end = message.find("\r\n", begin);
  while (message.at(end + 2) == ' ') end = message.find("\r\n", end + 2);
  return message.substr(0, begin) + message.substr(end + 2);
}

TEST_CASE("no chain, and valid ones") {
  const auto none = check(mail());
  CHECK(verdict(none) == "none");
  CHECK(none.findings.empty());
  CHECK(verdict(check(chain(1))) == "pass 0");
  const auto three = check(chain(3));
  CHECK(verdict(three) == "pass 0");
  REQUIRE(three.sets.size() == 3);
  CHECK(three.sets[1].instance == 2);
  CHECK(three.sets[1].seal.domain == "forwarder.example");
  CHECK(three.sets[1].chain_status == "pass");
  CHECK(three.sets[1].results == "mx.forwarder.example; spf=pass smtp.mailfrom=example.com");
  CHECK(test::get(three.findings, "arc.valid").severity == Severity::ok);
  CHECK(three.to_value()["sets"].as_array().size() == 3);
}

TEST_CASE("files with LF, simple canonicalisation, Ed25519, folded and shuffled fields") {
  auto unix_file = chain(2);
  std::erase(unix_file, '\r');
  CHECK(verdict(check(unix_file)) == "pass 0");
  auto simple = hop(1);
  simple.forms = "simple/simple";
  CHECK(verdict(check(seal(mail(), simple))) == "pass 0");
  const auto ed = DkimSigner::ed25519();
  auto modern = hop(1);
  modern.algorithm = "ed25519-sha256";
  const auto dns = std::make_shared<test::MemoryBackend>();
  dns->add("arc._domainkey.forwarder.example", ed.record());
  CHECK(verdict(check(dns, seal(mail(), modern, ed))) == "pass 0");
  // The order of the header's fields means nothing; the instances do.
  const auto message = chain(2);
  const auto second = message.find("ARC-Seal: i=1");
  const auto rest = message.find("From: ");
  CHECK(verdict(check(message.substr(second, rest - second) + message.substr(0, second) +
                      message.substr(rest))) == "pass 0");
  CHECK(verdict(check(replaced(chain(1), "; cv=none", ";\r\n\tcv=none"))) == "pass 0");
  CHECK(verdict(check(replaced(chain(1), "Results: i=1;", "Results: (a (b) \\) c) i = 1 (d) ;"))) ==
        "fail 0 arc.seal-broken");
}

TEST_CASE("a list changes the message and seals again: the chain holds, the older signature not") {
  auto list = hop(2);
  list.domain = "list.example";
  const auto changed = replaced(chain(1), "Alice\r\n", "Alice\r\n--\r\nlist footer\r\n");
  auto last = hop(3);
  last.domain = "third.example";
  const auto report = check(seal(seal(changed, list), last));
  CHECK(verdict(report) == "pass 2");
  CHECK(report.sets[0].message.result == DkimResult::fail);
  CHECK(report.sets[0].message.problems.front() == "dkim.body-changed");
  CHECK(report.sets[0].seal.result == DkimResult::pass);
  const auto& finding = test::get(report.findings, "arc.message-changed");
  CHECK(finding.data["instance"].as_integer() == 1);
  CHECK(finding.data["domain"].as_string() == "forwarder.example");
  CHECK(finding.data["next"].as_string() == "list.example");
}

TEST_CASE("section 5.2 step 1: at most 50 sets") {
  CHECK(verdict(check(chain(50))) == "pass 0");
  CHECK(verdict(check(chain(51))) == "fail arc.too-many-sets");
}

TEST_CASE("section 5.2 step 2: the newest seal says fail") {
  CHECK(verdict(check(seal(chain(1), hop(2, "fail")))) == "fail arc.sealed-as-failed");
  CHECK(verdict(check(seal(mail(), hop(1, "fail")))) == "fail arc.sealed-as-failed");
  // It decides before the structure is looked at.
  CHECK(verdict(check(without(seal(chain(1), hop(2, "fail")), "ARC-Message-Signature"))) ==
        "fail arc.sealed-as-failed");
}

TEST_CASE("section 5.2 step 3: one of each field in each set, instances from 1 without gaps") {
  for (const auto* name : {"ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"}) {
    CAPTURE(name);
    CHECK(verdict(check(without(chain(2), name))) == "fail arc.set-incomplete");
    const auto whole = chain(2);
    const auto begin = whole.find(std::string(name) + ":");
    const auto copy = whole.substr(begin, without(whole, name).size());
    const auto field = copy.substr(0, whole.size() - without(whole, name).size());
    CHECK(verdict(check(field + whole)) == "fail arc.set-doubled");
  }
  CHECK(verdict(check(seal(mail(), hop(2)))) == "fail arc.instance-missing");
  CHECK(verdict(check(seal(chain(1), hop(3)))) == "fail arc.instance-missing");
  CHECK(verdict(check("ARC-Seal: i=1; cv=none\r\n" + mail())) == "fail arc.set-incomplete");
}

TEST_CASE("instances that are none") {
  for (const auto* instance : {"i=0;", "i=-1;", "i=one;", "i=;", "i=1x;", "I=1;", "x=1;", "1;"}) {
    CAPTURE(instance);
    const auto report =
        check(replaced(chain(1), "Results: i=1;", std::string("Results: ") + instance));
    CHECK(verdict(report) == "fail arc.bad-instance");
    CHECK(report.findings.front().data["field"].as_string() == "arc-authentication-results");
  }
  CHECK(verdict(check(replaced(chain(1), "Seal: i=1;", "Seal:"))) == "fail arc.bad-instance");
  CHECK(verdict(check(replaced(chain(1), "Signature: i=1;", "Signature: i=a;"))) ==
        "fail arc.bad-instance");
}

TEST_CASE("section 5.2 step 3: cv") {
  CHECK(verdict(check(seal(mail(), hop(1, "pass")))) == "fail arc.bad-chain-status");
  CHECK(verdict(check(seal(mail(), hop(1, "maybe")))) == "fail arc.bad-chain-status");
  CHECK(verdict(check(seal(chain(1), hop(2, "none")))) == "fail arc.bad-chain-status");
  CHECK(verdict(check(seal(seal(chain(1), hop(2, "fail")), hop(3)))) ==
        "fail arc.bad-chain-status");
  CHECK(verdict(check(replaced(chain(1), "; cv=none", ""))) == "fail arc.bad-chain-status");
  CHECK(verdict(check(seal(mail(), hop(1, "NONE")))) == "pass 0");
}

TEST_CASE("section 5.2 step 4: the newest message signature must hold") {
  const auto report = check(replaced(chain(2), "hungry", "thirsty"));
  CHECK(verdict(report) == "fail arc.message-signature-broken");
  CHECK(report.findings.front().data["reason"].as_string() == "dkim.body-changed");
  CHECK(report.sets[1].seal.result == DkimResult::pass);
  CHECK(verdict(check(replaced(chain(1), "bob@", "eve@"))) == "fail arc.message-signature-broken");
  auto expired = hop(1);
  expired.more_of_message = "; t=1795000000; x=1795000001";
  CHECK(verdict(check(seal(mail(), expired))) == "fail arc.message-signature-broken");
  auto no_from = hop(1);
  no_from.fields = "to:subject";
  CHECK(verdict(check(seal(mail(), no_from))) == "fail arc.message-signature-broken");
  CHECK(verdict(check(replaced(chain(1), "rsa-sha256; d", "rsa-sha1; d"))) != "pass 0");
  // v= is ignored if it stands there.
  auto version = hop(1);
  version.more_of_message = "; v=9";
  CHECK(verdict(check(seal(mail(), version))) == "pass 0");
}

TEST_CASE("section 5.2 step 6: every seal must hold, and covers all sets before it") {
  CHECK(verdict(check(replaced(chain(1), "spf=pass", "spf=fail"))) == "fail 0 arc.seal-broken");
  const auto three = chain(3);
  const auto oldest = three.rfind("ARC-Seal");
  const auto at = three.find("t=1795000000", oldest);
  const auto report = check(std::string(three).replace(at, 12, "t=1795000001"));
  CHECK(verdict(report) == "fail 0 arc.seal-broken");
  CHECK(report.findings.front().data["instance"].as_integer() == 3);
  for (const auto& set : report.sets) CHECK(set.seal.result == DkimResult::fail);
  auto foreign = hop(2);
  const auto wrong = seal(chain(1), foreign, DkimSigner::rsa(1024));
  CHECK(verdict(check(wrong)) == "fail arc.message-signature-broken");
}

TEST_CASE("section 4.1.3: a seal with h=") {
  auto listing = hop(1);
  listing.more_of_seal = "; h=from";
  CHECK(verdict(check(seal(mail(), listing))) == "fail 0 arc.seal-lists-fields");
}

TEST_CASE("a key without an answer leaves the chain undecided, unless something else decides") {
  auto second = hop(2);
  second.domain = "list.example";
  const auto message = seal(chain(1), second);
  const auto dns = world();
  dns->fail("arc._domainkey.list.example", dns::Outcome::timeout);
  const auto newest = check(dns, message);
  CHECK(verdict(newest) == "unknown arc.key-unanswered");
  CHECK(newest.findings.front().severity == Severity::unknown);
  const auto older = world();
  older->fail("arc._domainkey.forwarder.example", dns::Outcome::servfail);
  CHECK(verdict(check(older, message)) == "unknown arc.key-unanswered");
  CHECK(verdict(check(older, replaced(message, "hungry", "x"))) ==
        "fail arc.message-signature-broken");
  const auto no_key = std::make_shared<test::MemoryBackend>();
  CHECK(verdict(check(no_key, message)) == "fail arc.message-signature-broken");
}

TEST_CASE("a message signature that covers ARC fields is told of") {
  auto odd = hop(2);
  odd.fields = "from:arc-seal";
  const auto report = check(seal(chain(1), odd));
  CHECK(test::find(report.findings, "arc.covers-own-fields") != nullptr);
}

TEST_CASE("hashes of the body are bounded; the chain is judged all the same") {
  auto message = mail();
  for (int i = 1; i <= 12; ++i) {
    auto each = hop(i);
    each.more_of_message = "; l=" + std::to_string(i);
    message = seal(message, each);
  }
  const auto report = check(message);
  CHECK(verdict(report) == "pass");
  CHECK(report.sets[3].message.problems.front() == "arc.signature-not-tried");
  CHECK(report.sets[4].message.result == DkimResult::pass);
}

}  // namespace
}  // namespace maildiag::checks
