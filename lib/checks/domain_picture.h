/// All that can be seen of a mail domain from outside: its exchangers, their names, the lists that
/// they stand on, and what the domain publishes about its mail.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/dkim.h"
#include "checks/dmarc.h"
#include "checks/dns_health.h"
#include "checks/dnsbl.h"
#include "checks/mta_sts.h"
#include "checks/mx.h"
#include "checks/smtp.h"
#include "checks/spf.h"
#include "checks/tls_rpt.h"

namespace maildiag::checks {

/// Addresses of all exchangers together that are looked up in lists and connected to. A large
/// provider has twenty or thirty; an MX record may lead to thousands that somebody made up.
inline constexpr std::size_t max_picture_addresses = 64;

struct PictureOptions {
  std::vector<std::string> selectors;  ///< of DKIM; empty: the usual ones
  bool lists = true;                   ///< look the addresses up in the default lists
  bool smtp = true;                    ///< connect to the exchangers
  bool name_servers = true;            ///< ask each name server of the domain itself
  bool from_files = false;             ///< answers come from files, which may lack lists, servers
  WallTime now;                        ///< decides about certificates
};

/// A dialogue with one exchanger at one of its addresses.
struct ExchangerTalk {
  std::size_t host = 0;  ///< of MxResult::hosts
  SmtpReport report;
};

struct AddressLists {
  IpAddress ip;
  DnsblResult lists;
};

struct DomainPicture {
  MxResult mx;
  // Nothing where the domain does not exist:
  std::optional<SpfReport> spf;
  std::optional<DmarcReport> dmarc;
  std::optional<DkimKeyReport> dkim;
  std::optional<MtaStsReport> mta_sts;
  std::optional<TlsRptReport> tls_rpt;
  std::optional<DnsHealth> dns;
  /// By exchanger; nothing: the lists were not asked.
  std::optional<std::vector<AddressLists>> lists;
  std::vector<ExchangerTalk> talks;  ///< none: not tried
  std::vector<Finding> findings;     ///< of all parts, each statement once
  WallTime now;

  /// {null_mx, implicit, mx[], spf, dmarc, dkim, mta_sts, tls_rpt, dnsbl,
  /// dns}; null where a part was
  /// not looked at.
  Value to_value(const rulebook::Rulebook& rulebook, Language language) const;
};

/// All parts at once; each question is asked once.
Task<DomainPicture> check_domain_picture(Context context, DomainName domain,
                                         PictureOptions options);

}  // namespace maildiag::checks
