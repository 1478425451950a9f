#include <memory>
#include <stdexcept>
#include <utility>

#include <maildiag/interface.h>
#include <maildiag/render.h>

#include "core/text.h"
#include "report/html.h"
#include "report/layout.h"
#include "report/list_grid.h"
#include "report/text.h"
#include "rulebook/rulebook.h"
#include "session/built_in.h"

namespace maildiag {

const rulebook::Rulebook& session::built_in_rulebook() {
  static const std::shared_ptr<const rulebook::Rulebook> book = [] {
    auto loaded = rulebook::Rulebook::load({});
    if (!loaded)
      throw std::logic_error("the compiled-in rules are broken: " + loaded.error().message);
    return *loaded;
  }();
  return *book;
}

namespace {

/// The words of the user interface are compiled in; a user's rules do not change them.
report::Labels labels_in(Language language) {
  return [&book = session::built_in_rulebook(), language](std::string_view id) {
    return book.label(id, language);
  };
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
  const auto& book = session::built_in_rulebook();
  return report::render_html(report, language, [&book, language](std::string_view id) {
    return book.label(id, language);
  });
}

std::string printable(const std::string& text) {
  return text::sanitize(text);
}

std::string interface_text(std::string_view id, Language language,
                           const std::map<std::string, std::string>& words) {
  const auto text = session::built_in_rulebook().label(id, language);
  std::string filled;
  // One pass: what a word brings is not looked at again.
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find('{', at);
    const auto close = open == text.npos ? open : text.find('}', open);
    const auto word = close == text.npos
                          ? words.end()
                          : words.find(std::string(text.substr(open + 1, close - open - 1)));
    if (word == words.end()) {
      const auto end = open == text.npos ? text.size() : open + 1;
      filled += text.substr(at, end - at);
      at = end;
      continue;
    }
    filled += text.substr(at, open - at);
    filled += word->second;
    at = close + 1;
  }
  return filled;
}

std::string interface_entry(const std::string& name, const std::string& text, std::size_t column,
                            std::size_t width) {
  constexpr std::size_t indent = 2;
  report::Layout layout(width, false);
  layout.field(indent, column, name, text);
  return layout.take();
}

}  // namespace maildiag
