/// What a registry says of a domain, a network or an AS number, without the persons behind a
/// domain.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/value.h>

#include "core/clock.h"

namespace maildiag::checks::whois {

/// Columns of one text, and texts of one kind, that are kept: all of it is a stranger's.
inline constexpr std::size_t max_text = 200, max_texts = 24;

struct Contact {
  std::string name, email, phone;
  bool empty() const { return email.empty() && phone.empty(); }
};

/// All texts are of one line and safe for a terminal.
struct Registration {
  std::string kind;  ///< see kind_of()
  std::string name;  ///< the domain, a network's ("KORNET") or an AS's name
  std::string handle;
  std::string range;                  ///< "192.0.2.0 - 192.0.2.255", "AS64496 - AS64511"
  std::vector<std::string> networks;  ///< the same as prefixes
  std::string type;                   ///< "ALLOCATED PA", "Direct Allocation"
  std::string holder;                 ///< of numbers only: an organisation
  std::string country;                ///< ISO 3166, as registered
  /// Who gave the holder his part of a larger block, where the registry says it.
  std::string provider;
  Contact abuse, technical;
  std::string registrar, registrar_id;  ///< of domains; IANA's number
  std::optional<WallTime> registered, changed, expires;
  std::vector<std::string> name_servers, status;
  std::optional<bool> is_signed;  ///< DNSSEC

  Value to_value() const;
};
Registration registration_from(const Value& value);

/// One safe line of at most max_text columns.
std::string clean_text(std::string_view text);
/// The same, or nothing where it is no address of a mailbox.
std::string clean_email(std::string_view text);
/// The word of the day in any notation that registries use; times without a zone are taken for UTC.
/// nullopt: none.
std::optional<WallTime> registry_date(std::string_view text);
/// Until when: the last second of the day where only that is told, as no registry ends a domain
/// before.
std::optional<WallTime> registry_deadline(std::string_view text);
/// EPP status codes (RFC 5731 section 2.3, RFC 8056) in one notation: "client hold".
std::string status_words(std::string_view text);

}  // namespace maildiag::checks::whois
