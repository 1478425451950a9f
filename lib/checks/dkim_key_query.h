/// The question for a key, and what its answer is worth.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "checks/context.h"
#include "checks/dkim.h"
#include "checks/dkim_key.h"

namespace maildiag::checks::dkim {

/// RFC 6376 section 3.6.2.2: one record. A few more are looked at, because verifiers do.
inline constexpr std::size_t max_key_records = 4;

struct KeyAnswer {
  dns::Answer answer;
  /// Meant to be keys; at most max_key_records, and one more that holds a private key.
  std::vector<KeyRecord> records;
  std::string other_text;  ///< the first TXT record that is no key
  std::string cname;       ///< the last target of the chain
};
Task<KeyAnswer> ask_key(Context context, DomainName name);

/// Why no signature verifies where there is no record: "dkim.key-unanswered", "dkim.key-missing"
/// ...
std::string no_key_problem(const KeyAnswer& answer);

/// For reports; domain and selector are the caller's to set.
DkimKey describe_key(const KeyRecord& record, const KeyAnswer& answer);

}  // namespace maildiag::checks::dkim
