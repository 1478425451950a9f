#include "report/html_writer.h"

#include "core/text.h"

namespace maildiag::report {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text::sanitize(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string icon(std::string_view state) {
  return fmt::format(
      "<svg class=\"icon s-{0}\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><use "
      "href=\"#i-{0}\"/></svg>",
      escaped(state));
}

}  // namespace maildiag::report
