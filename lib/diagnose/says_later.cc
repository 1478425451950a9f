#include "diagnose/says_later.h"

#include "bounce/given_up.h"
#include "bounce/still_tried.h"
#include "diagnose/later_english.h"
#include "diagnose/later_korean.h"

namespace maildiag::diagnose {

bool says_later(std::string_view text) {
  bool asks = false, goes_on = false, given_up = false;
  for (const auto& words : text::clauses_of(text)) {
    const auto korean = text::compact(words);
    if (is_final(words) || is_final_in_korean(words)) return false;
    asks = asks || asks_to_retry(words) || asks_in_korean(korean);
    goes_on = goes_on || calls_temporary(words) || calls_temporary_in_korean(words) ||
              bounce::is_still_tried(words, korean);
    given_up = given_up || bounce::gives_up(words, korean);
  }
  // Trouble that was called temporary, or tried again, until it was given up has not passed. Who
  // asks the sender to send his message again means that it may have by then.
  return asks || (goes_on && !given_up);
}

}  // namespace maildiag::diagnose
