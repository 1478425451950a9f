#include <memory>
#include <stdexcept>

#include <maildiag/render.h>

#include "core/text.h"
#include "report/html.h"
#include "report/text.h"
#include "rulebook/rulebook.h"

namespace maildiag {

namespace {

/// The words of the user interface are compiled in; a user's rules do not change them.
const rulebook::Rulebook& built_in() {
  static const std::shared_ptr<const rulebook::Rulebook> book = [] {
    auto loaded = rulebook::Rulebook::load({});
    if (!loaded)
      throw std::logic_error("the compiled-in rules are broken: " + loaded.error().message);
    return *loaded;
  }();
  return *book;
}

}  // namespace

std::string render_text(const Report& report, const TextOptions& options) {
  const auto& book = built_in();
  return report::render_text(report, options, [&book, &options](std::string_view id) {
    return book.label(id, options.language);
  });
}

std::string render_html(const Report& report, Language language) {
  const auto& book = built_in();
  return report::render_html(report, language, [&book, language](std::string_view id) {
    return book.label(id, language);
  });
}

std::string printable(const std::string& text) {
  return text::sanitize(text);
}

}  // namespace maildiag
