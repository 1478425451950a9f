/// A finding's texts out of the catalogue, with its own data in them.
#pragma once

#include <maildiag/finding.h>
#include <maildiag/language.h>

#include "rulebook/rulebook.h"

namespace maildiag::session {

/// Sets title, detail, remedy and reference. Placeholders are members of the finding's data and
/// {subject}; {en, ko} members are read in `language`. Where a member is empty (a list without a
/// removal page, a code without a meaning), a step of the remedy that needs it is left out, and a
/// title does not end in the punctuation that stood before it.
void fill_texts(Finding& finding, const rulebook::FindingText& text, Language language);

}  // namespace maildiag::session
