/// The public suffix list (publicsuffix.org), as DMARC receivers before RFC 9989 use it.
#pragma once

#include <memory>

#include "core/domain_name.h"

namespace maildiag::checks {

class PublicSuffixes {
 public:
  /// The system's list, or the one built into libpsl where that is newer. Reads a file: make one
  /// where it is needed, not at start.
  PublicSuffixes();
  ~PublicSuffixes();
  PublicSuffixes(PublicSuffixes&&) noexcept;
  PublicSuffixes& operator=(PublicSuffixes&&) noexcept;

  bool is_suffix(const DomainName& domain) const;
  /// The suffix and one label; the domain itself where it is a suffix (RFC 7489 section 3.2).
  DomainName organizational_domain(const DomainName& domain) const;
  /// What a registry knows: the same by the suffixes of registries alone (the list's ICANN part),
  /// as hosters enter their own domains for what their customers have below them.
  DomainName registered_domain(const DomainName& domain) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace maildiag::checks
