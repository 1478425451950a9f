/// Whose record it is: of his own domain an administrator can change what is clumsy, of his service
/// providers' nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/finding.h>

#include "checks/public_suffix.h"
#include "core/domain_name.h"

namespace maildiag::checks::spf {

class Owners {
 public:
  /// `root`: the domain that is checked.
  explicit Owners(std::string_view root);

  /// The organizational domain of `domain`; nullopt: it is the root's, too.
  std::optional<std::string> other_owner(std::string_view domain);

  /// Remarks on the style of a record that belongs to others become one info, which says whose it
  /// is. What breaks the record or lets everybody pass stays, and so does what the record leaves to
  /// the root's result. `term` leads to the record.
  void fold_remarks(std::string_view domain, std::string_view term, std::vector<Finding>& findings);

 private:
  std::optional<DomainName> root_;
  std::optional<PublicSuffixes> suffixes_;  ///< read where a record needs it
};

}  // namespace maildiag::checks::spf
