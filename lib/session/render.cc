#include <memory>
#include <stdexcept>
#include <utility>

#include <maildiag/render.h>

#include "core/text.h"
#include "report/html.h"
#include "report/list_grid.h"
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

report::Labels labels_in(Language language) {
  return [&book = built_in(), language](std::string_view id) { return book.label(id, language); };
}

}  // namespace

std::string render_text(const Report& report, const TextOptions& options) {
  return report::render_text(report, options, labels_in(options.language));
}

class SweepText::Impl {
 public:
  Impl(std::vector<std::string> zones, const TextOptions& options, bool hide_clean)
      : grid(std::move(zones), options, hide_clean), labels(labels_in(options.language)) {}

  report::ListGrid grid;
  report::Labels labels;
};

SweepText::SweepText(std::vector<std::string> zones, const TextOptions& options, bool hide_clean)
    : impl_(std::make_unique<Impl>(std::move(zones), options, hide_clean)) {}
SweepText::SweepText(SweepText&&) noexcept = default;
SweepText& SweepText::operator=(SweepText&&) noexcept = default;
SweepText::~SweepText() = default;

std::string SweepText::head() const {
  return impl_->grid.head(impl_->labels);
}
std::string SweepText::row(const Report& report) {
  return impl_->grid.row(report, impl_->labels);
}
std::string SweepText::tail() const {
  return impl_->grid.tail(impl_->labels);
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
