/// The words of an HTML part, for bounces that come as HTML only.
#pragma once

#include <string>
#include <string_view>

namespace maildiag::bounce {

/// Without tags, styles and scripts; blocks and breaks become line ends; common entities become
/// characters.
std::string html_to_text(std::string_view utf8);

}  // namespace maildiag::bounce
