#include <functional>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "checks/dnsbl_sweep.h"
#include "checks/list_access.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

using namespace maildiag;
using checks::ListState;
using test::MemoryBackend;

namespace {

/// Runs a sweep over texts and keeps what it hands out.
struct Run {
  std::shared_ptr<MemoryBackend> backend = std::make_shared<MemoryBackend>();
  std::vector<std::string> targets;
  std::vector<std::string> lists{"one.example"};
  checks::ListAccess access;
  checks::DnsblOptions options;
  std::function<bool(const checks::SweepItem&)> seen;
  std::function<bool(const checks::SweepCount&)> tick;
  std::vector<checks::SweepItem> items;
  checks::SweepEnd end;

  /// A list that works.
  void add_list(const std::string& zone) const {
    backend->add_address("2.0.0.127." + zone, "127.0.0.2");
    backend->add_address("test." + zone, "127.0.0.2");
  }

  void run() {
    options.only = lists;
    const auto choice =
        std::make_shared<checks::ListChoice>(test::shipped_rulebook(), &access, options.only);
    std::size_t next = 0;
    checks::SweepCalls calls;
    calls.input = [&]() -> std::optional<checks::SweepInput> {
      if (next == targets.size()) return std::nullopt;
      const auto& text = targets[next++];
      if (const auto ip = IpAddress::parse(text)) return checks::SweepInput{text, *ip};
      return checks::SweepInput{text, test::raw_name(text)};
    };
    calls.output = [&](checks::SweepItem item) {
      items.push_back(std::move(item));
      return !seen || seen(items.back());
    };
    calls.tick = tick;
    const std::function<Task<checks::SweepEnd>(checks::Context)> work =
        [&](checks::Context context) {
          context.lists = &access;
          return checks::sweep_lists(context, options, choice, {}, calls);
        };
    end = test::run_check<checks::SweepEnd>(backend, work);
  }

  std::size_t asked(const std::string& question) const {
    return static_cast<std::size_t>(
        std::count(backend->asked().begin(), backend->asked().end(), question));
  }
};

}  // namespace

TEST_CASE("reports come in the order of the targets, each list is tested once") {
  Run run;
  run.lists = {"one.example", "two.example"};
  run.add_list("one.example");
  run.add_list("two.example");
  run.backend->add_address("9.2.0.192.two.example", "127.0.0.5");
  for (int i = 0; i < 200; ++i) run.targets.push_back("192.0.2." + std::to_string(i));
  run.run();
  REQUIRE(run.items.size() == 200);
  for (std::size_t i = 0; i < 200; ++i) {
    CHECK(run.items[i].text == run.targets[i]);
    CHECK(run.items[i].result.answered == 2);
    CHECK(run.items[i].result.listed == (i == 9 ? 1 : 0));
  }
  CHECK(run.asked("2.0.0.127.one.example A") == 1);
  CHECK(run.asked("1.0.0.127.two.example A") == 1);
  CHECK(run.end.complete);
}

TEST_CASE("a list that fails its test is not asked about any target") {
  Run run;
  run.lists = {"emptied.example", "dead.example"};
  run.backend->fail("2.0.0.127.dead.example", dns::Outcome::timeout);
  run.targets = {"192.0.2.1", "192.0.2.2"};
  run.run();
  REQUIRE(run.items.size() == 2);
  CHECK(run.items[1].result.lists[0].state == ListState::broken);
  CHECK(run.items[1].result.lists[1].state == ListState::error);
  CHECK(run.asked("1.2.0.192.emptied.example A") == 0);
  CHECK(run.asked("1.2.0.192.dead.example A") == 0);
}

TEST_CASE("a list that falls silent is given up, and said to be undecided") {
  Run run;
  run.add_list("one.example");
  for (int i = 0; i < 250; ++i) {
    run.targets.push_back("192.0.2." + std::to_string(i));
    run.backend->fail(std::to_string(i) + ".2.0.192.one.example", dns::Outcome::timeout);
  }
  run.run();
  REQUIRE(run.items.size() == 250);
  for (const auto& item : run.items) CHECK(item.result.lists[0].state == ListState::error);
  CHECK(run.items.back().result.lists[0].reason == "dnsbl.reason.given-up");
  CHECK(run.asked("240.2.0.192.one.example A") == 0);
}

TEST_CASE("a host stands for all of its addresses, a name also for itself") {
  Run run;
  run.add_list("one.example");
  run.backend->add_address(
      "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
      "one.example",
      "127.0.0.2");
  run.backend->add_address("mail.example.com", "192.0.2.1");
  run.backend->add_address("mail.example.com", "2001:db8::1");
  run.backend->add_address("1.2.0.192.one.example", "127.0.0.2");
  run.backend->fail("lost.example.com", dns::Outcome::servfail);
  run.targets = {"mail.example.com", "none.example.com", "lost.example.com", "192.0.2.9"};
  run.run();
  std::vector<std::string> texts;
  for (const auto& item : run.items)
    texts.push_back(item.text + (item.trouble == checks::NameTrouble::none         ? ""
                                 : item.trouble == checks::NameTrouble::unanswered ? " unknown"
                                                                                   : " none"));
  CHECK(texts == std::vector<std::string>{"mail.example.com", "192.0.2.1", "2001:db8::1",
                                          "none.example.com", "none.example.com none",
                                          "lost.example.com", "lost.example.com unknown",
                                          "192.0.2.9"});
  CHECK(run.items[1].host == "mail.example.com");
  CHECK(run.items[1].result.listed == 1);
}

TEST_CASE("no more is asked once the receiver has had enough") {
  Run run;
  run.add_list("one.example");
  for (int i = 0; i < 100; ++i) run.targets.push_back("192.0.2." + std::to_string(i));
  run.seen = [](const checks::SweepItem& item) { return item.text != "192.0.2.4"; };
  run.run();
  CHECK(run.items.size() == 5);
  CHECK_FALSE(run.end.complete);
}

TEST_CASE("stopped, it hands out what is complete and counts the rest") {
  Run run;
  run.add_list("one.example");
  run.access.rate = 50;  // so that the clock, not the work, sets the pace
  for (int i = 0; i < 200; ++i) run.targets.push_back("192.0.2." + std::to_string(i));
  run.tick = [](const checks::SweepCount& count) { return count.questions < 5; };
  run.run();
  CHECK_FALSE(run.end.complete);
  CHECK(run.items.size() >= 5);
  CHECK(run.items.size() + run.end.unfinished <= 200);
  for (const auto& item : run.items) CHECK(item.result.answered == 1);
}

TEST_CASE("the verdict about a list lasts an hour, unless the test is to be made always") {
  const auto now = std::chrono::system_clock::now();
  const auto cache = std::make_shared<checks::SelfTestCache>();
  checks::SelfTestVerdict broken;
  broken.kind = checks::SelfTestVerdict::Kind::broken;
  broken.reason = "dnsbl.reason.lists-everything";
  cache->restore("|one.example|ip4", broken, now - std::chrono::minutes(59));
  const auto state = [&](checks::SelfTest mode) {
    Run run;
    run.add_list("one.example");
    run.access.self_tests = cache;
    run.options.self_test = mode;
    run.targets = {"192.0.2.1"};
    run.run();
    return run.items.at(0).result.lists.at(0).state;
  };
  CHECK(state(checks::SelfTest::automatic) == ListState::broken);
  CHECK(state(checks::SelfTest::always) == ListState::not_listed);
  CHECK(state(checks::SelfTest::automatic) == ListState::not_listed);  // tested a moment ago

  checks::SelfTestCache old;
  old.restore("k", broken, now - std::chrono::minutes(61));
  CHECK(old.find("k", now, false) == nullptr);
  old.restore("later", broken, now + std::chrono::minutes(1));
  CHECK(old.find("later", now, false) == nullptr);
}

TEST_CASE("an address that no list serves is a note beside others of its name") {
  Run run;
  run.lists = {"bl.spamcop.net"};  // of IPv4 alone
  run.add_list("bl.spamcop.net");
  run.backend->add_address("both.example.com", "192.0.2.1");
  run.backend->add_address("both.example.com", "2001:db8::1");
  run.backend->add_address("six.example.com", "2001:db8::1");
  run.targets = {"both.example.com", "six.example.com", "2001:db8::2"};
  run.run();
  REQUIRE(run.items.size() == 4);
  const auto severity = [&run](std::size_t index) {
    const auto& findings = run.items[index].result.findings;
    CHECK(test::find(findings, "dnsbl.quorum-missed") == nullptr);
    return test::get(findings, "dnsbl.none-asked").severity;
  };
  CHECK(test::find(run.items[0].result.findings, "dnsbl.clean") != nullptr);
  CHECK(severity(1) == Severity::info);
  CHECK(severity(2) == Severity::unknown);
  CHECK(severity(3) == Severity::unknown);
}

TEST_CASE("a name that no list at all can be asked about is told of") {
  Run run;
  run.lists = {"dnsbl.sorbs.net"};  // retired
  run.targets = {"mail.example.com", "192.0.2.1"};
  run.run();
  REQUIRE(run.items.size() == 2);
  CHECK(test::get(run.items[0].result.findings, "dbl.none-asked").severity == Severity::unknown);
  CHECK(test::get(run.items[1].result.findings, "dnsbl.none-asked").severity == Severity::unknown);
  CHECK(run.backend->asked().empty());
}
