#include "rulebook/loader/loader.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/temporary_directory.h"

using namespace maildiag;
using namespace maildiag::rulebook;

namespace {

constexpr const char* base = R"(
[[provider]]
id = "portal"
kind = "provider"
name = { en = "Portal", ko = "포털" }
mx = ["mx.portal.example"]
[[cause]]
id = "user-unknown"
side = "recipient-mailbox"
title = { en = "No such mailbox", ko = "수신자 없음" }
meaning = { en = "It is not there.", ko = "없습니다." }
fix = { en = ["Ask."], ko = ["문의하세요."] }
untestable = true
)";

constexpr const char* rule_head = R"([[rule]]
id = "portal.unknown"
cause = "user-unknown"
meaning = { en = "No.", ko = "없음." }
fix = { en = ["Ask."], ko = ["문의하세요."] }
examples = ["550 no such user"]
source = "here"
)";

// Loads the base file and another one as shipped rules (layer 0) or as a user's (layer 1).
Result<Library> load(const std::string& document, int layer = 0) {
  const test::TemporaryDirectory directory;
  directory.write("a.toml", base);
  directory.write("b/c.toml", document);
  return load_directories({}, {{directory.path(), "rules", layer}});
}

std::string fault(const std::string& document, int layer = 0) {
  const auto library = load(document, layer);
  if (library) return "no fault";
  CHECK(library.error().code == ErrorCode::configuration);
  CHECK(library.error().message.find('\n') == std::string::npos);
  CHECK_FALSE(library.error().sentence.empty());  // rules/faults.toml has it in Korean
  return library.error().message;
}

std::string rule_fault(const std::string& line, int layer = 0) {
  return fault(rule_head + line + "\n", layer);
}

constexpr const char* list_head = R"([[list]]
zone = "bl.example"
name = "BL"
operator = "Somebody"
families = ["ip4"]
class = "block"
weight = "warning"
public_resolvers = "unknown"
registration = "none"
notes = { en = "A list.", ko = "목록." }
source = "here"
)";

std::string list_fault(const std::string& lines) {
  return fault(list_head + lines + "\n");
}

}  // namespace

TEST_CASE("a complete rule is read whole") {
  const auto library = load(R"(
[[rule]]
id = "portal.unknown"
provider = "portal"
subcode = true
from_provider = true
names = "sender"
reply = [550, 554]
status = ["5.1.1", "*.1.*"]
match = '\bU1\b.* (?P<address>\S+@\S+)'
unless = 'U1 (?:was|is) over'
cause = "user-unknown"
permanent = false
meaning = { en = "No.", ko = "없음." }
fix = { en = ["Ask.", "Wait."], ko = ["문의하세요.", "기다리세요."] }
links = ["https://portal.example/"]
examples = ["550 5.1.1 U1 a@b"]
not = ["550 5.1.1 U2"]
source = "here"
)",
                            1);
  REQUIRE_MESSAGE(library, library.error().message);
  REQUIRE(library->rules.size() == 1);
  const Rule& rule = library->rules[0];
  CHECK(rule.provider == "portal");
  CHECK(rule.subcode);
  CHECK(rule.from_provider);
  CHECK(rule.names == "sender");
  CHECK(rule.unless == "U1 (?:was|is) over");
  CHECK(std::vector<int>(rule.reply.begin(), rule.reply.end()) == std::vector<int>{550, 554});
  CHECK(rule.status[1] == "*.1.*");
  CHECK(rule.permanent == false);
  CHECK(rule.meaning.in(Language::ko) == "없음.");
  CHECK(rule.fix.ko[1] == "기다리세요.");
  CHECK(rule.not_examples[0] == "550 5.1.1 U2");
  CHECK(rule.origin == "rules/b/c.toml:2");
  CHECK(rule.layer == 1);
  CHECK(rule.literals[0] == "u1");
  CHECK(library->rule_order == std::vector<std::uint16_t>{0});
}

TEST_CASE("a user's rule needs no Korean, fix, examples or source") {
  const char* own =
      "[[rule]]\nid = \"own.x\"\nmatch = \"abcd\"\ncause = \"user-unknown\"\nmeaning = { en = "
      "\"No.\" }\n";
  REQUIRE(load(own, 1));
  CHECK(load(own, 1)->rules[0].meaning.in(Language::ko) == "No.");
  CHECK(fault(own) == "rules/b/c.toml:5: rule `own.x`: key `meaning.ko` is missing; add it");
}

TEST_CASE("a rule without fault") {
  CHECK(rule_fault("match = 'no such user'") == "no fault");
}

TEST_CASE("faults of a rule name file, line, rule and cure") {
  struct Case {
    const char *line, *message;
  };
  const Case cases[] = {
      {"",
       "1: rule `portal.unknown`: needs `match`, `status` or `reply`, or it matches every reply"},
      {"match = 'no (such'",
       "8: rule `portal.unknown`: RE2 does not accept the pattern: missing ): no (such"},
      {"match = '(?=abcd)'",
       "8: rule `portal.unknown`: RE2 does not accept the pattern: invalid perl operator: (?="},
      {"match = '(?P<a\xc2\x9d>b)'",
       "8: rule `portal.unknown`: RE2 does not accept the pattern: invalid named capture group: "
       "(?P<a\\u{9d}>"},
      {"match = '(abcd)?'",
       "8: rule `portal.unknown`: matches the empty text, so every reply; demand something"},
      {"match = '(abcd)e'",
       "8: rule `portal.unknown`: a group captures without a name; write (?:...)"},
      {"match = '(?P<who>abcd)'",
       "8: rule `portal.unknown`: unknown group name `who`; known: ip, list, domain, limit, url, "
       "address, retry"},
      {"match = '[a-z]+abc'",
       "8: rule `portal.unknown`: demands only 3 literal characters; at least 4, or it wins by "
       "chance"},
      {"mach = 'abcd'",
       "8: rule `portal.unknown`: unknown key `mach`; known here: id, provider, subcode, reply, "
       "status, from_provider, names, match, unless, "
       "cause, list, permanent, meaning, fix, links, examples, not, source"},
      {"match = 'abcd'\nsubcode = 1",
       "9: rule `portal.unknown`: `subcode` must be a boolean, not an integer"},
      {"status = ['5.1.1']\nsubcode = true",
       "9: rule `portal.unknown`: needs `match`: it marks a code in the text"},
      {"reply = [55]", "8: rule `portal.unknown`: `reply` must hold integers between 200 and 599"},
      {"reply = '550'", "8: rule `portal.unknown`: `reply` must be an array, not a string"},
      {"status = ['5.1']",
       "8: rule `portal.unknown`: \"5.1\" is no enhanced status code such as 5.7.1 or *.1.1"},
      {"status = ['3.1.1']",
       "8: rule `portal.unknown`: \"3.1.1\" is no enhanced status code such as 5.7.1 or *.1.1"},
      {"status = ['5.1.1.1']",
       "8: rule `portal.unknown`: \"5.1.1.1\" is no enhanced status code such as 5.7.1 or *.1.1"},
      {"match = 'abcd'\nfrom_provider = true",
       "9: rule `portal.unknown`: needs the key `provider`"},
      {"match = 'abcd'\nunless = 'efgh('",
       "9: rule `portal.unknown`: RE2 does not accept the pattern: missing ): efgh("},
      {"match = 'abcd'\nunless = 'e?'",
       "9: rule `portal.unknown`: matches the empty text, so every reply; demand something"},
      {"match = 'abcd'\nunless = '(?P<ip>e)'",
       "9: rule `portal.unknown`: a group captures; write (?:...)"},
      {"reply = [550]\nunless = 'e'",
       "9: rule `portal.unknown`: needs `match`: it excepts some of what matches"},
      {"match = 'abcd'\nnames = 'nobody'",
       "9: rule `portal.unknown`: `names` is \"nobody\"; it must be one of: sender, recipient"},
      {"match = 'abcd'\nprovider = 'nobody'",
       "1: rule `portal.unknown`: unknown provider `nobody`; add a [[provider]] table with this "
       "id"},
      {"match = 'abcd'\nlinks = ['']",
       "9: rule `portal.unknown`: `links` holds an empty string; fill it or remove it"},
      {"match = ''", "8: rule `portal.unknown`: `match` is empty; fill it or leave it out"},
      {"match = \"ab\\ncd\"",
       "8: rule `portal.unknown`: `match` holds a control character or a line break; use one line"},
      {"match = 'abcd'\n[[rule]]\nid = 'B'",
       "10: rule `B`: `id` may hold only lower-case letters, digits, '.', '-' and '_'"},
  };
  for (const auto& entry : cases) {
    CAPTURE(std::string(entry.line));
    CHECK(rule_fault(entry.line) == std::string("rules/b/c.toml:") + entry.message);
  }
}

TEST_CASE("missing and unknown things outside a rule's own keys") {
  CHECK(fault("[[rule]]\n") == "rules/b/c.toml:1: rule: key `id` is missing; add it");
  CHECK(fault("[[rules]]\nid = 'x'\n") ==
        "rules/b/c.toml:1: unknown `rules`; known tables: [[provider]] [[rule]] [[cause]] "
        "[[finding]] [[label]] [[list]] "
        "[[selector]] [[requirement]] [[registry]]");
  CHECK(fault("[\"x\\n\\u001b\"]\n").starts_with("rules/b/c.toml:1: unknown `x \\x1b`;"));
  CHECK(fault("rule = 5\n").starts_with("rules/b/c.toml:1: unknown `rule`"));
  CHECK(fault("rule = [5]\n") == "rules/b/c.toml:1: `rule` must hold tables: [[rule]]");
  CHECK(fault("[[rule]\n").starts_with("rules/b/c.toml:1: not TOML"));
  CHECK(rule_fault("match = 'abcd'\n" + std::string(rule_head) + "match = 'efgh'") ==
        "rules/b/c.toml:9: rule `portal.unknown`: stands twice, first at rules/b/c.toml:1; rename "
        "or remove one");
  CHECK(
      fault("[[rule]]\nid = 'own.x'\nmatch = 'abc'\ncause = 'bad-luck'\nmeaning = { en = 'No.' }\n",
            1) ==
      "rules/b/c.toml:1: rule `own.x`: unknown cause `bad-luck`; take one of causes.toml or add a "
      "[[cause]]");
  CHECK(
      fault("[[provider]]\nid = 'p'\nkind = 'isp'\nname = { en = 'P', ko = 'P' }\n") ==
      "rules/b/c.toml:3: provider `p`: `kind` is \"isp\"; it must be one of: provider, mta, dnsbl");
  CHECK(fault("[[label]]\nid = 'l'\nen = 'x'\n") ==
        "rules/b/c.toml:1: label `l`: key `ko` is missing; add it");
}

TEST_CASE("from_provider needs a provider that can be recognised") {
  CHECK(
      fault(
          "[[provider]]\nid = 'p'\nkind = 'mta'\nname = { en = 'P' }\n[[rule]]\nid = "
          "'p.x'\nprovider = 'p'\n"
          "from_provider = true\nmatch = 'abc'\ncause = 'user-unknown'\nmeaning = { en = 'No.' }\n",
          1) ==
      "rules/b/c.toml:5: rule `p.x`: from_provider needs `mx` or `domains` in provider `p`");
}

TEST_CASE("translated texts") {
  CHECK(fault("[[label]]\nid = 'l'\nen = 'x'\nko = ''\n") ==
        "rules/b/c.toml:4: label `l`: `ko` is empty; fill it or leave it out");
  const std::string finding =
      "[[finding]]\nid = 'a.b'\nseverity = 'ok'\ntitle = { en = 'T', ko = 'T' }\n";
  CHECK(fault(finding + "detail = { en = 'D', ko = 'D', de = 'D' }\n") ==
        "rules/b/c.toml:5: finding `a.b`: `detail` knows no language `de`; only en and ko");
  CHECK(fault(finding + "detail = 'D'\n") ==
        "rules/b/c.toml:5: finding `a.b`: `detail` must be a table, not a string");
  CHECK(fault(finding +
              "detail = { en = 'D', ko = 'D' }\nremedy = { en = ['1', '2'], ko = ['1'] }\n") ==
        "rules/b/c.toml:6: finding `a.b`: `remedy` has 2 English and 1 Korean entries; they must "
        "correspond");
  CHECK(fault(finding + "detail = { en = 'D', ko = 5 }\n") ==
        "rules/b/c.toml:5: finding `a.b`: `detail.ko` must be a string, not an integer");
  CHECK(load(finding + "detail = { en = 'D', ko = 'D' }\n"));
}

TEST_CASE("causes that no check can decide must say so") {
  const std::string cause =
      "[[cause]]\nid = 'c'\nside = 'network'\ntitle = { en = 'T', ko = 'T' }\n"
      "meaning = { en = 'M', ko = 'M' }\nfix = { en = ['F'], ko = ['F'] }\n";
  CHECK(fault(cause) == "rules/b/c.toml:1: cause `c`: needs `checks`, or `untestable = true`");
  CHECK(fault(cause + "checks = ['weather']\n") ==
        "rules/b/c.toml:7: cause `c`: unknown check `weather`; known: ptr, helo, sender-domain, "
        "recipient-domain, dns-health, route, receiver, spf, dkim, dmarc, "
        "dnsbl-ip, dnsbl-domain, reverse-zone, holder");
  CHECK(fault(cause + "checks = ['ptr']\nconfirmed_by = ['ptr.mising']\n" +
              "[[finding]]\nid = 'ptr.missing'\nseverity = 'ok'\ntitle = { en = 'T', ko = 'T' }\n"
              "detail = { en = 'D', ko = 'D' }\n") ==
        "rules/b/c.toml:1: cause `c`: unknown finding `ptr.mising`; take one of findings/*.toml");
  CHECK(fault(cause + "checks = ['dnsbl-ip']\nconfirmed_when_named = ['a.b']\n") ==
        "rules/b/c.toml:8: cause `c`: needs `match_fact`: the fact of the reply that names");
}

TEST_CASE("lists") {
  const std::string codes = "codes = [{ code = '127.0.0.2', meaning = { en = 'M', ko = 'M' } }]\n";
  const auto library = load(
      std::string(list_head) + codes +
      "rate = 5\nselftest = { listed = '127.0.0.2', clean = '', listed6 = '::FFFF:7F00:2' }\n");
  REQUIRE_MESSAGE(library, library.error().message);
  REQUIRE(library->lists.size() == 1);
  CHECK(library->lists[0].rate == 5);
  CHECK(library->lists[0].ip4);
  CHECK_FALSE(library->lists[0].enabled);
  CHECK(library->lists[0].test_listed == "127.0.0.2");
  CHECK(library->lists[0].test_clean.empty());

  const auto check = [&](const std::string& lines, const std::string& expected) {
    CAPTURE(lines);
    CHECK(list_fault(lines) == "rules/b/c.toml:" + expected);
  };
  check("codes = []",
        "12: list `bl.example`: needs at least one code: no other answer is a listing");
  check("codes = [{ code = '127.0.0.300', meaning = { en = 'M', ko = 'M' } }]",
        "12: list `bl.example`, codes[0]: \"127.0.0.300\" is none of 127.0.0.2, "
        "127.0.0.4-127.0.0.7, 127.0.*.3");
  check("codes = [{ bits = 256, meaning = { en = 'M', ko = 'M' } }]",
        "12: list `bl.example`, codes[0]: `bits` must lie between 1 and 255");
  check("codes = [{ bits = 2, code = '127.0.0.2', meaning = { en = 'M', ko = 'M' } }]",
        "12: list `bl.example`, codes[0]: needs either `code` or `bits`");
  check(codes + "errors = [{ code = '127.0.0.1', meaning = { en = 'M', ko = 'M' } }]",
        "13: list `bl.example`, errors[0]: key `kind` is missing; add it");
  check(codes + "key = 'k'",
        "2: list `bl.example`: a zone with {key} needs `key`, and only such a zone");
  check(codes + "rate = -1",
        "13: list `bl.example`: `rate` must lie between 0 (no known limit) and 1000000");
  check(codes + "rate = nan",
        "13: list `bl.example`: `rate` must lie between 0 (no known limit) and 1000000");
  check(codes + "selftest = { listed = 'no name' }",
        "13: list `bl.example`, selftest: is neither an address nor a domain name");
  check(codes + "retired = '2024'", "13: list `bl.example`: needs class = \"retired\"");
}

TEST_CASE("directories lie on top of each other, and a broken one spoils all") {
  const test::TemporaryDirectory shipped, own;
  shipped.write("a.toml", base);
  shipped.write("rules.toml", std::string(rule_head) + "match = 'no such user'\n");
  const auto below = load_directories({}, {{shipped.path(), "rules", 0}});
  REQUIRE_MESSAGE(below, below.error().message);
  own.write("x.toml",
            "[[rule]]\nid = 'portal.unknown'\nmatch = 'never heard of'\ncause = 'user-unknown'\n"
            "meaning = { en = 'Mine.' }\n[[rule]]\nid = 'a.new'\nstatus = ['5.1.1']\ncause = "
            "'user-unknown'\n"
            "meaning = { en = 'New.' }\n");
  own.write("ignored.txt", "not TOML [");
  const auto both = load_directories(below->tables(), {{own.path(), "own", 1}});
  REQUIRE_MESSAGE(both, both.error().message);
  REQUIRE(both->rules.size() == 2);
  CHECK(both->rules[0].id == "a.new");
  CHECK(both->rules[1].match == "never heard of");
  CHECK(both->rules[1].origin == "own/x.toml:1");
  CHECK(both->causes.size() == 1);

  own.write("z.toml", "[[rule]]\n");
  const auto broken = load_directories(below->tables(), {{own.path(), "own", 1}});
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message == "own/z.toml:1: rule: key `id` is missing; add it");
}

TEST_CASE("a row of one's own changes single keys of a known list") {
  const test::TemporaryDirectory shipped, own;
  shipped.write("lists.toml", std::string(list_head) +
                                  "codes = [{ code = '127.0.0.2', meaning = { en = 'M', ko = 'M' "
                                  "} }]\nrate = 5\nselftest = { listed = '127.0.0.2', clean = "
                                  "'127.0.0.1' }\nself_service = true\n");
  const auto below = load_directories({}, {{shipped.path(), "rules", 0}});
  REQUIRE_MESSAGE(below, below.error().message);
  own.write("x.toml", "[[list]]\nzone = 'bl.example'\ndefault = true\nrate = 2\n");
  const auto both = load_directories(below->tables(), {{own.path(), "own", 1}});
  REQUIRE_MESSAGE(both, both.error().message);
  REQUIRE(both->lists.size() == 1);
  const auto& list = both->lists[0];
  CHECK(list.enabled);
  CHECK(list.rate == 2);
  CHECK(list.name == "BL");
  CHECK(list.weight == "warning");
  CHECK(list.ip4);
  CHECK(list.codes.size() == 1);
  CHECK(list.test_clean == "127.0.0.1");
  CHECK(list.self_service);
  CHECK(list.notes.en == "A list.");

  const auto fault_of = [&](const std::string& text) {
    own.write("x.toml", text);
    const auto library = load_directories(below->tables(), {{own.path(), "own", 1}});
    return library ? std::string() : library.error().message;
  };
  CHECK(fault_of("[[list]]\nzone = 'bl.example'\nwieght = 'info'\n")
            .starts_with("own/x.toml:3: list `bl.example`: unknown key `wieght`"));
  CHECK(fault_of("[[list]]\nzone = 'bl.example'\nclass = 'domain'\n") ==
        "own/x.toml:1: list `bl.example`: a list of class \"domain\" serves domains only");
  CHECK(fault_of("[[list]]\nzone = 'bl.example'\nclass = 'domain'\nfamilies = ['domain']\n") == "");
  CHECK(fault_of("[[list]]\nzone = 'bl.exmple'\ndefault = true\n") ==
        "own/x.toml:1: list `bl.exmple`: key `name` is missing; add it");
  CHECK(fault_of("[[list]]\nzone = 'bl.example'\nrate = 1\n"
                 "[[list]]\nzone = 'bl.example'\nrate = 2\n") ==
        "own/x.toml:4: list `bl.example`: stands twice, first at own/x.toml:1; rename or remove "
        "one");
}

TEST_CASE("requirements") {
  const auto fault_of = [](const std::string& more) {
    const test::TemporaryDirectory directory;
    directory.write("x.toml",
                    "[[provider]]\nid = 'p'\nkind = 'provider'\nname = {en = 'P'}\n"
                    "[[requirement]]\nid = 'p.spf'\nlevel = 'required'\n"
                    "text = {en = 'x'}\nlink = 'https://example.com/'\n" +
                        more);
    const auto library = load_directories({}, {{directory.path(), "own", 1}});
    if (!library) return library.error().message;
    return std::string(library->requirements.front().check) + " of " +
           std::string(library->requirements.front().senders);
  };
  const std::string rest = "senders = 'bulk'\nsince = '2024-02'\n";
  CHECK(fault_of("provider = 'p'\ncheck = 'spf'\n" + rest) == "spf of bulk");
  for (const auto* bad :
       {"provider = 'q'\ncheck = 'spf'\n", "provider = 'p'\ncheck = 'spam'\n", "check = 'spf'\n"}) {
    CAPTURE(bad);
    CHECK(fault_of(bad + rest).starts_with("own/x.toml:"));
  }
  for (const auto* since : {"2024", "2024-13", "2024-00", "24-02-01"}) {
    CAPTURE(since);
    CHECK(fault_of("provider = 'p'\ncheck = 'spf'\nsenders = 'all'\nsince = '" +
                   std::string(since) + "'\n")
              .ends_with("is no month such as \"2024-02\""));
  }
}

TEST_CASE("files are read by name, whatever the file system's order") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"c.toml", "a.toml", "b.toml"}) {
    directory.write(name, "[[selector]]\nname = '" + std::string(name, 1) + "'\n");
  }
  const auto library = load_directories({}, {{directory.path(), "own", 1}});
  REQUIRE(library);
  REQUIRE(library->dkim_selectors.size() == 3);
  CHECK(library->dkim_selectors[0].name == "a");
  CHECK(library->dkim_selectors[2].name == "c");
}

TEST_CASE("what is no directory of readable files") {
  const test::TemporaryDirectory directory;
  const auto fault_of = [](const std::string& path) {
    const auto library = load_directories({}, {{path, path, 1}});
    return library ? std::string("no fault") : library.error().message;
  };
  CHECK(fault_of(directory.path() + "/none") ==
        directory.path() + "/none: is no directory; name a directory with *.toml files");
  CHECK(fault_of(directory.path()) == "no fault");
  std::filesystem::create_symlink("nowhere", directory.path() + "/dangling.toml");
  CHECK(fault_of(directory.path()) ==
        directory.path() + "/dangling.toml: cannot be read: No such file or directory");
}

TEST_CASE("the number of rules is bounded") {
  std::string many;
  for (std::size_t i = 0; i <= max_rules; ++i) {
    many += "[[rule]]\nid='r" + std::to_string(i) +
            "'\nstatus=['5.1.1']\ncause='user-unknown'\nmeaning={en='x'}\n";
  }
  CHECK(fault(many, 1).ends_with("more than 10000 rules"));
}
