/// RFC 5782 section 5: what a list must and must not list.
#pragma once

#include "checks/list_choice.h"
#include "checks/self_test_cache.h"

namespace maildiag::checks {

/// Asks a list about its test entries through `resolver`. Lists without such an entry pass it.
Task<SelfTestVerdict> run_self_test(dns::Resolver& resolver, const AskedList& asked,
                                    TargetKind kind);
/// The same, or what is known from before (see SelfTest).
Task<SelfTestVerdict> self_test(Context context, dns::Resolver& resolver, const AskedList& asked,
                                TargetKind kind, SelfTest mode);

}  // namespace maildiag::checks
