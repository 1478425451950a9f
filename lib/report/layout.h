/// Lines of text for people: columns, wrapping with hanging indents, colours, nothing raw from
/// strangers.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include <maildiag/finding.h>

namespace maildiag::report {

/// A word or sentence of the user interface by its id, in the reader's language. What it returns
/// may be the id itself: it lives only as long as the id.
using Labels = std::function<std::string_view(std::string_view id)>;

enum class Style { plain, bold, dim, good, note, warn, bad, unknown };
Style style_of(Severity severity);

class Layout {
 public:
  Layout(std::size_t width, bool color) : width_(width), color_(color) {}

  /// Text at `indent` columns; further lines of a wrapped text hang `hang` columns deeper, and
  /// never stand at the margin.
  void line(std::size_t indent, std::string_view text, Style style = Style::plain,
            std::size_t hang = 0);
  /// "name   text", the text wrapped in its own column that starts `column` columns after the
  /// indent.
  void field(std::size_t indent, std::size_t column, std::string_view name, std::string_view text,
             Style style = Style::plain, Style name_style = Style::dim);
  /// A marker such as "1." or "[warning]" in front of a text that is wrapped beside it.
  void item(std::size_t indent, std::string_view marker, std::string_view text,
            Style marker_style = Style::plain);
  /// A row of a table: sanitised, not wrapped.
  void row(std::size_t indent, std::string_view text, Style style = Style::plain);
  /// An empty line, never two in a row nor at the beginning.
  void gap();

  std::string take() { return std::move(text_); }

 private:
  std::string styled(std::string_view text, Style style) const;
  void put(std::size_t indent, std::string_view text);

  std::size_t width_;
  bool color_;
  std::string text_;
};

/// Sanitised text filled up with spaces to `columns`.
std::string padded(std::string_view text, std::size_t columns);

}  // namespace maildiag::report
