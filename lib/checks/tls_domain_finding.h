/// How the findings about mail servers' TLS are made of a finished report.
#pragma once

#include <vector>

#include "checks/tls_domain.h"

namespace maildiag::checks::tls {

/// Where mail goes, what was not looked at, and whether anything protects the way.
void add_domain(const TlsReport& report, std::vector<Finding>& findings);
/// What one server showed, by what senders demand of it.
void add_server(const TlsReport& report, const TlsServer& server, std::vector<Finding>& findings);

}  // namespace maildiag::checks::tls
