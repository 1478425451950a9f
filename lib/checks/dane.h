/// DANE for SMTP (RFC 7672): TLSA records of the mail hosts, whether DNSSEC vouches for them, and
/// whether the certificates that the hosts serve are the ones of the records.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/context.h"
#include "checks/dane_record.h"
#include "checks/exchangers.h"
#include "checks/tls_server.h"

namespace maildiag::checks {

/// TLSA records of one host that are compared; a roll-over has two to four.
inline constexpr std::size_t max_associations = 40;

/// What DNSSEC says of an answer, as far as the resolver tells (RFC 4035 section 4.3).
enum class Dnssec {
  secure,    ///< validated
  insecure,  ///< answered without validation, by a resolver that validates
  unknown,   ///< not answered (where validation fails, too), or nobody validates
};
std::string_view to_string(Dnssec state);

/// Who vouches for an AD bit.
enum class Validator {
  local,   ///< a validating resolver on this machine
  remote,  ///< one behind a network: its AD bit could be forged on the way
  none,    ///< the resolver does not validate
  file,    ///< answers come from zone files
  unasked  ///< there was nothing to vouch for
};
std::string_view to_string(Validator validator);

struct DaneHost {
  DomainName name;           ///< of the MX record
  DomainName base;           ///< below which the TLSA records are: `name`, or what it is a CNAME of
  bool has_address = false;  ///< without one nobody connects
  Dnssec address = Dnssec::unknown, tlsa = Dnssec::unknown;
  dns::Answer answer;  ///< TLSA of _25._tcp.`base`
  std::vector<dane::Association> associations;

  struct Server {
    IpAddress address;
    TlsState state = TlsState::untried;
    std::vector<dane::Match> matches;  ///< of each association; empty: not compared
    /// A usable record holds for this server.
    bool holds() const;
  };
  std::vector<Server> servers;

  bool has_usable() const;
  /// Senders that know DANE go by the records of this host, if its MX record is secure, too.
  bool secure() const { return address == Dnssec::secure && tlsa == Dnssec::secure; }
};

struct DaneReport {
  DomainName domain;
  Dnssec mx = Dnssec::unknown;
  Validator validator = Validator::unasked;
  std::string resolver;  ///< who answered
  std::vector<DaneHost> hosts;
  std::vector<Finding> findings;  ///< dane.*

  /// Senders that know DANE demand it of this host.
  bool demanded(const DomainName& host) const;
  /// A server's certificate is what a DANE sender wants.
  bool holds(const DomainName& host, const IpAddress& address) const;
  bool any_records() const;
  /// {mx, validator, hosts[]}; see maildiag-tlscheck(1).
  Value to_value() const;
};

struct DaneQuestion {
  DomainName domain;
  Exchangers route;                ///< find_exchangers() of the domain
  std::vector<TlsServer> servers;  ///< talk_to_servers() of the route
  WallTime now;
};
Task<DaneReport> check_dane(Context context, DaneQuestion question);

}  // namespace maildiag::checks
