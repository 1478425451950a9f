#include "session/whois_files.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "support/temporary_directory.h"

namespace maildiag::session {
namespace {

using namespace checks::whois;

Cache::Entry entry(std::string name) {
  Cache::Entry made;
  made.registration.name = std::move(name);
  made.registration.abuse.email = "abuse@example.net";
  made.asked = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  made.source = "rdap";
  return made;
}

TEST_CASE("answers outlive a run, and those of other runs stay") {
  const test::TemporaryDirectory directory;
  Cache first, second, third;
  first.keep("a", entry("one"));
  CHECK(write_registrations(directory.path(), first));
  second.keep("b", entry("two"));
  CHECK(write_registrations(directory.path(), second));
  read_registrations(directory.path(), third);
  REQUIRE(third.entries().size() == 2);
  CHECK(third.entries().at("a").registration.abuse.email == "abuse@example.net");
  CHECK(third.entries().at("b").registration.name == "two");
  CHECK_FALSE(third.changed());
  const auto file = directory.path() + "/registrations.jsonl";
  using std::filesystem::perms;
  CHECK((std::filesystem::status(file).permissions() & perms::mask) ==
        (perms::owner_read | perms::owner_write | perms::group_read));
}

TEST_CASE("old answers are left out, and damaged lines") {
  const test::TemporaryDirectory directory;
  Cache cache, read;
  auto old = entry("old");
  old.asked -= std::chrono::hours(25);
  cache.keep("old", old);
  cache.keep("new", entry("new"));
  CHECK(write_registrations(directory.path(), cache));
  std::ofstream(directory.path() + "/registrations.jsonl", std::ios::app)
      << "{\n[]\n{\"key\":\"x\"}\n{\"key\":\"y\",\"asked\":\"2026-11-22T00:00:00Z\",\"found\":1}\n"
      << "{\"key\":\"z\",\"asked\":\"2026-11-22T00:00:00Z\",\"found\":true,\"registration\":"
         "{\"name\":\"\\u001b[2J\",\"status\":\"x\",\"abuse\":[]}}\n";
  read_registrations(directory.path(), read);
  CHECK(read.entries().size() == 2);
  CHECK(read.entries().at("z").registration.name.find('\x1b') == std::string::npos);
}

TEST_CASE("a cache that others may write is none") {
  const test::TemporaryDirectory directory;
  Cache cache, read;
  cache.keep("a", entry("one"));
  CHECK(write_registrations(directory.path(), cache));
  const auto file = directory.path() + "/registrations.jsonl";
  CHECK(::chmod(file.c_str(), 0666) == 0);
  read_registrations(directory.path(), read);
  CHECK(read.entries().empty());
  CHECK_FALSE(write_registrations("/proc/no-such-directory", cache));
}

TEST_CASE("refreshed lists of servers") {
  const test::TemporaryDirectory directory;
  directory.write("rdap-dns.json",
                  R"({"version":"1.0","services":[[["com"],["https://new.example/"]]]})");
  directory.write("rdap-asn.json", "{");
  Bootstrap bootstrap;
  read_bootstrap(directory.path(), bootstrap);
  CHECK(bootstrap.size() == 1);
  CHECK(bootstrap.find(*parse_target("example.com")) == "https://new.example/");
  CHECK(bootstrap.find(*parse_target("AS1")).empty());
}

}  // namespace
}  // namespace maildiag::session
