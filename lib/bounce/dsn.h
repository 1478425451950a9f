/// message/delivery-status (RFC 3464) and its UTF-8 form (RFC 6533).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/delivery_failure.h"

namespace maildiag::bounce {

/// What stands among the fields about the mail, or in a paragraph that may be two recipients'.
struct StatusGuess {
  DeliveryFailure failure;
  std::size_t place = 0;  ///< how many recipients are in front of it
  bool his = false;       ///< perhaps about the one in front of it
  bool behind = false;    ///< it is told, too, where it is not his
};

struct DeliveryStatus {
  std::string sender;  ///< X-Postfix-Sender
  std::optional<WallTime> arrival;
  std::vector<DeliveryFailure> recipients;  ///< also those who got it: see their action
  std::vector<StatusGuess> guesses;         ///< in their order
  bool full = false;                        ///< there are more guesses

  /// What another part of the same mail tells.
  void add(DeliveryStatus other);
};

/// Reads what it finds: empty lines in odd places, unfolded continuation lines and missing fields
/// are met in the wild.
DeliveryStatus read_delivery_status(std::string_view text);

/// True if a text is one all the same, though its part says something else.
bool looks_like_delivery_status(std::string_view text);

/// Fills a failure with what a diagnostic text says; what is known already stays.
void apply_diagnostic(std::string_view text, DeliveryFailure& failure);

}  // namespace maildiag::bounce
