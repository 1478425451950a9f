#include "rulebook/rulebook.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "rulebook/loader/loader.h"
#include "support/temporary_directory.h"

using namespace maildiag;
using namespace maildiag::rulebook;

namespace {

std::shared_ptr<const Rulebook> shipped() {
  auto rulebook = Rulebook::load({});
  REQUIRE(rulebook);
  return *rulebook;
}

template <class T>
bool same(std::span<const T> a, std::span<const T> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}
bool same(const Text& a, const Text& b) {
  return a.en == b.en && a.ko == b.ko;
}
bool same(const Texts& a, const Texts& b) {
  return same(a.en, b.en) && same(a.ko, b.ko);
}
bool same(std::span<const ListCode> a, std::span<const ListCode> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const ListCode& x, const ListCode& y) {
                      return x.code == y.code && x.bits == y.bits && x.list_class == y.list_class &&
                             x.kind == y.kind && same(x.meaning, y.meaning);
                    });
}
bool same(const Rule& a, const Rule& b) {
  return a.id == b.id && a.provider == b.provider && a.subcode == b.subcode &&
         a.from_provider == b.from_provider && a.names == b.names && same(a.reply, b.reply) &&
         same(a.status, b.status) && a.match == b.match && a.unless == b.unless &&
         a.cause == b.cause && a.permanent == b.permanent && same(a.meaning, b.meaning) &&
         same(a.fix, b.fix) && same(a.links, b.links) && same(a.examples, b.examples) &&
         same(a.not_examples, b.not_examples) && a.source == b.source && a.origin == b.origin &&
         a.layer == b.layer && same(a.literals, b.literals) && same(a.ways, b.ways) &&
         a.literal_length == b.literal_length && a.literals_suffice == b.literals_suffice;
}
bool same(const Provider& a, const Provider& b) {
  return a.id == b.id && a.kind == b.kind && same(a.name, b.name) && same(a.mx, b.mx) &&
         same(a.domains, b.domains) && a.postmaster == b.postmaster;
}
bool same(const Cause& a, const Cause& b) {
  return a.id == b.id && a.side == b.side && same(a.title, b.title) && same(a.meaning, b.meaning) &&
         same(a.checks, b.checks) && same(a.confirmed_by, b.confirmed_by) &&
         same(a.confirmed_when_named, b.confirmed_when_named) && same(a.refuted_by, b.refuted_by) &&
         same(a.inconclusive_by, b.inconclusive_by) && a.match_fact == b.match_fact &&
         same(a.advice, b.advice) && same(a.advised_by, b.advised_by) &&
         a.untestable == b.untestable && a.passes == b.passes &&
         a.alternative_rank == b.alternative_rank && same(a.fix, b.fix) && same(a.links, b.links);
}
bool same(const FindingText& a, const FindingText& b) {
  return a.id == b.id && a.severity == b.severity && same(a.title, b.title) &&
         same(a.detail, b.detail) && same(a.remedy, b.remedy) && a.reference == b.reference;
}
bool same(const DnsList& a, const DnsList& b) {
  return a.zone == b.zone && a.key == b.key && a.name == b.name &&
         a.operator_name == b.operator_name && a.ip4 == b.ip4 && a.ip6 == b.ip6 &&
         a.domain == b.domain && a.list_class == b.list_class && a.enabled == b.enabled &&
         a.weight == b.weight && same(a.codes, b.codes) && same(a.errors, b.errors) &&
         a.test_listed == b.test_listed && a.test_clean == b.test_clean &&
         a.test_listed6 == b.test_listed6 && a.public_resolvers == b.public_resolvers &&
         a.registration == b.registration && a.rate == b.rate && a.lookup_url == b.lookup_url &&
         a.removal_url == b.removal_url && a.self_service == b.self_service && a.paid == b.paid &&
         a.retired == b.retired && same(a.notes, b.notes);
}
bool same(const DkimSelector& a, const DkimSelector& b) {
  return a.name == b.name && a.provider == b.provider;
}
bool same(const Requirement& a, const Requirement& b) {
  return a.id == b.id && a.provider == b.provider && a.check == b.check && a.senders == b.senders &&
         a.level == b.level && a.since == b.since && same(a.text, b.text) && a.link == b.link;
}
bool same(const Registry& a, const Registry& b) {
  return a.id == b.id && a.name == b.name && a.rdap == b.rdap && a.whois == b.whois &&
         a.question == b.question && a.as_question == b.as_question && a.charset == b.charset &&
         same(a.networks, b.networks) && same(a.as_numbers, b.as_numbers) &&
         same(a.domains, b.domains) && same(a.hosts, b.hosts);
}
bool same(const Label& a, const Label& b) {
  return a.id == b.id && same(a.text, b.text);
}

template <class T>
void check_same(std::span<const T> compiled, const std::vector<T>& loaded) {
  REQUIRE(compiled.size() == loaded.size());
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    CAPTURE(i);
    CHECK(same(compiled[i], loaded[i]));
  }
}

}  // namespace

TEST_CASE("the compiled-in tables are what the loader reads from rules/") {
  const auto library = load_directories({}, {{TEST_SOURCE_DIR "/rules", "rules", 0}});
  REQUIRE_MESSAGE(library, library.error().message);
  const auto compiled = compiled_tables();
  check_same(compiled.rules, library->rules);
  check_same(compiled.providers, library->providers);
  check_same(compiled.causes, library->causes);
  check_same(compiled.finding_texts, library->finding_texts);
  check_same(compiled.lists, library->lists);
  check_same(compiled.dkim_selectors, library->dkim_selectors);
  check_same(compiled.requirements, library->requirements);
  check_same(compiled.registries, library->registries);
  check_same(compiled.labels, library->labels);
  CHECK(same<std::uint16_t>(compiled.rule_order, library->rule_order));
}

TEST_CASE("everything is found by its id") {
  const auto rulebook = shipped();
  for (const auto& rule : rulebook->rules()) CHECK(rulebook->rule(rule.id) == &rule);
  for (const auto& provider : rulebook->providers())
    CHECK(rulebook->provider(provider.id) == &provider);
  for (const auto& cause : rulebook->causes()) CHECK(rulebook->cause(cause.id) == &cause);
  for (const auto& text : rulebook->finding_texts())
    CHECK(rulebook->finding_text(text.id) == &text);
  CHECK(rulebook->rule("no.such") == nullptr);
  CHECK(rulebook->cause("") == nullptr);
  CHECK(rulebook->provider("zzzz") == nullptr);
}

TEST_CASE("labels in both languages, the id where there is none") {
  const auto rulebook = shipped();
  CHECK(rulebook->label("verdict.confirmed", Language::en) == "confirmed");
  CHECK(rulebook->label("verdict.confirmed", Language::ko) == "확인됨");
  CHECK(rulebook->label("no.such-label", Language::ko) == "no.such-label");
}

TEST_CASE("every cause of the design is there, and each side has its word") {
  const auto rulebook = shipped();
  const std::set<std::string_view> designed = {"ptr-missing",
                                               "fcrdns-mismatch",
                                               "helo-invalid",
                                               "sender-domain-unresolvable",
                                               "spf-fail",
                                               "spf-missing",
                                               "spf-record",
                                               "dkim-fail",
                                               "dmarc-reject",
                                               "auth-missing",
                                               "dnsbl-listed",
                                               "dynamic-ip-listed",
                                               "ip-reputation",
                                               "domain-listed",
                                               "content-spam",
                                               "attachment-blocked",
                                               "message-malformed",
                                               "message-too-big",
                                               "rate-limited",
                                               "too-many-connections",
                                               "too-many-recipients",
                                               "greylisted",
                                               "user-unknown",
                                               "mailbox-full",
                                               "mailbox-inactive",
                                               "recipient-refused-sender",
                                               "recipient-domain-unresolvable",
                                               "recipient-system-error",
                                               "sender-refused",
                                               "policy-reject",
                                               "relay-denied",
                                               "tls-failure",
                                               "protocol-error",
                                               "routing-loop",
                                               "connect-failed",
                                               "dns-temporary",
                                               "expired",
                                               "account-compromised",
                                               "backscatter",
                                               "unclassified"};
  std::set<std::string_view> present;
  for (const auto& cause : rulebook->causes()) {
    present.insert(cause.id);
    const auto label = "side." + std::string(cause.side);
    CHECK(rulebook->label(label, Language::ko) != label);
  }
  CHECK(present == designed);
}

TEST_CASE("alternatives have ranks of their own, so their order never depends on the table's") {
  std::set<int> ranks;
  for (const auto& cause : shipped()->causes()) {
    if (cause.alternative_rank == 0) continue;
    CAPTURE(cause.id);
    CHECK(ranks.insert(cause.alternative_rank).second);
    CHECK_FALSE(cause.confirmed_by.empty());
  }
  CHECK(ranks.size() >= 8);
}

TEST_CASE("a user's directory is laid on top and owned by the rulebook") {
  std::shared_ptr<const Rulebook> rulebook;
  {
    const test::TemporaryDirectory directory;
    directory.write(
        "own.toml",
        "[[rule]]\nid = 'own.gadget'\nmatch = 'gadget (?P<limit>\\d+) refused'\ncause = "
        "'policy-reject'\n"
        "meaning = { en = 'The gadget.' }\n[[label]]\nid = 'verdict.confirmed'\nen = 'sure'\n");
    auto loaded = Rulebook::load({directory.path()});
    REQUIRE_MESSAGE(loaded, loaded.error().message);
    rulebook = std::move(*loaded);
  }
  CHECK(rulebook->rules().size() == shipped()->rules().size() + 1);
  const auto match = rulebook->match({554, {}, "Gadget 17 refused", {}, {}});
  REQUIRE(match.rule != nullptr);
  CHECK(match.rule->meaning.in(Language::ko) == "The gadget.");
  CHECK(match.facts == std::vector<std::pair<std::string, std::string>>{{"limit", "17"}});
  CHECK(rulebook->facts(*match.rule, "Gadget 17 refused") == match.facts);
  CHECK(rulebook->bulk_matcher()->match({554, {}, "Gadget 17 refused", {}, {}}).rule == match.rule);
  CHECK(rulebook->label("verdict.confirmed", Language::ko) == "sure");
}

TEST_CASE("a broken directory is a configuration error") {
  const test::TemporaryDirectory directory;
  directory.write("own.toml", "[[rule]]\nid = 'own.gadget'\nmatch = '('\n");
  const auto rulebook = Rulebook::load({directory.path()});
  REQUIRE_FALSE(rulebook);
  CHECK(rulebook.error().code == ErrorCode::configuration);
  CHECK(rulebook.error().message.starts_with(
      directory.path() + "/own.toml:3: rule `own.gadget`: RE2 does not accept"));
}
