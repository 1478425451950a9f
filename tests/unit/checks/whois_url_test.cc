#include "checks/whois_url.h"

#include <doctest/doctest.h>

namespace maildiag::checks::whois {
namespace {

TEST_CASE("a URL's host is a name or an address, never what others take for an address") {
  CHECK(HttpsUrl::parse("https://RDAP.example.com:443/a?b#c")->host == "rdap.example.com");
  CHECK(HttpsUrl::parse("https://[2001:DB8::1]/")->host == "2001:db8::1");
  for (const char* odd : {"https://0x7f.1/", "https://127.1/", "https://10.0.0.0x1:443/"})
    CHECK_MESSAGE(!HttpsUrl::parse(odd), odd);
}

}  // namespace
}  // namespace maildiag::checks::whois
