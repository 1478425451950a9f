/// Names that providers give to access lines by the thousand; receivers treat them as dynamic.
#pragma once

#include "core/domain_name.h"
#include "core/ip_address.h"

namespace maildiag::checks {

/// True for a name that carries its own address (in decimal or hexadecimal, forwards or backwards),
/// or that has both an access-line word (dsl, dyn, pool, cust ...) and a number in its host part.
bool looks_generic(const DomainName& name, const IpAddress& ip);

}  // namespace maildiag::checks
