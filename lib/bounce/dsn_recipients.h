/// Where a delivery report names its recipients.
#pragma once

#include <cstddef>
#include <vector>

#include "bounce/dsn_fields.h"

namespace maildiag::bounce::dsn {

/// Fields between empty lines, and the recipients that are named there.
struct Paragraph {
  std::size_t begin = 0, end = 0;  ///< of the entries
  Names names = 0;
  std::size_t first = 0, count = 0;  ///< of the recipients
  /// RFC 3464 section 2.2: whatever else stands there.
  bool is_about_mail() const { return count == 0 && (names & of_mail) != 0; }
  Names of_whom() const { return names & of_recipient; }
};

struct Recipients {
  std::vector<Paragraph> paragraphs;
  std::vector<std::size_t> places;  ///< of their names, among the entries
};

/// Who is named by a Final-Recipient; by another field only where that one is missing.
Recipients find_recipients(const Entries& entries);

}  // namespace maildiag::bounce::dsn
