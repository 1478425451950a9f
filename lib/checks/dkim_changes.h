/// Who broke a signature: the usual changes on the way, undone one by one until it holds again.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checks/dkim.h"
#include "checks/dkim_key.h"
#include "checks/dkim_verify.h"

namespace maildiag::checks::dkim {

/// Octets hashed in the search, for a whole message: about a third of a second. A hostile message
/// costs no more.
inline constexpr std::uint64_t search_octets = 64UL << 20;

class Budget {
 public:
  /// False: nothing is left.
  bool take(std::uint64_t octets) {
    if (octets > left_) left_ = 0;
    left_ -= octets > left_ ? left_ : octets;
    return left_ > 0;
  }

 private:
  std::uint64_t left_ = search_octets;
};

/// What made the body hash differ; nullopt: none of the usual changes alone.
std::optional<DkimChange> find_body_change(const Signature& signature, const Message& message,
                                           Budget& budget);

/// What made the signed header differ: one change, or two together; empty: none of the usual ones.
std::vector<DkimChange> find_header_changes(const Signature& signature, const KeyRecord& key,
                                            const Message& message, const SignedHeader& header,
                                            Budget& budget);

}  // namespace maildiag::checks::dkim
