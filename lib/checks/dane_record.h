/// A TLSA record as SMTP sees it (RFC 6698 section 2, RFC 7671, RFC 7672 section 3).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/certificate.h"
#include "dns/record.h"

namespace maildiag::checks::dane {

/// Why a record is passed over.
enum class Fault {
  none,
  pkix_usage,  ///< 0 and 1: not for SMTP (RFC 7672 section 3.1.3)
  usage,       ///< a number without a meaning
  selector,
  matching_type,
  length,  ///< the data cannot be a digest of that type
};

constexpr std::uint8_t usage_anchor = 2;  ///< DANE-TA
constexpr std::uint8_t usage_server = 3;  ///< DANE-EE

struct Association {
  dns::TlsaData data;
  Fault fault = Fault::none;
  bool usable() const { return fault == Fault::none; }
  /// "3 1 1 0123abcd...": long data is cut.
  std::string text() const;
};
Association read_association(const dns::TlsaData& data);
/// Of these a sender does not go by `association`, because a record with the same usage and
/// selector has a stronger digest (RFC 7671 section 9).
bool is_passed_over(const Association& association, const std::vector<Association>& all);

/// How a served chain stands to one record.
struct Match {
  bool found = false;        ///< a certificate or key of the chain is the one of the record
  bool wrong_name = false;   ///< found, but the chain is for other names
  std::string reason;        ///< found, but the chain up to it does not hold: OpenSSL's words
  bool passed_over = false;  ///< is_passed_over(): found or not, no sender goes by it
  /// A sender goes by it.
  bool holds() const { return found && !passed_over && !wrong_name && reason.empty(); }
};
/// `names` are those that a chain to a DANE-TA anchor may be for (RFC 7672 section 3.2.2).
/// REQUIRES: association.usable().
Match match(const Association& association, const std::vector<Certificate>& chain,
            const std::vector<DomainName>& names, WallTime now);

}  // namespace maildiag::checks::dane
