#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/domain_name.h"
#include "core/ip_address.h"
#include "rulebook/loader/list_code.h"
#include "rulebook/loader/readers.h"

namespace maildiag::rulebook {
namespace {

constexpr std::array<std::string_view, 3> families = {"ip4", "ip6", "domain"};
constexpr std::array<std::string_view, 7> classes = {"block", "policy", "range",  "allow",
                                                     "info",  "geo",    "retired"};
constexpr std::array<std::string_view, 3> weights = {"critical", "warning", "info"};
constexpr std::array<std::string_view, 6> error_kinds = {
    "typo", "public-resolver", "rate-limited", "not-registered", "invalid-key", "refused"};
constexpr std::array<std::string_view, 3> resolver_policies = {"allowed", "blocked", "unknown"};
constexpr std::array<std::string_view, 4> registrations = {"none", "free", "key", "paid"};
constexpr std::string_view key_placeholder = "{key}";

void read_code_form(TableReader& reader, ListCode& code) {
  code.code = reader.text("code", Need::optional);
  code.bits = static_cast<unsigned>(reader.integer("bits", 1, 255));
  if (code.code.empty() == (code.bits == 0)) {
    reader.fault({}, "needs either `code` or `bits`");
  } else if (!code.code.empty() && !parse_list_code(code.code)) {
    reader.fault("code", fmt::format("\"{}\" is none of 127.0.0.2, 127.0.0.4-127.0.0.7, 127.0.*.3",
                                     code.code));
  }
}

std::span<const ListCode> read_codes(TableReader& reader) {
  std::vector<ListCode> codes;
  for (auto& part : reader.tables("codes", Need::required)) {
    ListCode code;
    read_code_form(part, code);
    code.list_class = part.one_of("class", classes, Need::optional);
    code.meaning = part.translated("meaning", Need::required);
    part.finish();
    codes.push_back(code);
  }
  return reader.arena().copy(codes);
}

std::span<const ListCode> read_errors(TableReader& reader) {
  std::vector<ListCode> codes;
  for (auto& part : reader.tables("errors", Need::optional)) {
    ListCode code;
    read_code_form(part, code);
    code.kind = part.one_of("kind", error_kinds, Need::required);
    code.meaning = part.translated("meaning", Need::required);
    part.finish();
    codes.push_back(code);
  }
  return reader.arena().copy(codes);
}

// A list without a family is documented but not asked over DNS (rsync only, for example).
bool is_asked(const DnsList& list) {
  return list.ip4 || list.ip6 || list.domain;
}

void check_zone(TableReader& reader, const DnsList& list) {
  std::string zone(list.zone);
  const auto placeholder = zone.find(key_placeholder);
  if ((placeholder != std::string::npos) != !list.key.empty()) {
    reader.fault("zone", "a zone with {key} needs `key`, and only such a zone");
  }
  if (placeholder != std::string::npos) zone.replace(placeholder, key_placeholder.size(), "key");
  const auto name = DomainName::from_user(zone);
  if (!name || (is_asked(list) && name->label_count() < 2) ||
      zone.find_first_of("{}/ ") != std::string::npos) {
    reader.fault("zone", "is no domain name");
  }
}

void read_families(TableReader& reader, DnsList& list) {
  for (const auto family : reader.strings("families", Need::optional)) {
    if (std::find(families.begin(), families.end(), family) == families.end()) {
      reader.fault("families", fmt::format("unknown family `{}`; known: {}", family,
                                           fmt::join(families, ", ")));
    }
    list.ip4 = list.ip4 || family == "ip4";
    list.ip6 = list.ip6 || family == "ip6";
    list.domain = list.domain || family == "domain";
  }
}

bool is_test_entry(std::string_view text) {
  return text.empty() || IpAddress::parse(text) || DomainName::from_user(text);
}

void read_self_test(TableReader& reader, DnsList& list) {
  auto test = reader.table("selftest");
  if (!test) return;
  list.test_listed = test->text_or_empty("listed");
  list.test_clean = test->text_or_empty("clean");
  list.test_listed6 = test->text_or_empty("listed6");
  if (!is_test_entry(list.test_listed))
    test->fault("listed", "is neither an address nor a domain name");
  if (!is_test_entry(list.test_clean))
    test->fault("clean", "is neither an address nor a domain name");
  if (const auto address = IpAddress::parse(list.test_listed6);
      !list.test_listed6.empty() && (!address || !address->is_v6())) {
    test->fault("listed6", "is no IPv6 address");
  }
  test->finish();
}

void check_use(TableReader& reader, const DnsList& list) {
  const bool retired = list.list_class == "retired";
  if (retired && list.enabled)
    reader.fault("default", "a retired list is never asked; set it to false");
  if (list.enabled && !is_asked(list))
    reader.fault("families", "needs one of ip4, ip6, domain to be asked");
  if (!retired && is_asked(list) && list.codes.empty())
    reader.fault("codes", "needs at least one code: no other answer is a listing");
  if (!list.retired.empty() && !retired) reader.fault("retired", "needs class = \"retired\"");
}

}  // namespace

void read_list(TableReader& reader, Shelves& shelves, int layer) {
  const auto shipped = reader.shipped() ? Need::required : Need::optional;
  DnsList list;
  list.zone = reader.text("zone", Need::required);
  list.key = reader.text("key", Need::optional);
  list.name = reader.text("name", Need::required);
  list.operator_name = reader.text("operator", shipped);
  list.list_class = reader.one_of("class", classes, Need::required);
  read_families(reader, list);
  list.enabled = reader.boolean("default").value_or(false);
  list.weight = reader.one_of("weight", weights, Need::required);
  list.codes = read_codes(reader);
  list.errors = read_errors(reader);
  read_self_test(reader, list);
  list.public_resolvers = reader.one_of("public_resolvers", resolver_policies, shipped);
  list.registration = reader.one_of("registration", registrations, shipped);
  list.rate = reader.number("rate");
  if (!(list.rate >= 0 && list.rate <= 1e6))
    reader.fault("rate", "`rate` must lie between 0 (no known limit) and 1000000");
  list.lookup_url = reader.text("lookup", Need::optional);
  list.removal_url = reader.text("removal", Need::optional);
  list.self_service = reader.boolean("self_service").value_or(false);
  list.paid = reader.boolean("paid").value_or(false);
  list.retired = reader.text("retired", Need::optional);
  list.notes = reader.translated("notes", shipped);
  reader.text("source", shipped);  // where its row comes from: for who maintains the file
  check_zone(reader, list);
  check_use(reader, list);
  reader.finish();
  shelves.lists.put(reader, list, reader.arena().copy(reader.origin()), layer);
}

void read_dkim_selector(TableReader& reader, Shelves& shelves, int layer) {
  DkimSelector selector;
  selector.name = reader.text("name", Need::required);
  selector.provider = reader.text("provider", Need::optional);
  reader.finish();
  shelves.dkim_selectors.put(reader, selector, reader.arena().copy(reader.origin()), layer);
}

}  // namespace maildiag::rulebook
