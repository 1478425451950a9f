/// Markup, and text of strangers that stays text. What is written is well-formed as XML, too.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <maildiag/finding.h>

namespace maildiag::report {

/// For text and attributes alike; control characters become visible escapes.
std::string escaped(std::string_view text);

class HtmlWriter {
 public:
  /// Markup of our own. Arguments that are no numbers have to be escaped() first.
  template <class... Arguments>
  HtmlWriter& markup(fmt::format_string<Arguments...> pattern, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(page_), pattern, std::forward<Arguments>(arguments)...);
    return *this;
  }
  HtmlWriter& text(std::string_view text) {
    page_ += escaped(text);
    return *this;
  }
  std::string take() { return std::move(page_); }

 private:
  std::string page_;
};

/// "<svg class=...>": a sign by its shape, in the colour of the state; the words stand beside it.
std::string icon(std::string_view state);
inline std::string icon(Severity severity) {
  return icon(to_string(severity));
}

}  // namespace maildiag::report
