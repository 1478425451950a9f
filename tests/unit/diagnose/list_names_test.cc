#include "diagnose/list_names.h"

#include <doctest/doctest.h>

using maildiag::diagnose::same_list;

TEST_CASE("a list is known by its zone, its web site and its operator") {
  CHECK(same_list("zen.spamhaus.org", "zen.spamhaus.org"));
  CHECK(same_list("www.spamhaus.org", "zen.spamhaus.org"));
  CHECK(same_list("SPAMHAUS.ORG", "dbl.spamhaus.org"));
  CHECK(same_list("www.spamlist.or.kr", "spamlist.or.kr"));
  CHECK_FALSE(same_list("kisarbl.or.kr", "spamlist.or.kr"));  // two names under one registry
  CHECK_FALSE(same_list("spamhaus.org", "spamcop.net"));
  CHECK_FALSE(same_list("", "spamcop.net"));
  CHECK_FALSE(same_list("org", "spamhaus.org"));
}
