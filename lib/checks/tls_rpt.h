/// TLS reporting (RFC 8460): where senders tell a domain which of their TLS connections failed.
#pragma once

#include <optional>
#include <vector>

#include "checks/context.h"
#include "checks/tls_rpt_record.h"
#include "checks/tls_txt.h"

namespace maildiag::checks {

struct TlsRptReport {
  tls_text::TxtRecords found;             ///< at _smtp._tls.DOMAIN
  std::optional<tls_rpt::Record> record;  ///< the only one
  std::vector<Finding> findings;          ///< tls-rpt.*

  /// {record, rua[]}; record is null where there is none that counts.
  Value to_value() const;
};

/// `needed`: there is a policy whose failures somebody should hear of.
Task<TlsRptReport> check_tls_rpt(Context context, DomainName domain, bool needed);

}  // namespace maildiag::checks
