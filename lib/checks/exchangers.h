/// Where mail for a domain goes (RFC 5321 section 5.1): the lookup that every check on a mail
/// domain shares.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checks/context.h"

namespace maildiag::checks {

inline constexpr std::size_t max_exchangers = 50;  ///< a real domain has fewer than twenty
inline constexpr std::size_t max_parallel_hosts = 10;

enum class MailRoute { explicit_mx, implicit, null_mx, none, nxdomain, unknown };

struct Exchanger {
  std::uint16_t preference = 0;
  DomainName name;
  std::vector<IpAddress> addresses;
  bool address_literal =
      false;              ///< the exchange is written as an IP address, which no sender follows
  bool is_alias = false;  ///< a CNAME stands there (RFC 2181 section 10.3)
  DomainName alias_target;
  bool unknown = false;        ///< A or AAAA was not answered
  bool a_unknown = false;      ///< A was not answered
  std::string outcome;         ///< of the lookup that failed
  bool authenticated = false;  ///< A and AAAA were answered, both with the AD bit
  std::vector<Evidence> evidence;
};

struct Exchangers {
  MailRoute state = MailRoute::unknown;
  bool null_among_others = false;  ///< RFC 7505 section 3 forbids it
  std::string outcome;             ///< of the MX query
  std::vector<Exchanger> hosts;  ///< by preference, then name; for an implicit MX the domain itself
  Evidence evidence;             ///< the MX answer
  bool authenticated = false;    ///< its AD bit
  std::string server;            ///< who gave it, see dns::Answer
};

Task<Exchangers> find_exchangers(Context context, DomainName domain);

}  // namespace maildiag::checks
