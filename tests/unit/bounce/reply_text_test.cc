#include "bounce/reply_text.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace maildiag;
using bounce::ascii_punctuation;

namespace {

std::vector<std::string> addresses_in(std::string_view text) {
  std::vector<std::string> found;
  for (const auto& ip : bounce::find_ip_addresses(text)) found.push_back(ip.to_string());
  return found;
}

}  // namespace

TEST_CASE("addresses of hosts in running text, each once") {
  using Found = std::vector<std::string>;
  CHECK(addresses_in("192.0.2.1") == Found{"192.0.2.1"});
  CHECK(addresses_in("[192.0.2.1]:25 and 192.0.2.1, not 198.51.100.7.") ==
        Found{"192.0.2.1", "198.51.100.7"});
  CHECK(addresses_in("IPv6:2001:db8::1 blocked") == Found{"2001:db8::1"});
  CHECK(addresses_in("fe80::1:2") == Found{"fe80::1:2"});
  CHECK(addresses_in("::ffff:192.0.2.1").size() == 1);
  for (const char* text : {"", "1.2.3", "1.2.3 and 5.6", "a.b.c.d", "12:30:45", "::1",
                           "::", "version 1.2.3-4.5.6", "x192.0.2.1"}) {
    CAPTURE(text);
    CHECK(addresses_in(text).empty());
  }
}

TEST_CASE("typographic characters become ASCII wherever they stand") {
  CHECK(ascii_punctuation("") == "");
  CHECK(ascii_punctuation("plain") == "plain");
  CHECK(ascii_punctuation("“a”") == "\"a\"");
  CHECK(ascii_punctuation("그만…") == "그만...");
  CHECK(ascii_punctuation("\u200b한\ufeff글\u2060") == "한글");
  CHECK(ascii_punctuation("「가」：나；다－라　마") == "\"가\":나;다-라 마");
  CHECK(ascii_punctuation("\u2009–\u200a") == " - ");
  // Beside what is replaced, and between it.
  CHECK(ascii_punctuation("¬®¼‖†‧‰″‴⁡〉〟Ａ") ==
        "¬®¼‖†‧‰\"‴⁡〉〟Ａ");
}
