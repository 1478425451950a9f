#include "rulebook/lint.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/temporary_directory.h"
#include "unit/rulebook/own_examples.h"

using namespace maildiag;
using namespace maildiag::rulebook;

namespace {

/// "id kind detail" of each fault in rules of the user's own.
std::vector<std::string> faults(const std::string& rules) {
  const test::TemporaryDirectory directory;
  directory.write("own.toml", rules);
  const auto rulebook = Rulebook::load({directory.path()});
  REQUIRE_MESSAGE(rulebook, rulebook.error().message);
  std::vector<std::string> result;
  for (const auto& fault : lint(**rulebook, test::own_examples_only(**rulebook))) {
    if (fault.rule->layer != 0)
      result.push_back(std::string(fault.rule->id) + " " + std::string(to_string(fault.kind)) +
                       " " + fault.detail);
  }
  return result;
}

std::string rule(const std::string& id, const std::string& rest) {
  return "[[rule]]\nid = '" + id + "'\ncause = 'policy-reject'\n" + rest + "\n";
}

const std::string texts = "meaning = { en = 'M', ko = '뜻' }\n";

using Faults = std::vector<std::string>;

}  // namespace

TEST_CASE("a rule without doubt has no fault") {
  CHECK(faults(rule("own.a", texts + "match = 'wobbly gadget'\nexamples = ['a wobbly gadget']\n"
                                     "links = ['https://gadget.co.kr/help?id=1#top']")) ==
        Faults{});
}

TEST_CASE("missing Korean, example and literal") {
  CHECK(faults(rule("own.a", "meaning = { en = 'M' }\nfix = { en = ['F'] }\nmatch = '[0-9]{9}'")) ==
        Faults{"own.a no-korean meaning", "own.a no-korean fix", "own.a no-example ",
               "own.a no-literal [0-9]{9}"});
}

TEST_CASE("a rule behind another with its pattern and wider guards is unreachable") {
  const std::string pattern = "match = 'wobbly gadget'\n";
  // Equal rules: the id decides.
  CHECK(faults(rule("own.a", texts + pattern + "examples = ['wobbly gadget']") +
               rule("own.b", texts + pattern + "examples = ['wobbly gadget']")) ==
        Faults{"own.b unreachable own.a"});
  // What the first one excepts is left to the second.
  CHECK(faults(rule("own.a", texts + pattern + "unless = '[0-9]'\nexamples = ['wobbly gadget']") +
               rule("own.b", texts + pattern + "examples = ['wobbly gadget 1']")) == Faults{});
  CHECK(faults(rule("own.a", texts + pattern + "unless = '[0-9]'\nexamples = ['wobbly gadget']") +
               rule("own.b", texts + pattern + "unless = '[0-9]'\nexamples = ['wobbly gadget']")) ==
        Faults{"own.b unreachable own.a"});
  // The narrower one goes first, so both can win.
  CHECK(faults(rule("own.a", texts + pattern + "examples = ['wobbly gadget']") +
               rule("own.b", texts + pattern + "reply = [550]\nexamples = ['wobbly gadget']")) ==
        Faults{"own.b unreachable own.a"});  // there is no code in it: it wins no example
  CHECK(faults(rule("own.a", texts + "reply = [550, 554]\n" + pattern + "examples = ['x']") +
               rule("own.b", texts + "reply = [550]\n" + pattern + "examples = ['y']"))
            .size() == 2);
}

TEST_CASE("links by their shape") {
  for (const auto* good : {"https://a.example.org/x", "http://support.google.com/mail/?p=1",
                           "https://en.wikipedia.org/wiki/Spam_(electronic)"})
    CHECK_MESSAGE(is_good_link(good), good);
  for (const auto* bad :
       {"", "www.gadget.com", "ftp://gadget.com/", "https://gadget", "https://192.0.2.1/",
        "https://gadget.com/a b", "https://gadget.com/...", "https://gadget.com/x.",
        "https://gadget.com/x)", "https://user@gadget.com/", "https://mail.example.com/",
        "https://gadget.com/{ip}", "https:///x"})
    CHECK_MESSAGE(!is_good_link(bad), bad);
}
