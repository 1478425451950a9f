#include "rulebook/matcher.h"

#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "rulebook/bulk_matcher.h"
#include "rulebook/loader/loader.h"
#include "support/temporary_directory.h"

using namespace maildiag;
using namespace maildiag::rulebook;

namespace {

constexpr const char* rules = R"(
[[provider]]
id = "portal"
kind = "provider"
name = { en = "Portal" }
mx = ["mx.portal.example"]
domains = ["portal.example"]
[[cause]]
id = "c"
side = "network"
title = { en = "T" }
meaning = { en = "M" }
untestable = true
[[rule]]
id = "full"
match = 'mailbox (?:is )?full'
cause = "c"
meaning = { en = "M" }
[[rule]]
id = "full-550"
match = 'mailbox full'
reply = [550]
cause = "c"
meaning = { en = "M" }
[[rule]]
id = "portal.busy"
provider = "portal"
from_provider = true
match = 'busy'
cause = "c"
meaning = { en = "M" }
[[rule]]
id = "limit.rate"
match = 'sending limit exceeded'
unless = '\d ?[KMG]B\b'
cause = "c"
meaning = { en = "M" }
[[rule]]
id = "gone.sender"
names = "sender"
match = 'domain is gone'
cause = "c"
meaning = { en = "M" }
[[rule]]
id = "gone.recipient"
names = "recipient"
match = 'domain is gone'
cause = "c"
meaning = { en = "M" }
[[rule]]
id = "portal.code"
provider = "portal"
subcode = true
match = '\bX17\b(?: (?P<ip>[0-9.]+))?(?: see (?P<url>\S+))?'
cause = "c"
meaning = { en = "M" }
[[rule]]
id = "status.exact"
status = ["5.2.2"]
cause = "c"
meaning = { en = "M" }
[[rule]]
id = "status.wide"
status = ["*.2.*"]
cause = "c"
meaning = { en = "M" }
[[rule]]
id = "code.452"
reply = [452, 552]
cause = "c"
meaning = { en = "M" }
)";

const Library& library() {
  static const Library loaded = [] {
    const test::TemporaryDirectory directory;
    directory.write("r.toml", rules);
    auto result = load_directories({}, {{directory.path(), "rules", 1}});
    REQUIRE_MESSAGE(result, result.error().message);
    return std::move(*result);
  }();
  return loaded;
}

// "winner/runner-up", "-" for none.
std::string winners(const ReplyView& reply) {
  const Matcher matcher(library().tables());
  const auto match = matcher.match(reply);
  const auto bulk = make_bulk_matcher(matcher)->match(reply);
  CHECK(bulk.rule == match.rule);
  CHECK(bulk.runner_up == match.runner_up);
  const auto name = [](const Rule* rule) {
    return rule == nullptr ? std::string("-") : std::string(rule->id);
  };
  return name(match.rule) + "/" + name(match.runner_up);
}

ReplyView text(std::string_view content) {
  return {0, {}, content, {}, {}};
}

}  // namespace

TEST_CASE("phrases match anywhere, in any case") {
  CHECK(winners(text("The MAILBOX is Full, sorry")) == "full/-");
  CHECK(winners(text("nothing known")) == "-/-");
  CHECK(winners(text("")) == "-/-");
}

TEST_CASE("a guard that holds beats a longer phrase, one that does not drops the rule") {
  CHECK(winners({550, {}, "mailbox full", {}, {}}) == "full-550/full");
  CHECK(winners({450, {}, "mailbox full", {}, {}}) == "full/-");
  CHECK(winners(text("mailbox full")) == "full/-");
}

TEST_CASE("status and reply codes are the last resort") {
  CHECK(winners({552, "5.2.2", "unheard of", {}, {}}) == "status.exact/status.wide");
  CHECK(winners({452, "4.2.9", "unheard of", {}, {}}) == "status.wide/code.452");
  CHECK(winners({452, {}, "unheard of", {}, {}}) == "code.452/-");
  CHECK(winners({452, "5.2.2", "mailbox full", {}, {}}) == "full/status.exact");
  for (const char* status : {"5.2", "5.2.", "5.2.2.1", "5", "", "5.20.2", ".2."}) {
    CAPTURE(status);
    CHECK(winners({0, status, "unheard of", {}, {}}) == "-/-");
  }
}

TEST_CASE("from_provider looks at the server that replied or at the recipient's domain") {
  CHECK(winners({0, {}, "busy", "mx.portal.example", {}}) == "portal.busy/-");
  CHECK(winners({0, {}, "busy", "A.MX.Portal.Example.", {}}) == "portal.busy/-");
  CHECK(winners({0, {}, "busy", {}, "portal.example"}) == "portal.busy/-");
  CHECK(winners({0, {}, "busy", "badmx.portal.example", {}}) == "-/-");
  CHECK(winners({0, {}, "busy", "portal.example", {}}) == "-/-");
  CHECK(winners({0, {}, "busy", "portal.example.evil.example", "notportal.example"}) == "-/-");
  CHECK(winners(text("busy")) == "-/-");
}

TEST_CASE("unless excepts what it matches") {
  CHECK(winners(text("Sending limit exceeded (500)")) == "limit.rate/-");
  CHECK(winners(text("Sending limit exceeded (25 mb)")) == "-/-");
  // Beyond what is read it excepts nothing.
  const std::string far = "sending limit exceeded " + std::string(max_matched_bytes, 'x') + " 25MB";
  CHECK(winners(text(far)) == "limit.rate/-");
}

TEST_CASE("names looks for the domain of one address, and that of the other excludes it") {
  const auto winner = [](const std::string& reply, std::string_view sender,
                         std::string_view recipient) {
    return winners({0, {}, reply, {}, recipient, false, sender});
  };
  const std::string_view a = "a.example", b = "b.example";
  CHECK(winner("domain is gone: a.example", a, b) == "gone.sender/-");
  CHECK(winner("domain is gone: <x@A.Example>", a, b) == "gone.sender/-");
  CHECK(winner("a.example.: domain is gone", "a.example.", b) == "gone.sender/-");
  CHECK(winner("a.example이 domain is gone", a, b) == "gone.sender/-");
  CHECK(winner("domain is gone: b.example", a, b) == "gone.recipient/-");
  CHECK(winner("domain is gone: a.example", a, {}) == "gone.sender/-");
  // The second place counts where the first is another name.
  CHECK(winner("domain is gone: xa.example a.example", a, b) == "gone.sender/-");
  for (const char* name : {"mail.a.example", "xa.example", "a.example.org", "a.example-x",
                           "a.examples", "한a.example", "example", "c.example", ""}) {
    CAPTURE(name);
    CHECK(winner(std::string("domain is gone: ") + name, a, b) == "-/-");
  }
  // Whose it is nobody can tell.
  CHECK(winner("domain is gone: a.example", a, a) == "-/-");
  CHECK(winner("domain is gone: a.example, b.example", a, b) == "-/-");
  CHECK(winner("domain is gone", {}, {}) == "-/-");
  CHECK(winner("domain is gone: localhost", "localhost", b) == "-/-");
}

TEST_CASE("named groups of the winner become facts, empty ones do not") {
  const Matcher matcher(library().tables());
  using Facts = std::vector<std::pair<std::string, std::string>>;
  CHECK(matcher.match(text("mailbox full: X17 192.0.2.1 see https://portal.example/")).facts ==
        Facts{{"ip", "192.0.2.1"}, {"url", "https://portal.example/"}});
  CHECK(matcher.match(text("x17 see here")).facts == Facts{{"url", "here"}});
  CHECK(matcher.match(text("X17")).facts == Facts{});
  CHECK(matcher.match(text("AX17B")).rule == nullptr);
}

TEST_CASE("octets that are no text match nothing and harm nothing") {
  std::string octets;
  for (int i = 0; i < 256; ++i) octets += static_cast<char>(i);
  CHECK(winners(text(octets)) == "-/-");
  CHECK(winners(text(octets + " mailbox full")) == "full/-");
  CHECK(winners(text(std::string("mailbox\0full", 12))) == "-/-");
}

TEST_CASE("only the beginning of an endless reply is read") {
  const std::string padding(max_matched_bytes, 'x');
  CHECK(winners(text(padding + " mailbox full")) == "-/-");
  CHECK(winners(text("mailbox full " + padding)) == "full/-");
}

TEST_CASE("threads may share a matcher") {
  const Matcher matcher(library().tables());
  std::vector<std::string> winner(8);
  std::vector<std::thread> threads;
  for (auto& result : winner) {
    threads.emplace_back(
        [&matcher, &result] { result = matcher.match(text("the mailbox is full")).rule->id; });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& result : winner) CHECK(result == "full");
}
