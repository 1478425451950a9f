/// What a sample's header lacks of RFC 5322 and RFC 8058.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/dkim.h"
#include "checks/dkim_message.h"

namespace maildiag::checks::bulk {

struct HeaderFault {
  std::string id;     ///< a finding's
  std::string field;  ///< its name
  std::size_t count = 0;
};

/// RFC 5322 section 3.6: how often each field may stand, and that Message-ID has an id.
std::vector<HeaderFault> find_format_faults(const dkim::Message& message);

/// RFC 8058: List-Unsubscribe with an HTTPS URI, List-Unsubscribe-Post, both signed by a signature
/// that holds. Empty: one click suffices.
std::vector<HeaderFault> find_unsubscribe_faults(const dkim::Message& message,
                                                 const DkimMessageReport& dkim);

}  // namespace maildiag::checks::bulk
