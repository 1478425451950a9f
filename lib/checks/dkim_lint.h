/// Keys and signatures as findings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/dkim.h"
#include "checks/dkim_key.h"
#include "checks/dkim_key_query.h"
#include "checks/dkim_message.h"

namespace maildiag::checks::dkim {

/// What can be said about a record that verifies, beside that it does: short, testing, PKCS#1 ...
std::vector<Finding> lint_key(const KeyRecord& record, std::string_view domain,
                              std::string_view selector);

/// When a message came in, which decides, and when it is looked at, where that is to be told.
struct SignatureTimes {
  std::int64_t received = 0;
  std::optional<std::int64_t> today;
};

/// One finding or more for each signature, or that there is none.
std::vector<Finding> lint_signatures(const Message& message, const DkimMessageReport& report,
                                     const SignatureTimes& times);

}  // namespace maildiag::checks::dkim
