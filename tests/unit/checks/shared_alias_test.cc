#include "checks/shared_alias.h"

#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

using test::raw_name;

dns::Answer alias(std::string_view name, const std::vector<std::string_view>& targets) {
  dns::Answer answer;
  answer.question = {raw_name(name), dns::RecordType::txt};
  for (const auto target : targets) answer.cname_chain.push_back(raw_name(target));
  return answer;
}

TEST_CASE("an alias that a name shares with one that nobody has") {
  const auto wild = alias("no.example.com", {"www.example.net"});
  CHECK(is_shared_alias(alias("a.example.com", {"WWW.example.net"}), wild));
  CHECK(is_shared_alias(alias("a.b.example.com", {"www.example.net"}), wild));
  CHECK_FALSE(is_shared_alias(alias("a.example.com", {"ftp.example.net"}), wild));
  CHECK_FALSE(is_shared_alias(alias("a.example.com", {"www.example.net", "x.example"}), wild));
  CHECK_FALSE(is_shared_alias(alias("a.example.com", {}), wild));
  CHECK_FALSE(is_shared_alias(wild, alias("no.example.com", {})));
  CHECK_FALSE(is_shared_alias(alias("a.example.com", {}), alias("no.example.com", {})));
}

TEST_CASE("an alias that a DNAME made") {
  const auto made = alias("no._domainkey.example.com", {"no._domainkey.example.net"});
  CHECK(is_shared_alias(alias("a._domainkey.example.com", {"A._domainkey.example.net"}), made));
  CHECK(is_shared_alias(alias("a.b._domainkey.example.com", {"a.b._domainkey.example.net"}), made));
  CHECK_FALSE(is_shared_alias(alias("a._domainkey.example.com", {"a.example.net"}), made));
  CHECK_FALSE(
      is_shared_alias(alias("a._domainkey.example.com", {"b._domainkey.example.net"}), made));
  CHECK_FALSE(is_shared_alias(alias("a._domainkey.example.com", {"."}), made));
  CHECK_FALSE(is_shared_alias(
      alias("a._domainkey.example.com", {"a._domainkey.example.net", "x.example"}), made));
  // Every name of the two ends in a wildcard's target, or goes through another DNAME.
  CHECK(is_shared_alias(alias("a.example.com", {"a.example.net", "www.example"}),
                        alias("no.example.com", {"no.example.net", "www.example"})));
  CHECK(is_shared_alias(alias("a.example.com", {"a.example.net", "a.example.org"}),
                        alias("no.example.com", {"no.example.net", "no.example.org"})));
}

}  // namespace
}  // namespace maildiag::checks
