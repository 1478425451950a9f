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
constexpr std::array<std::string_view, 8> classes = {"block", "policy", "range", "domain",
                                                     "allow", "info",   "geo",   "retired"};
// What an answer of this class says beside others is no listing, for good or bad.
constexpr std::array<std::string_view, 9> code_classes = {
    "block", "policy", "range", "domain", "allow", "info", "geo", "retired", "statistics"};
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
    reader.fault("code", "\"{}\" is none of 127.0.0.2, 127.0.0.4-127.0.0.7, 127.0.*.3", code.code);
  }
}

std::span<const ListCode> read_codes(TableReader& reader) {
  std::vector<ListCode> codes;
  for (auto& part : reader.tables("codes", Need::required)) {
    ListCode code;
    read_code_form(part, code);
    code.list_class = part.one_of("class", code_classes, Need::optional);
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
    reader.fault("zone", "a zone with {} needs `key`, and only such a zone", key_placeholder);
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
      reader.fault("families", "unknown family `{}`; known: {}", family,
                   fmt::format("{}", fmt::join(families, ", ")));
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
  if (list.list_class == "domain" && (list.ip4 || list.ip6))
    reader.fault("families", "a list of class \"domain\" serves domains only");
  const bool retired = list.list_class == "retired";
  if (retired && list.enabled)
    reader.fault("default", "a retired list is never asked; set it to false");
  if (list.enabled && !is_asked(list))
    reader.fault("families", "needs one of ip4, ip6, domain to be asked");
  if (!retired && is_asked(list) && list.codes.empty())
    reader.fault("codes", "needs at least one code: no other answer is a listing");
  if (!list.retired.empty() && !retired) reader.fault("retired", "needs class = \"retired\"");
}

/// A row about a zone that an earlier layer knows changes the keys that it names; the others stay.
class ListRow {
 public:
  ListRow(TableReader& reader, Shelves& shelves) : reader_(reader), shelves_(shelves) {}

  void read(int layer) {
    const auto zone = reader_.text("zone", Need::required);
    if (const auto* base = shelves_.lists.find(zone)) {
      list_ = *base;
      changes_ = true;
    } else {
      list_.zone = zone;
    }
    read_what_it_is();
    read_answers();
    read_manners();
    check_zone(reader_, list_);
    check_use(reader_, list_);
    reader_.finish();
    shelves_.lists.put(reader_, list_, reader_.arena().copy(reader_.origin()), layer);
  }

 private:
  bool given(std::string_view key) const { return !changes_ || reader_.has(key); }

  void text(std::string_view key, Need need, std::string_view& to) {
    if (given(key)) to = reader_.text(key, need);
  }
  void one_of(std::string_view key, std::span<const std::string_view> allowed, Need need,
              std::string_view& to) {
    if (given(key)) to = reader_.one_of(key, allowed, need);
  }
  void boolean(std::string_view key, bool& to) {
    if (given(key)) to = reader_.boolean(key).value_or(false);
  }

  void read_what_it_is() {
    text("key", Need::optional, list_.key);
    text("name", Need::required, list_.name);
    text("operator", shipped_, list_.operator_name);
    one_of("class", classes, Need::required, list_.list_class);
    if (given("families")) {
      list_.ip4 = list_.ip6 = list_.domain = false;
      read_families(reader_, list_);
    }
    boolean("default", list_.enabled);
    one_of("weight", weights, Need::required, list_.weight);
    text("retired", Need::optional, list_.retired);
    if (given("notes")) list_.notes = reader_.translated("notes", shipped_);
    std::string_view source;  // where the row comes from: for who maintains the file
    text("source", shipped_, source);
  }

  void read_answers() {
    if (given("codes")) list_.codes = read_codes(reader_);
    if (given("errors")) list_.errors = read_errors(reader_);
    if (given("selftest")) read_self_test(reader_, list_);
  }

  void read_manners() {
    one_of("public_resolvers", resolver_policies, shipped_, list_.public_resolvers);
    one_of("registration", registrations, shipped_, list_.registration);
    if (given("rate")) list_.rate = reader_.number("rate");
    if (!(list_.rate >= 0 && list_.rate <= 1e6))
      reader_.fault("rate", "`rate` must lie between 0 (no known limit) and 1000000");
    text("lookup", Need::optional, list_.lookup_url);
    text("removal", Need::optional, list_.removal_url);
    boolean("self_service", list_.self_service);
    boolean("paid", list_.paid);
  }

  TableReader& reader_;
  Shelves& shelves_;
  const Need shipped_ = reader_.shipped() ? Need::required : Need::optional;
  DnsList list_;
  bool changes_ = false;
};

}  // namespace

void read_list(TableReader& reader, Shelves& shelves, int layer) {
  ListRow(reader, shelves).read(layer);
}

void read_dkim_selector(TableReader& reader, Shelves& shelves, int layer) {
  DkimSelector selector;
  selector.name = reader.text("name", Need::required);
  selector.provider = reader.text("provider", Need::optional);
  reader.finish();
  shelves.dkim_selectors.put(reader, selector, reader.arena().copy(reader.origin()), layer);
}

}  // namespace maildiag::rulebook
