#include <string>

#include <doctest/doctest.h>

#include "rulebook/loader/loader.h"
#include "support/temporary_directory.h"

using namespace maildiag;

TEST_CASE("registries") {
  const auto registry = [](const std::string& lines) -> std::string {
    const test::TemporaryDirectory directory;
    directory.write("a.toml", "[[registry]]\nid = 'r'\nname = 'R'\n" + lines + "source = 'here'\n");
    const auto library = rulebook::load_directories({}, {{directory.path(), "rules", 0}});
    if (library) return "no fault";
    CHECK(library.error().code == ErrorCode::configuration);
    return library.error().message;
  };
  const std::string good = "rdap = 'https://rdap.example/'\n";
  CHECK(registry(good) == "no fault");
  CHECK(registry("whois = 'whois.example.net'\nquestion = 'n + {target}'\n") == "no fault");
  CHECK(registry(good + "networks = ['192.0.2.0/24', '2001:db8::/32']\n"
                        "as_numbers = ['1', '4608-4865']\ndomains = ['xn--3e0b707e']\n") ==
        "no fault");
  const auto says = [&](const std::string& lines, const std::string& part) {
    CAPTURE(lines);
    return registry(lines).find(part) != std::string::npos;
  };
  CHECK(says("", "needs `rdap` or `whois`"));
  CHECK(says("rdap = 'http://rdap.example/'\n", "is no https URL"));
  CHECK(says("rdap = 'https://rdap.example'\n", "is no https URL"));
  CHECK(says("whois = 'Whois.Example'\n", "is no host name"));
  CHECK(says(good + "question = 'n +'\n", "lacks {target}"));
  CHECK(says(good + "networks = ['192.0.2.0/33']\n", "is no network"));
  CHECK(says(good + "as_numbers = ['9-2']\n", "is no number or range"));
  CHECK(says(good + "domains = ['한국']\n", "is no domain in lower case"));
  CHECK(says(good + "port = 44\n", "unknown key `port`"));
}
