/// Words of a reply that ask to try again later.
#pragma once

#include <string_view>

namespace maildiag::diagnose {

/// True if the words themselves, in English or Korean, ask to try again later or say that the
/// trouble is temporary: web mail and relays often pass them on without the code. "Do not try
/// again later", "not a temporary error" and whatever is called permanent or given up are no such
/// words.
bool says_later(std::string_view text);

}  // namespace maildiag::diagnose
