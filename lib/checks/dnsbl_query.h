/// One question to one list.
#pragma once

#include "checks/list_choice.h"

namespace maildiag::checks {

/// What stands in front of a list's zone: the address reversed, or the domain (RFC 5782
/// section 2.1, 2.4, 3).
DomainName question_front(const DnsblTarget& target);
/// Where a target is asked in a zone. nullopt: too long.
std::optional<DomainName> list_question(const DnsblTarget& target, const DomainName& zone);

/// Asks the list and, unless told not to, its own test entries: "listed" and "not-listed" are said
/// only of a list that passes.
Task<ListResult> ask_list(Context context, const AskedList& asked, DnsblTarget target,
                          SelfTest mode);

}  // namespace maildiag::checks
