/// The name servers of lists themselves: past every cache on the way.
#pragma once

#include "checks/dnsbl_sweep.h"
#include "dns/backends.h"

namespace maildiag::checks {

/// Makes the way to the given servers, which are asked without recursion.
using MakeResolver =
    std::function<std::shared_ptr<dns::Resolver>(const std::vector<dns::ServerAddress>&)>;

/// One route for each list of the choice: its zone's NS records, or those of the nearest zone above
/// (RFC 1034 section 4.2), and their addresses, all from the context's resolver.
Task<std::vector<ListRoute>> find_list_servers(Context context, const ListChoice& choice,
                                               MakeResolver make);

}  // namespace maildiag::checks
