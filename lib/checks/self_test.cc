#include "checks/self_test.h"

#include <array>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "checks/dnsbl_query.h"
#include "checks/dnsbl_read.h"
#include "checks/list_access.h"

namespace maildiag::checks {

namespace {

using Kind = SelfTestVerdict::Kind;
constexpr const char* entry_missing = "dnsbl.reason.test-entry-missing";

SelfTestVerdict verdict_of(Kind kind, std::string reason, const dns::Answer& answer) {
  SelfTestVerdict verdict;
  verdict.kind = kind;
  verdict.reason = std::move(reason);
  verdict.evidence = dns::to_evidence(answer);
  return verdict;
}

/// nullopt: nothing against the answer.
std::optional<SelfTestVerdict> common_fault(const rulebook::DnsList& list,
                                            const dns::Answer& answer) {
  if (!answer.definite())
    return verdict_of(Kind::unanswered, unanswered_reason(answer.outcome), answer);
  if (!answer.found()) return std::nullopt;
  const auto read = read_codes(list, addresses_of(answer));
  if (read.reading == Reading::error_code) {
    auto verdict = verdict_of(Kind::blocked, "", answer);
    verdict.code = read.error_address;
    return verdict;
  }
  if (read.reading == Reading::outside)
    return verdict_of(Kind::broken, "dnsbl.reason.outside-127", answer);
  return std::nullopt;
}

SelfTestVerdict judge_listed(const rulebook::DnsList& list, const dns::Answer& answer) {
  if (auto fault = common_fault(list, answer)) return std::move(*fault);
  if (!answer.found()) return verdict_of(Kind::broken, entry_missing, answer);
  return {};
}

SelfTestVerdict judge_clean(const rulebook::DnsList& list, const dns::Answer& answer) {
  if (auto fault = common_fault(list, answer)) return std::move(*fault);
  if (answer.found()) return verdict_of(Kind::broken, "dnsbl.reason.lists-everything", answer);
  return {};
}

/// RFC 5782 section 2.3 asks ::FFFF:7F00:2 in its IPv6 form, so addresses are not unmapped here.
std::optional<DomainName> test_question(std::string_view entry, TargetKind kind,
                                        const DomainName& zone) {
  if (entry.empty()) return std::nullopt;
  if (const auto ip = IpAddress::parse(entry)) return list_question(DnsblTarget(*ip), zone);
  if (kind != TargetKind::domain) return std::nullopt;
  const auto name = DomainName::parse(entry);
  return name ? list_question(DnsblTarget(*name), zone) : std::nullopt;
}

std::string_view listed_entry(const rulebook::DnsList& list, TargetKind kind) {
  const bool has_own = kind == TargetKind::ip6 && !list.test_listed6.empty();
  return has_own ? list.test_listed6 : list.test_listed;
}

/// A zone that no list file describes has two forms, and mostly only one of them is a list: a
/// missing entry is a fault only where the other form's is missing, too.
Task<void> look_for_another_kind(dns::Resolver& resolver, const AskedList& asked, TargetKind kind,
                                 SelfTestVerdict& verdict) {
  const bool address = kind == TargetKind::domain;
  const auto question = test_question(address ? "127.0.0.2" : "test",
                                      address ? TargetKind::ip4 : TargetKind::domain, asked.zone);
  if (!question) co_return;
  const DomainName name = *question;
  const auto answer = co_await resolver.query(name, dns::RecordType::a);
  if (!answer.definite()) {
    verdict = verdict_of(Kind::unanswered, unanswered_reason(answer.outcome), answer);
  } else if (answer.found() &&
             read_codes(*asked.list, addresses_of(answer)).reading == Reading::listing) {
    verdict.kind = Kind::other_kind;
  }
}

}  // namespace

Task<SelfTestVerdict> run_self_test(dns::Resolver& resolver, const AskedList& asked,
                                    TargetKind kind) {
  const auto& list = *asked.list;
  const std::array questions{test_question(listed_entry(list, kind), kind, asked.zone),
                             test_question(list.test_clean, kind, asked.zone)};
  std::array<SelfTestVerdict, 2> verdicts;
  // Both at once: a list is worth one round trip.
  const std::function<Task<void>(std::size_t)> ask = [&](std::size_t index) -> Task<void> {
    if (!questions[index]) co_return;
    const DomainName question = *questions[index];
    const auto answer = co_await resolver.query(question, dns::RecordType::a);
    verdicts[index] = index == 0 ? judge_listed(list, answer) : judge_clean(list, answer);
  };
  co_await for_each_index(questions.size(), questions.size(), ask);
  // What a list answered says more about it than what it did not.
  const bool second = verdicts[0].kind == Kind::passed ||
                      (verdicts[0].kind == Kind::unanswered && verdicts[1].kind != Kind::passed);
  auto verdict = std::move(verdicts[second ? 1 : 0]);
  if (asked.plain && verdict.reason == entry_missing) {
    co_await look_for_another_kind(resolver, asked, kind, verdict);
  }
  co_return verdict;
}

Task<SelfTestVerdict> self_test(Context context, dns::Resolver& resolver, const AskedList& asked,
                                TargetKind kind, SelfTest mode) {
  if (mode == SelfTest::never) co_return SelfTestVerdict();
  if (context.lists == nullptr || context.lists->self_tests == nullptr) {
    auto verdict = co_await run_self_test(resolver, asked, kind);
    co_return verdict;
  }
  auto& cache = *context.lists->self_tests;
  const auto key =
      fmt::format("{}|{}|{}", context.lists->resolver, asked.fingerprint, to_string(kind));
  if (const auto* known =
          cache.find(key, std::chrono::system_clock::now(), mode == SelfTest::always))
    co_return *known;
  auto verdict = co_await run_self_test(resolver, asked, kind);
  cache.keep(key, verdict, std::chrono::system_clock::now());
  co_return verdict;
}

}  // namespace maildiag::checks
