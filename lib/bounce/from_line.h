/// The lines between the mails of an mbox.
#pragma once

#include <string_view>

namespace maildiag::bounce {

/// How sure a line is to begin a mail.
enum class FromLine {
  none,
  named,  ///< as `loose`, and the sender is some words: "From Alice Smith Sat, 21 Nov 2026 ..."
  loose,  ///< a date as some program writes it; a text may quote such a line
  exact,  ///< as RFC 4155 appendix A has it; behind an empty line it begins one, whatever follows
};
FromLine from_line(std::string_view line);

/// True if what follows the line is quoted: "Your message:", "------ This is a copy ------".
bool introduces_quote(std::string_view line);

/// True if a mail's header may begin with that line: any name of RFC 5322 counts behind an exact
/// From_ line, the usual letters behind a loose one.
bool begins_header(std::string_view line, FromLine behind);

}  // namespace maildiag::bounce
