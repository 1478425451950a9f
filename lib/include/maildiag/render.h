/// Reports as text for people and as JSON Lines for programs.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <maildiag/export.h>
#include <maildiag/language.h>
#include <maildiag/report.h>

namespace maildiag {

struct TextOptions {
  Language language = Language::en;
  bool color = false;
  std::size_t width = 80;  ///< columns; lines are wrapped to it
  bool verbose = false;    ///< evidence of every finding
  bool quiet = false;      ///< of a domain only what is not in order
};

/// Control characters of strangers are escaped in both forms. Thread-safe; no side effects.
MAILDIAG_EXPORT std::string render_text(const Report& report, const TextOptions& options);
/// One compact object, without a line end.
MAILDIAG_EXPORT std::string render_json(const Report& report);

/// A report of `report`, `mxcheck` or `watch history` as a page that needs nothing else: no script,
/// no network.
MAILDIAG_EXPORT std::string render_html(const Report& report, Language language);

/// Many reports of rblcheck as one text: a row for each target, a column for each list.
class MAILDIAG_EXPORT SweepText {
 public:
  /// `zones`: the columns. `hide_clean`: targets that are on no list get no row.
  SweepText(std::vector<std::string> zones, const TextOptions& options, bool hide_clean);
  SweepText(SweepText&&) noexcept;
  SweepText& operator=(SweepText&&) noexcept;
  ~SweepText();

  std::string head() const;
  std::string row(const Report& report);
  std::string tail() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Text of strangers for one line of a terminal: control, bidi and zero-width characters become
/// visible escapes.
MAILDIAG_EXPORT std::string printable(const std::string& text);

}  // namespace maildiag
