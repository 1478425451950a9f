/// MTA-STS (RFC 8461): the policy by which a domain asks senders for verified TLS, and whether its
/// own mail hosts would pass it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/certificate.h"
#include "checks/context.h"
#include "checks/exchangers.h"
#include "checks/mta_sts_policy.h"
#include "checks/mta_sts_record.h"
#include "checks/tls_txt.h"
#include "net/http.h"

namespace maildiag::checks {

/// The answer of https://mta-sts.DOMAIN/.well-known/mta-sts.txt.
struct PolicyFetch {
  DomainName host;
  std::string url;
  std::vector<dns::Answer> answers;        ///< A, AAAA of the host
  std::optional<net::HttpReply> reply;     ///< none: not asked
  std::optional<Certificate> certificate;  ///< of the host, where TLS came up
  std::optional<mta_sts::Policy> policy;   ///< of an answer that counts
  bool has_address() const;
  std::vector<IpAddress> addresses() const;  ///< those that are tried
  /// Not asked, or not answered: nothing is known of the policy.
  bool unknown() const;
  /// Connections were not allowed.
  bool untried() const;
  /// All of its addresses are such as only we could reach, and so were not asked: who may publish a
  /// record must not lead us to our own machines, which senders cannot reach either.
  bool inside() const;
};

struct MtaStsReport {
  tls_text::TxtRecords found;  ///< at _mta-sts.DOMAIN
  /// Where that is an alias to no record: of a name that nobody has, to see whether all are so.
  std::optional<dns::Answer> nonsense;
  std::optional<mta_sts::Record> record;  ///< the only one
  PolicyFetch fetch;
  struct Host {
    DomainName name;
    bool covered = false;
  };
  std::vector<Host> hosts;        ///< MX hosts against the policy; empty without one
  std::vector<Finding> findings;  ///< mta-sts.*

  /// The mode that senders go by; nothing where no policy applies or it is unknown.
  std::optional<mta_sts::Mode> mode() const;
  /// Mail to this host needs a certificate that is valid for it.
  bool enforced(const DomainName& host) const;
  /// {record, id, policy{...}, hosts[]}; see maildiag-tlscheck(1).
  Value to_value(WallTime now) const;
};

struct MtaStsQuestion {
  DomainName domain;
  Exchangers route;  ///< find_exchangers() of the domain
  WallTime now;
};
/// Asks for a name that nobody has where _mta-sts.DOMAIN is an alias to no record. The policy is
/// fetched from public addresses only, or where a rule of the user's leads.
Task<MtaStsReport> check_mta_sts(Context context, MtaStsQuestion question);

}  // namespace maildiag::checks
