#include "diagnose/list_names.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/temporary_directory.h"

using namespace maildiag;
using diagnose::lists_named;
using diagnose::same_list;

namespace {

const std::string on = "# on\n";

std::string list(const std::string& zone, const std::string& rest) {
  const std::string codes = rest.find("retired") == std::string::npos
                                ? "{ code = '127.0.0.2', meaning = { en = 'M' } }"
                                : "";
  return "[[list]]\nzone = '" + zone + "'\nname = 'N'\noperator = 'O'\nweight = 'info'\n" +
         "public_resolvers = 'unknown'\nregistration = 'none'\nnotes = { en = 'N' }\n" +
         "source = 'here'\ndefault = " + (rest.find(on) == std::string::npos ? "false" : "true") +
         "\ncodes = [" + codes + "]\n" + rest + "\n";
}

const std::string ip4 = "families = ['ip4']\nclass = 'block'\n";

using Zones = std::vector<std::string>;

}  // namespace

TEST_CASE("a list is known by its zone, its web site and its operator") {
  CHECK(same_list("zen.spamhaus.org", "zen.spamhaus.org"));
  CHECK(same_list("www.spamhaus.org", "zen.spamhaus.org"));
  CHECK(same_list("SPAMHAUS.ORG", "dbl.spamhaus.org"));
  CHECK(same_list("www.spamlist.or.kr", "spamlist.or.kr"));
  CHECK_FALSE(same_list("kisarbl.or.kr", "spamlist.or.kr"));  // two names under one registry
  CHECK_FALSE(same_list("spamhaus.org", "spamcop.net"));
  CHECK_FALSE(same_list("", "spamcop.net"));
  CHECK_FALSE(same_list("org", "spamhaus.org"));
  CHECK_FALSE(same_list("spamhaus.org", "org"));
  CHECK_FALSE(same_list("org", "org"));
  CHECK_FALSE(same_list("org", "www.org"));
  // A short name below a generic domain, and a long one below a country's, are operators.
  CHECK(same_list("www.abc.org", "zen.abc.org"));
  CHECK(same_list("www.spamlist.kr", "bl.spamlist.kr"));
}

TEST_CASE("the lists of a name: the exact one, else what its operator has on, else all of it") {
  const test::TemporaryDirectory directory;
  directory.write("own.toml",
                  list("whole.own.example", ip4 + on) + list("part.own.example", ip4) +
                      list("a.off.example", ip4) + list("b.off.example", ip4) +
                      list("six.off.example", "families = ['ip6']\nclass = 'block'\n") +
                      list("names.off.example", "families = ['domain']\nclass = 'domain'\n") +
                      list("old.off.example",
                           "families = ['ip4']\nclass = 'retired'\n"
                           "retired = 'in 2020'\n") +
                      list("{key}.off.example", ip4 + "key = 'own'\n"));
  const auto book = rulebook::Rulebook::load({directory.path()});
  REQUIRE_MESSAGE(book, book.error().message);
  const auto named = [&book](std::string_view name, const checks::DnsblTarget& target) {
    return lists_named(**book, name, target);
  };
  const auto v4 = IpAddress::parse("203.0.113.7").value();
  const auto v6 = IpAddress::parse("2001:db8::7").value();
  CHECK(named("www.own.example", v4) == Zones{"whole.own.example"});
  CHECK(named("part.own.example", v4) == Zones{"part.own.example"});
  CHECK(named("www.off.example", v4) == Zones{"a.off.example", "b.off.example"});
  CHECK(named("a.off.example", v4) == Zones{"a.off.example"});
  CHECK(named("www.off.example", v6) == Zones{"six.off.example"});
  CHECK(named("www.off.example", DomainName::parse("example.com").value()) ==
        Zones{"names.off.example"});
  CHECK(named("www.other.example", v4) == Zones{});
  CHECK(named("", v4) == Zones{});
}
