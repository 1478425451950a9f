/// Whose mail a message says it is: the domains of its From field (RFC 5322 section 3.6.2, groups
/// by RFC 6854, UTF-8 by RFC 6532).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain_name.h"

namespace maildiag::checks {

/// Mailboxes of a From field that are read; hardly any mail has two.
inline constexpr std::size_t max_mailboxes = 50;

struct Mailbox {
  std::string address;               ///< as written, raw octets
  std::optional<DomainName> domain;  ///< in A-labels; nullopt: an address literal, or none at all
};

/// The mailboxes of a From field's value. `valid`: it is a mailbox-list or has groups of them; of a
/// faulty field what mail programs would show is taken.
struct MailboxList {
  std::vector<Mailbox> mailboxes;
  bool valid = true;
};
MailboxList parse_mailboxes(std::string_view value);

struct Authors {
  std::size_t fields = 0;  ///< From fields; one is right
  bool valid = true;       ///< each of them by the grammar
  std::vector<Mailbox> mailboxes;
  std::vector<DomainName> domains;  ///< distinct, in order
};
/// REQUIRES: the values of all From fields of one message.
Authors read_authors(const std::vector<std::string_view>& values);

}  // namespace maildiag::checks
