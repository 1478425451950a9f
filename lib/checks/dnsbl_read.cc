#include "checks/dnsbl_read.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"

namespace maildiag::checks {

namespace {

constexpr std::size_t max_txt = 300;  // a reason longer than this is no reason but an essay
/// That are shown: lists answer with a handful of addresses, and all of them are read.
constexpr std::size_t max_codes = 64;

/// What a class weighs, where one answer has codes of several: what is known of a host besides does
/// not take it off an allow list.
int weight_of(std::string_view list_class) {
  constexpr std::array<std::string_view, 8> light_first{"statistics", "info",   "allow",  "geo",
                                                        "range",      "policy", "domain", "block"};
  const auto* found = std::find(light_first.begin(), light_first.end(), list_class);
  return static_cast<int>(found - light_first.begin());
}

std::string_view class_of(const rulebook::ListCode& code, const rulebook::DnsList& list) {
  return code.list_class.empty() ? list.list_class : code.list_class;
}

const rulebook::ListCode* find_code(std::span<const rulebook::ListCode> codes,
                                    const IpAddress& address) {
  const auto found =
      std::find_if(codes.begin(), codes.end(),
                   [&address](const rulebook::ListCode& code) { return code.matches(address); });
  return found == codes.end() ? nullptr : &*found;
}

void set_blocked(ListResult& result, const rulebook::ListCode* code) {
  result.state = ListState::blocked;
  if (code != nullptr && !code->meaning.en.empty()) {
    result.meanings = {code->meaning};
  } else {
    result.reason = "dnsbl.reason.refused-code";
  }
}

ListState state_of_class(std::string_view list_class) {
  if (list_class == "allow") return ListState::allowed;
  return list_class == "statistics" ? ListState::not_listed : ListState::listed;
}

void set_broken(ListResult& result, const char* reason) {
  result.state = ListState::broken;
  result.reason = reason;
}

}  // namespace

ReadCodes read_codes(const rulebook::DnsList& list, const std::vector<IpAddress>& codes) {
  static const IpNetwork loopback = *IpNetwork::parse("127.0.0.0/8");
  // Where every list that refuses does so, whatever it documents.
  static const IpNetwork refusals = *IpNetwork::parse("127.255.255.0/24");
  // "Your DNS configuration needs immediate attention", ICANN's answer for names of a new top-level
  // domain: no list's, whatever range of codes the list documents.
  static const IpAddress name_collision = *IpAddress::parse("127.0.53.53");
  ReadCodes result;
  for (const auto& address : codes) {
    // An error code wins over everything: with it the list says that it did not look.
    const auto* error = find_code(list.errors, address);
    if (error != nullptr || refusals.contains(address)) {
      result.reading = Reading::error_code;
      result.error = error;
      result.error_address = address;
      return result;
    }
  }
  // Servers shuffle addresses, so each of them is looked at for one before the other.
  const auto is_outside = [](const IpAddress& address) { return !loopback.contains(address); };
  if (std::any_of(codes.begin(), codes.end(), is_outside)) {
    result.reading = Reading::outside;
    return result;
  }
  if (std::find(codes.begin(), codes.end(), name_collision) != codes.end()) return result;
  // In the list file's order; a bit mask has several codes for one address.
  for (const auto& code : list.codes) {
    const bool hit = std::any_of(codes.begin(), codes.end(), [&code](const IpAddress& address) {
      return code.matches(address);
    });
    if (hit) result.documented.push_back(&code);
  }
  std::stable_sort(result.documented.begin(), result.documented.end(),
                   [&list](const auto* a, const auto* b) {
                     return weight_of(class_of(*a, list)) > weight_of(class_of(*b, list));
                   });
  if (result.documented.empty()) return result;
  const auto is_documented = [&result](const IpAddress& address) {
    return std::any_of(result.documented.begin(), result.documented.end(),
                       [&address](const auto* code) { return code->matches(address); });
  };
  // Beside what says nothing of a listing, a code that nobody documented may be one; a list of who
  // is welcome only tells more of him.
  const auto weightiest = state_of_class(class_of(*result.documented.front(), list));
  if (weightiest != ListState::not_listed || list.list_class == "allow" ||
      std::all_of(codes.begin(), codes.end(), is_documented))
    result.reading = Reading::listing;
  return result;
}

std::vector<IpAddress> addresses_of(const dns::Answer& answer) {
  std::vector<IpAddress> result;
  for (const auto& record : answer.records) {
    const auto* ip = std::get_if<IpAddress>(&record.data);
    if (ip != nullptr) result.push_back(*ip);
  }
  return result;
}

std::string unanswered_reason(dns::Outcome outcome) {
  return "dnsbl.reason." + std::string(dns::to_string(outcome));
}

ListResult new_result(const AskedList& asked) {
  ListResult result;
  result.list = asked.list;
  result.zone = asked.shown;
  return result;
}

ListResult read_answer(const AskedList& asked, const dns::Answer& answer) {
  auto result = new_result(asked);
  result.evidence = dns::to_evidence(answer);
  result.ttl = answer.ttl;
  if (!answer.definite()) {
    result.state = ListState::error;
    result.reason = unanswered_reason(answer.outcome);
    return result;
  }
  if (!answer.found()) {
    result.state = ListState::not_listed;
    return result;
  }
  result.codes = addresses_of(answer);
  const auto read = read_codes(*asked.list, result.codes);
  if (result.codes.size() > max_codes) result.codes.resize(max_codes);
  switch (read.reading) {
    case Reading::error_code:
      // Behind those that are shown: it is what decides.
      if (std::find(result.codes.begin(), result.codes.end(), read.error_address) ==
          result.codes.end())
        result.codes.back() = read.error_address;
      set_blocked(result, read.error);
      break;
    case Reading::outside:
      set_broken(result, "dnsbl.reason.outside-127");
      break;
    case Reading::undocumented:
      set_broken(result, "dnsbl.reason.undocumented-code");
      break;
    case Reading::listing:
      result.code_class = class_of(*read.documented.front(), *asked.list);
      result.state = state_of_class(result.code_class);
      for (const auto* code : read.documented) result.meanings.push_back(code->meaning);
      break;
  }
  return result;
}

std::optional<ListResult> policy_part(const ListResult& whole) {
  constexpr std::string_view policy = "policy";
  if (whole.state != ListState::listed || whole.code_class == policy) return std::nullopt;
  auto part = whole;
  part.code_class = policy;
  part.codes.clear();
  part.meanings.clear();
  for (const auto* code : read_codes(*whole.list, whole.codes).documented) {
    if (class_of(*code, *whole.list) != policy) continue;
    part.meanings.push_back(code->meaning);
    for (const auto& address : whole.codes) {
      const bool is_new =
          std::find(part.codes.begin(), part.codes.end(), address) == part.codes.end();
      if (is_new && code->matches(address)) part.codes.push_back(address);
    }
  }
  if (part.codes.empty()) return std::nullopt;
  return part;
}

void apply_verdict(const SelfTestVerdict& verdict, ListResult& result) {
  using Kind = SelfTestVerdict::Kind;
  if (verdict.kind == Kind::passed) return;
  result.codes.clear();
  result.meanings.clear();
  result.code_class = {};
  result.reason = verdict.reason;
  if (!verdict.evidence.data.is_null()) result.evidence = verdict.evidence;
  if (verdict.kind == Kind::blocked) {
    result.reason.clear();
    if (verdict.code) result.codes = {*verdict.code};
    set_blocked(result, verdict.code ? find_code(result.list->errors, *verdict.code) : nullptr);
  } else if (verdict.kind == Kind::other_kind) {
    result.state = ListState::skipped;
    result.reason = result.list->domain ? reason_not_for_domains : reason_not_for_addresses;
  } else {
    result.state = verdict.kind == Kind::broken ? ListState::broken : ListState::error;
  }
}

std::string read_reason(const dns::Answer& answer) {
  for (const auto& record : answer.records) {
    if (const auto* txt = std::get_if<dns::TxtData>(&record.data))
      return text::truncate(text::collapse_spaces(text::sanitize(txt->joined())), max_txt);
  }
  return {};
}

}  // namespace maildiag::checks
