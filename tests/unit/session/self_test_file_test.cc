#include "session/self_test_file.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "support/temporary_directory.h"

using namespace maildiag;
using checks::SelfTestCache;
using checks::SelfTestVerdict;

namespace {

namespace fs = std::filesystem;
const auto now = std::chrono::system_clock::now();

SelfTestVerdict verdict_of(SelfTestVerdict::Kind kind) {
  SelfTestVerdict verdict;
  verdict.kind = kind;
  if (kind == SelfTestVerdict::Kind::broken) verdict.reason = "dnsbl.reason.lists-everything";
  if (kind == SelfTestVerdict::Kind::blocked) verdict.code = IpAddress::parse("127.255.255.254");
  verdict.evidence.data = Value::object({{"name", "2.0.0.127.secretkey.bl.example"}});
  return verdict;
}

std::string content(const std::string& file) {
  std::ifstream input(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(input), {}};
}

}  // namespace

TEST_CASE("what one run learned, the next one knows; keys and unanswered tests stay out") {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() + "/cache/maildiag/self-tests.jsonl";
  SelfTestCache first;
  first.keep("r|a|ip4", verdict_of(SelfTestVerdict::Kind::passed), now);
  first.keep("r|b|ip4", verdict_of(SelfTestVerdict::Kind::broken), now);
  first.keep("r|c|ip6", verdict_of(SelfTestVerdict::Kind::blocked), now);
  first.keep("r|d|ip4", verdict_of(SelfTestVerdict::Kind::unanswered), now);
  REQUIRE(session::write_self_tests(file, first, SecretMask({"secretkey"})));
  CHECK(content(file).find("secretkey") == std::string::npos);

  SelfTestCache second;
  session::read_self_tests(file, second);
  REQUIRE(second.find("r|a|ip4", now, false) != nullptr);
  CHECK(second.find("r|a|ip4", now, true) == nullptr);
  CHECK(second.find("r|b|ip4", now, false)->reason == "dnsbl.reason.lists-everything");
  CHECK(second.find("r|c|ip6", now, false)->code == IpAddress::parse("127.255.255.254"));
  CHECK(second.find("r|d|ip4", now, false) == nullptr);
  CHECK_FALSE(second.changed());

  // A run beside it adds its own.
  SelfTestCache other;
  other.keep("r|e|ip4", verdict_of(SelfTestVerdict::Kind::passed), now);
  REQUIRE(session::write_self_tests(file, other, {}));
  SelfTestCache both;
  session::read_self_tests(file, both);
  CHECK(both.entries().size() == 4);
  // Nothing but the file is left behind.
  CHECK(std::distance(fs::directory_iterator(directory.path() + "/cache/maildiag"), {}) == 1);
}

TEST_CASE("what earlier runs kept is read once, when the first list is asked about") {
  int reads = 0;
  SelfTestCache cache;
  cache.restore_when_asked([&reads](SelfTestCache& own) {
    ++reads;
    own.restore("r|a|ip4", verdict_of(SelfTestVerdict::Kind::passed), now);
  });
  CHECK(reads == 0);
  CHECK(cache.find("r|b|ip4", now, false) == nullptr);
  CHECK(cache.find("r|a|ip4", now, false) != nullptr);
  CHECK(reads == 1);
  CHECK_FALSE(cache.changed());
}

TEST_CASE("a damaged, foreign or huge file is no file") {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() + "/self-tests.jsonl";
  const auto size = [&file] {
    SelfTestCache cache;
    session::read_self_tests(file, cache);
    return cache.entries().size();
  };
  CHECK(size() == 0);
  SelfTestCache cache;
  cache.keep("r|a|ip4", verdict_of(SelfTestVerdict::Kind::passed), now);
  REQUIRE(session::write_self_tests(file, cache, {}));
  const auto good = content(file);
  const auto with = [&](const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
    return size();
  };
  CHECK(with(good) == 1);
  CHECK(with(std::string("\0\xff{}\n[[[\n{\"key\":3}\n", 19) + good) == 1);
  CHECK(with(good.substr(0, good.size() / 2)) == 0);
  CHECK(with(std::string(100'000, '[') + "\n" + good) == 1);
  CHECK(with(R"({"key":"k","tested":"x","verdict":"passed"})") == 0);
  CHECK(with(R"({"key":"k","tested":"2026-01-01T00:00:00Z","verdict":"broken","reason":"<b>"})") ==
        0);
  CHECK(with(good + std::string(5UL << 20U, ' ')) == 0);
  std::string many;
  for (int i = 0; i < 6000; ++i)
    many += R"({"key":")" + std::to_string(i) +
            R"(","tested":"2026-01-01T00:00:00Z","verdict":"passed"})" + "\n";
  CHECK(with(many) == SelfTestCache::most_entries);
  CHECK(with(good) == 1);
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  CHECK(size() == 0);
  fs::remove(file);
  fs::create_symlink("/dev/zero", file);
  CHECK(size() == 0);
  CHECK_FALSE(session::write_self_tests("/dev/null/no/self-tests.jsonl", cache, {}));
}
