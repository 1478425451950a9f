/// How the answer of a list is read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/list_choice.h"
#include "checks/self_test_cache.h"

namespace maildiag::checks {

/// How the addresses of one answer are to be read, before any self-test.
enum class Reading { listing, error_code, outside, undocumented };

struct ReadCodes {
  Reading reading = Reading::undocumented;
  const rulebook::ListCode* error = nullptr;          ///< of error_code
  IpAddress error_address;                            ///< of error_code
  std::vector<const rulebook::ListCode*> documented;  ///< of listing, the weightiest class first
};
ReadCodes read_codes(const rulebook::DnsList& list, const std::vector<IpAddress>& codes);

std::vector<IpAddress> addresses_of(const dns::Answer& answer);
/// "dnsbl.reason.timeout"
std::string unanswered_reason(dns::Outcome outcome);

ListResult new_result(const AskedList& asked);
/// The answer to the question about a target. Listed, allowed and not listed hold only for a list
/// that passed its self-test.
ListResult read_answer(const AskedList& asked, const dns::Answer& answer);
/// What of a listing is said by policy, where a weightier code stands beside it.
std::optional<ListResult> policy_part(const ListResult& whole);
/// What is said of a list that did not pass, instead of its answer.
void apply_verdict(const SelfTestVerdict& verdict, ListResult& result);
/// The list's own words: sanitised and cut.
std::string read_reason(const dns::Answer& answer);

}  // namespace maildiag::checks
