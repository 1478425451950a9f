#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <re2/re2.h>

#include "core/text.h"
#include "rulebook/loader/literal_ways.h"
#include "rulebook/loader/pattern.h"
#include "rulebook/loader/re2_options.h"
#include "rulebook/loader/readers.h"

namespace maildiag::rulebook {
namespace {

constexpr std::array<std::string_view, 3> provider_kinds = {"provider", "mta", "dnsbl"};
constexpr std::array<std::string_view, 7> fact_names = {"ip",  "list",    "domain", "limit",
                                                        "url", "address", "retry"};
constexpr std::array<std::string_view, 2> parties = {"sender", "recipient"};
// A shorter phrase wins by chance.
constexpr int least_literal_length = 4;
constexpr std::size_t least_literal_octets = 6;  ///< two characters outside ASCII

bool is_status_pattern(std::string_view text) {
  int components = 0;
  for (std::size_t begin = 0; begin <= text.size(); ++components) {
    const auto end = std::min(text.find('.', begin), text.size());
    const auto component = text.substr(begin, end - begin);
    const bool number = !component.empty() && component.size() <= 3 &&
                        component.find_first_not_of("0123456789") == std::string_view::npos;
    if (!number && component != "*") return false;
    if (components == 0 && component != "*" &&
        (component.size() > 1 || component.find_first_of("245") != 0)) {
      return false;
    }
    begin = end + 1;
  }
  return components == 3;
}

/// Of `match` or `unless`; false: it has a fault that makes others.
bool check_text_of_pattern(TableReader& reader, std::string_view key, const RE2& pattern) {
  if (!pattern.ok()) {
    reader.fault(key, "RE2 does not accept the pattern: {}", text::sanitize(pattern.error()));
    return false;
  }
  if (RE2::PartialMatch("", pattern))
    reader.fault(key, "matches the empty text, so every reply; demand something");
  return true;
}

void check_pattern(TableReader& reader, const Rule& rule) {
  const RE2 pattern(re2::StringPiece(rule.match.data(), rule.match.size()), pattern_options());
  if (!check_text_of_pattern(reader, "match", pattern)) return;
  for (const auto& [group, name] : pattern.CapturingGroupNames()) {
    if (std::find(fact_names.begin(), fact_names.end(), name) == fact_names.end()) {
      reader.fault("match", "unknown group name `{}`; known: {}", name,
                   fmt::format("{}", fmt::join(fact_names, ", ")));
    }
  }
  const int groups = pattern.NumberOfCapturingGroups();
  if (groups != static_cast<int>(pattern.CapturingGroupNames().size())) {
    reader.fault("match", "a group captures without a name; write (?:...)");
  }
}

std::size_t shortest_octets(const std::vector<std::string>& literals) {
  if (literals.empty()) return 0;
  const auto shorter = [](const auto& a, const auto& b) { return a.size() < b.size(); };
  return std::min_element(literals.begin(), literals.end(), shorter)->size();
}

void read_exception(TableReader& reader, Rule& rule) {
  rule.unless = reader.text("unless", Need::optional);
  if (rule.unless.empty()) return;
  if (rule.match.empty()) reader.fault("unless", "needs `match`: it excepts some of what matches");
  const RE2 pattern(re2::StringPiece(rule.unless.data(), rule.unless.size()), pattern_options());
  if (check_text_of_pattern(reader, "unless", pattern) && pattern.NumberOfCapturingGroups() > 0)
    reader.fault("unless", "a group captures; write (?:...)");
}

void read_pattern(TableReader& reader, Rule& rule) {
  rule.match = reader.text("match", Need::optional);
  read_exception(reader, rule);
  if (rule.match.empty()) return;
  check_pattern(reader, rule);
  const auto needs = pattern_needs(rule.match);
  std::vector<std::string_view> literals;
  for (const auto& literal : needs.literals) literals.push_back(reader.arena().copy(literal));
  rule.literals = reader.arena().copy(literals);
  rule.literals_suffice = needs.enough;
  if (!needs.enough) rule.ways = reader.arena().copy(packed(needs.ways));
  rule.literal_length = needs.literal_length;
  // Three Chinese or Korean characters say as much as a word: their octets count, too.
  if (reader.shipped() && rule.literal_length < least_literal_length &&
      shortest_octets(needs.literals) < least_literal_octets) {
    reader.fault("match", "demands only {} literal characters; at least {}, or it wins by chance",
                 rule.literal_length, least_literal_length);
  }
}

void read_guards(TableReader& reader, Rule& rule) {
  std::vector<int> codes;
  for (const auto code : reader.integers("reply", 200, 599))
    codes.push_back(static_cast<int>(code));
  rule.reply = reader.arena().copy(codes);
  rule.status = reader.strings("status", Need::optional);
  for (const auto status : rule.status) {
    if (!is_status_pattern(status)) {
      reader.fault("status", "\"{}\" is no enhanced status code such as 5.7.1 or *.1.1", status);
    }
  }
  rule.from_provider = reader.boolean("from_provider").value_or(false);
  if (rule.from_provider && rule.provider.empty()) {
    reader.fault("from_provider", "needs the key `provider`");
  }
  rule.names = reader.one_of("names", parties, Need::optional);
}

}  // namespace

void read_provider(TableReader& reader, Shelves& shelves, int layer) {
  Provider provider;
  provider.id = reader.id();
  provider.kind = reader.one_of("kind", provider_kinds, Need::required);
  provider.name = reader.translated("name", Need::required);
  provider.mx = reader.strings("mx", Need::optional);
  provider.domains = reader.strings("domains", Need::optional);
  provider.postmaster = reader.text("postmaster", Need::optional);
  reader.finish();
  shelves.providers.put(reader, provider, reader.arena().copy(reader.origin()), layer);
}

void read_rule(TableReader& reader, Shelves& shelves, int layer) {
  const auto shipped = reader.shipped() ? Need::required : Need::optional;
  Rule rule;
  rule.id = reader.id();
  rule.provider = reader.text("provider", Need::optional);
  rule.subcode = reader.boolean("subcode").value_or(false);
  read_guards(reader, rule);
  read_pattern(reader, rule);
  if (rule.match.empty() && rule.reply.empty() && rule.status.empty()) {
    reader.fault({}, "needs `match`, `status` or `reply`, or it matches every reply");
  }
  if (rule.subcode && rule.match.empty()) {
    reader.fault("subcode", "needs `match`: it marks a code in the text");
  }
  rule.cause = reader.text("cause", Need::required);
  rule.list = reader.text("list", Need::optional);
  rule.permanent = reader.boolean("permanent");
  rule.meaning = reader.translated("meaning", Need::required);
  rule.fix = reader.translated_list("fix", shipped);
  rule.links = reader.strings("links", Need::optional);
  rule.examples = reader.strings("examples", shipped);
  rule.not_examples = reader.strings("not", Need::optional);
  rule.source = reader.text("source", shipped);
  rule.origin = reader.arena().copy(reader.origin());
  rule.layer = layer;
  reader.finish();
  shelves.rules.put(reader, rule, rule.origin, layer);
}

}  // namespace maildiag::rulebook
