/// What the words of a notice to a person say about his message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace maildiag::bounce {

enum class Told {
  nothing,
  undelivered,  ///< "could not be delivered": for good, where nothing says else
  returned,     ///< that it was given up: a clause for which gives_up() holds
  delayed,      ///< that it is still tried
  rest_delayed  ///< that it is, while a reply refuses for good: for the others
};

/// What the replies of a notice refuse for good.
enum class Refused {
  none,
  untold,    ///< not said: at least one has neither a code nor a status
  in_words,  ///< it has neither, but "no such user" says enough
  some,
  each,  ///< every recipient, by one of his hosts; another host's reply is not for good
  all
};

/// Without the blanks, in front of which Korean may or may not have one: "발송 실패", "발송실패".
std::string without_blanks(std::string_view text);

/// True if the subject, in lower case, is one that a mail system writes.
bool names_notice(std::string_view subject);

struct Telling {
  Told told = Told::nothing;
  std::vector<std::string> named;  ///< delayed, rest_delayed: these, in lower case; empty: all
};

/// What the notice's own subject and text say, both in lower case; of the subject what the mail
/// system wrote (own_subject()). Tries that may be those of other mails delay this one only where
/// its reply says that it may be tried again.
Telling told_by(std::string_view subject, std::string_view text, Refused refused);

/// Up to where the user's own subject begins: "undeliverable" of "undeliverable: flight delayed".
std::string own_subject(std::string_view subject);

}  // namespace maildiag::bounce
