#include "report/html.h"

#include "report/html_style.h"

namespace maildiag::report {

std::string render_html(const Report& report, Language language, const Labels& labels) {
  return report.command == "watch history" ? render_history(report, language, labels)
                                           : render_domain(report, language, labels);
}

void write_page_head(HtmlWriter& out, Language language, std::string_view title,
                     std::string_view style) {
  // Nothing is loaded from anywhere, whatever a stranger's text would want.
  out.markup(
      "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"/>"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'\"/><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"/><meta name=\"referrer\" "
      "content=\"no-referrer\"/><title>{}</title><style>{}</style></head>\n",
      to_string(language), escaped(title), style);
}

void write_fact(const HtmlContext& context, std::string_view label, std::string_view text,
                bool code) {
  if (text.empty()) return;
  context.out.markup("<dt>{}</dt><dd>{}{}{}</dd>\n", word(context, label), code ? "<code>" : "",
                     escaped(text), code ? "</code>" : "");
}

}  // namespace maildiag::report
