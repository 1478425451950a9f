/// How well mail to a domain is protected on its way: MTA-STS, TLS-RPT, DANE, and the TLS of each
/// mail server.
#pragma once

#include <optional>
#include <vector>

#include "checks/dane.h"
#include "checks/mta_sts.h"
#include "checks/tls_rpt.h"
#include "checks/tls_server.h"

namespace maildiag::checks {

struct TlsQuestion {
  DomainName domain;
  WallTime now;
  net::Reach reach = net::Reach::any;
  /// Of dialogues that were held before; none: they are held now.
  std::optional<std::vector<TlsServer>> servers;
};

struct TlsReport {
  TlsQuestion question;
  Exchangers route;
  std::vector<TlsServer> servers;
  MtaStsReport mta_sts;
  TlsRptReport tls_rpt;
  DaneReport dane;
  std::vector<Finding> findings;  ///< tls.*; those of the parts stand there

  /// This and what the parts found, in the order in which it is read.
  std::vector<Finding> all_findings() const;
  /// {mx[], mta_sts{...}, tls_rpt{...}, dane{...}}; see maildiag-tlscheck(1).
  Value to_value() const;
};
Task<TlsReport> check_tls(Context context, TlsQuestion question);

}  // namespace maildiag::checks
