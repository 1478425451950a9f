/// maildiag-findings(7) and maildiag-causes(7) out of their templates in man/.
#pragma once

#include <string>
#include <string_view>

#include <maildiag/language.h>

#include "core/result.h"
#include "rulebook/loader/tables.h"

namespace maildiag::rulebook {

/// Replaces each line `.\" @findings AREA@` by the findings of that area and each line
/// `.\" @causes SIDE@` by the causes of that side, as items of a list. configuration: an area or
/// side of which there is nothing, or one that the template of such a page leaves out or repeats.
Result<std::string> fill_page(std::string_view page, const Tables& tables, Language language);

}  // namespace maildiag::rulebook
