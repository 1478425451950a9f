#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "rulebook/rulebook.h"
#include "support/temporary_directory.h"
#include "unit/rulebook/own_examples.h"

using namespace maildiag;
using namespace maildiag::rulebook;

namespace {

constexpr const char* head = "cause = 'policy-reject'\nmeaning = { en = 'M' }\n";

std::vector<std::string> faults(const std::string& rules) {
  const test::TemporaryDirectory directory;
  directory.write("own.toml", rules);
  const auto rulebook = Rulebook::load({directory.path()});
  REQUIRE_MESSAGE(rulebook, rulebook.error().message);
  std::vector<std::string> result;
  for (const auto& fault : test_examples(**rulebook, test::own_examples_only(**rulebook))) {
    if (fault.rule->layer != 0)
      result.push_back(std::string(fault.rule->id) + " <- " + fault.winner + ": " + fault.example);
  }
  return result;
}

}  // namespace

TEST_CASE("an example must be won by its own rule") {
  CHECK(faults(
            std::string(
                "[[rule]]\nid = 'own.a'\nmatch = 'gadget'\nexamples = ['a gadget', 'a widget']\n") +
            head) == std::vector<std::string>{"own.a <- : a widget"});
  CHECK(faults(std::string(
                   "[[rule]]\nid = 'own.a'\nmatch = 'gadget'\nexamples = ['gadget gone mad']\n") +
               head + "[[rule]]\nid = 'own.b'\nmatch = 'gadget gone'\n" + head) ==
        std::vector<std::string>{"own.a <- own.b: gadget gone mad"});
}

TEST_CASE("a not-example must be won by another rule or none") {
  CHECK(faults(std::string(
                   "[[rule]]\nid = 'own.a'\nmatch = 'gadget'\nnot = ['no gadget', 'nothing']\n") +
               head) == std::vector<std::string>{"own.a <- own.a: no gadget"});
}

TEST_CASE("rules that demand whose domain is named are tried with one of each") {
  CHECK(
      faults(std::string("[[rule]]\nid = 'own.a'\nnames = 'sender'\nmatch = 'gadget'\n"
                         "examples = ['gadget sender.example']\nnot = ['gadget rcpt.example']\n") +
             head +
             "[[rule]]\nid = 'own.b'\nnames = 'recipient'\nmatch = 'gadget'\n"
             "examples = ['gadget rcpt.example']\n" +
             head) == std::vector<std::string>{});
}

TEST_CASE("whose domain is named is unknown where an address of a third stands") {
  const std::string senders =
      "[[rule]]\nid = 'own.a'\nnames = 'sender'\nmatch = 'gadget'\n"
      "examples = ['gadget <kim@sender.example>', 'gadget KIM@Sender.Example.: "
      "kim@sender.example', "
      "'gadget kim@sender.example을', 'gadget kim @ sender.example', 'gadget sender.example @']\n"
      "not = ['gadget kim@sender.example: lee@other.example', 'gadget kim@sender.example: "
      "lee@mail.sender.example', 'gadget kim@sender.example: lee@sender.example.org', "
      "'gadget sender.example lee@[203.0.113.9]', 'gadget kim@sender.example: lee@rcpt.example']\n";
  CHECK(faults(senders + head) == std::vector<std::string>{});
}

TEST_CASE("who replies does not take away whose domain is named") {
  const auto provider = [](const std::string& key) {
    return "[[provider]]\nid = 'own'\nkind = 'provider'\nname = { en = 'Own' }\n" + key;
  };
  const auto rule = [](const std::string& keys) {
    return "[[rule]]\nid = 'own.a'\nprovider = 'own'\nmatch = 'gadget'\n" + keys + head;
  };
  const std::string senders =
      "names = 'sender'\nexamples = ['gadget sender.example']\nnot = ['gadget rcpt.example']\n";
  const std::string both =
      "names = 'sender'\nnot = ['gadget sender.example, refused for rcpt.example']\n";
  const std::string recipients =
      "names = 'recipient'\nexamples = ['gadget rcpt.example']\nnot = ['gadget sender.example']\n";
  const std::string demanded = "from_provider = true\n";
  const std::string mx = provider("mx = ['mx.own.example']\n");
  const std::string domains = provider("domains = ['own.example']\n");
  for (const auto& keys : {senders, both, recipients, senders + demanded, recipients + demanded})
    CHECK(faults(mx + rule(keys)) == std::vector<std::string>{});
  for (const auto& keys : {senders, both, recipients, senders + demanded})
    CHECK(faults(domains + rule(keys)) == std::vector<std::string>{});
  // The provider is known by the recipient's domain alone: an example has to name that.
  CHECK(faults(domains + rule(recipients + demanded)) ==
        std::vector<std::string>{"own.a <- : gadget rcpt.example"});
  CHECK(faults(domains + rule("names = 'recipient'\nexamples = ['gadget own.example']\nnot = "
                              "['gadget rcpt.example']\n" +
                              demanded)) == std::vector<std::string>{});
}

TEST_CASE("rules that demand their provider are tried as if it replied") {
  const std::string provider =
      "[[provider]]\nid = 'own'\nkind = 'provider'\nname = { en = 'Own' }\nmx = "
      "['mx.own.example']\n";
  CHECK(faults(provider +
               "[[rule]]\nid = 'own.a'\nprovider = 'own'\nfrom_provider = true\nmatch = 'gadget'\n"
               "examples = ['a gadget']\n" +
               head) == std::vector<std::string>{});
  // Another rule of the same provider must not take the example away when the provider does reply.
  CHECK(
      faults(
          provider +
          "[[rule]]\nid = 'own.a'\nprovider = 'own'\nmatch = 'gadget'\nexamples = ['a gadget']\n" +
          head +
          "[[rule]]\nid = 'own.b'\nprovider = 'own'\nfrom_provider = true\nmatch = 'gadget'\n" +
          head) == std::vector<std::string>{"own.a <- own.b: a gadget"});
}
