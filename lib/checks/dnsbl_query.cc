#include "checks/dnsbl_query.h"

#include <utility>

#include "checks/dnsbl_read.h"
#include "checks/self_test.h"

namespace maildiag::checks {

DomainName question_front(const DnsblTarget& target) {
  if (const auto* ip = std::get_if<IpAddress>(&target))
    return DomainName::parse(ip->reversed()).value_or(DomainName());
  return std::get<DomainName>(target);
}

std::optional<DomainName> list_question(const DnsblTarget& target, const DomainName& zone) {
  return zone.prepend(question_front(target));
}

Task<ListResult> ask_list(Context context, const AskedList& asked, DnsblTarget target,
                          SelfTest mode) {
  const auto question = list_question(target, asked.zone);
  if (!question) {
    auto result = new_result(asked);
    result.state = ListState::skipped;
    result.reason = "dnsbl.reason.name-too-long";
    co_return result;
  }
  auto& resolver = context.resolver;
  const auto verdict = co_await self_test(context, resolver, asked, kind_of(target), mode);
  if (verdict.kind != SelfTestVerdict::Kind::passed) {
    auto result = new_result(asked);
    apply_verdict(verdict, result);
    co_return result;
  }
  const auto answer = co_await resolver.query(*question, dns::RecordType::a);
  auto result = read_answer(asked, answer);
  if (result.state == ListState::listed) {
    const auto reason = co_await resolver.query(*question, dns::RecordType::txt);
    result.txt = read_reason(reason);
  }
  co_return result;
}

}  // namespace maildiag::checks
