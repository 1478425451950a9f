#include "checks/dnsbl_query.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace maildiag::checks {

namespace {

constexpr std::size_t max_txt = 300;  // a reason longer than this is no reason but an essay

/// How the addresses of one answer are to be read, before any self-test.
enum class Reading { listing, error_code, outside, undocumented };

struct ReadAnswer {
  Reading reading = Reading::undocumented;
  const rulebook::ListCode* code = nullptr;
};

ReadAnswer read_codes(const rulebook::DnsList& list, const std::vector<IpAddress>& codes) {
  static const IpNetwork loopback = *IpNetwork::parse("127.0.0.0/8");
  ReadAnswer result;
  for (const auto& ip : codes) {
    const auto hit = [&ip](const rulebook::ListCode& code) { return code.matches(ip); };
    // An error code wins over everything: with it the list says that it did not look.
    if (const auto error = std::find_if(list.errors.begin(), list.errors.end(), hit);
        error != list.errors.end()) {
      return {Reading::error_code, &*error};
    }
    if (!loopback.contains(ip)) return {Reading::outside, nullptr};
  }
  for (const auto& ip : codes) {
    for (const auto& code : list.codes) {
      // The first documented code in the list file's order of weight wins; the others are still
      // shown.
      if (code.matches(ip) && result.code == nullptr) result = {Reading::listing, &code};
    }
  }
  return result;
}

std::vector<IpAddress> addresses(const dns::Answer& answer) {
  std::vector<IpAddress> result;
  for (const auto& record : answer.records) {
    if (const auto* ip = std::get_if<IpAddress>(&record.data)) result.push_back(*ip);
  }
  return result;
}

std::string error_reason(dns::Outcome outcome) {
  return "dnsbl.reason." + std::string(dns::to_string(outcome));
}

void set_blocked(ListResult& result, const rulebook::ListCode& code) {
  result.state = ListState::blocked;
  result.meaning = code.meaning;
  if (code.meaning.en.empty()) result.reason = "dnsbl.reason.refused-code";
}

/// Applies an answer that is not a plain "no" to `result`.
void apply_codes(ListResult& result, const dns::Answer& answer) {
  result.codes = addresses(answer);
  result.ttl = answer.ttl;
  const auto read = read_codes(*result.list, result.codes);
  switch (read.reading) {
    case Reading::error_code:
      set_blocked(result, *read.code);
      break;
    case Reading::outside:
      result.state = ListState::broken;
      result.reason = "dnsbl.reason.outside-127";
      break;
    case Reading::undocumented:
      result.state = ListState::broken;
      result.reason = "dnsbl.reason.undocumented-code";
      break;
    case Reading::listing:
      result.code_class =
          read.code->list_class.empty() ? result.list->list_class : read.code->list_class;
      result.state = result.code_class == "allow" ? ListState::allowed : ListState::listed;
      result.meaning = read.code->meaning;
      break;
  }
}

std::optional<DnsblTarget> test_target(std::string_view entry, bool domain) {
  if (entry.empty()) return std::nullopt;
  if (const auto ip = IpAddress::parse(entry)) return DnsblTarget(*ip);
  if (!domain) return std::nullopt;
  const auto name = DomainName::parse(entry);
  return name ? std::optional(DnsblTarget(*name)) : std::nullopt;
}

/// RFC 5782 section 2.3 asks ::FFFF:7F00:2 in its IPv6 form, so addresses are not unmapped here.
Task<dns::Answer> ask_test(Context context, const DomainName& zone, DnsblTarget target) {
  const auto name = list_question(target, zone);
  const DomainName question = name.value_or(zone);
  co_return co_await context.resolver.query(question, dns::RecordType::a);
}

/// Turns a verdict of a list that fails its own test entries into broken, blocked or error.
Task<void> apply_self_test(Context context, const DomainName& zone, bool ip6, ListResult& result) {
  const auto& list = *result.list;
  const auto listed_entry =
      ip6 ? (list.test_listed6.empty() ? list.test_listed : list.test_listed6) : list.test_listed;
  if (const auto target = test_target(listed_entry, list.domain)) {
    const auto answer = co_await ask_test(context, zone, *target);
    if (!answer.definite()) {
      result.state = ListState::error;
      result.reason = error_reason(answer.outcome);
      co_return;
    }
    if (!answer.found()) {
      result.state = ListState::broken;
      result.reason = "dnsbl.reason.test-entry-missing";
      co_return;
    }
    const auto read = read_codes(list, addresses(answer));
    if (read.reading == Reading::error_code) {
      set_blocked(result, *read.code);
      co_return;
    }
    if (read.reading == Reading::outside) {
      result.state = ListState::broken;
      result.reason = "dnsbl.reason.outside-127";
      co_return;
    }
  }
  if (const auto target = test_target(list.test_clean, list.domain)) {
    const auto answer = co_await ask_test(context, zone, *target);
    if (!answer.definite()) {
      result.state = ListState::error;
      result.reason = error_reason(answer.outcome);
    } else if (answer.found()) {
      const auto read = read_codes(list, addresses(answer));
      if (read.reading == Reading::error_code) {
        set_blocked(result, *read.code);
      } else {
        result.state = ListState::broken;
        result.reason = "dnsbl.reason.lists-everything";
      }
    }
  }
}

Task<void> fetch_reason(Context context, const DomainName& question, ListResult& result) {
  const auto answer = co_await context.resolver.query(question, dns::RecordType::txt);
  for (const auto& record : answer.records) {
    const auto* txt = std::get_if<dns::TxtData>(&record.data);
    if (txt == nullptr) continue;
    result.txt = text::truncate(text::collapse_spaces(text::sanitize(txt->joined())), max_txt);
    break;
  }
}

}  // namespace

std::string_view to_string(ListState state) {
  switch (state) {
    case ListState::listed:
      return "listed";
    case ListState::not_listed:
      return "not-listed";
    case ListState::allowed:
      return "allowed";
    case ListState::blocked:
      return "blocked";
    case ListState::broken:
      return "broken";
    case ListState::error:
      return "error";
    case ListState::skipped:
      break;
  }
  return "skipped";
}

std::string masked_zone(const rulebook::DnsList& list) {
  std::string zone(list.zone);
  if (const auto at = zone.find("{key}"); at != std::string::npos) zone.replace(at, 5, "****");
  return zone;
}

std::optional<DomainName> list_question(const DnsblTarget& target, const DomainName& zone) {
  if (const auto* ip = std::get_if<IpAddress>(&target)) return zone.child(ip->reversed());
  return zone.prepend(std::get<DomainName>(target));
}

Task<ListResult> ask_list(Context context, const rulebook::DnsList& list, DnsblTarget target,
                          SelfTest self_test) {
  ListResult result;
  result.list = &list;
  result.zone = masked_zone(list);
  const auto zone = DomainName::parse(list.zone);
  const auto question = zone ? list_question(target, *zone) : std::nullopt;
  if (!question) {
    result.state = ListState::skipped;
    result.reason = "dnsbl.reason.name-too-long";
    co_return result;
  }
  const auto answer = co_await context.resolver.query(*question, dns::RecordType::a);
  result.evidence = dns::to_evidence(answer);
  if (!answer.definite()) {
    result.state = ListState::error;
    result.reason = error_reason(answer.outcome);
    co_return result;
  }
  if (answer.found()) {
    apply_codes(result, answer);
  } else {
    result.state = ListState::not_listed;
    result.ttl = answer.ttl;
  }
  const bool definite = result.state == ListState::listed || result.state == ListState::allowed ||
                        result.state == ListState::not_listed;
  const auto* ip = std::get_if<IpAddress>(&target);
  if (definite && self_test != SelfTest::never) {
    co_await apply_self_test(context, *zone, ip != nullptr && ip->is_v6(), result);
  }
  if (result.state == ListState::listed) co_await fetch_reason(context, *question, result);
  co_return result;
}

}  // namespace maildiag::checks
