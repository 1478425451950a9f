#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "report/html.h"

namespace maildiag::report {

namespace {

constexpr std::string_view history_style =
    "body{font:14px/1.5 sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#222;"
    "background:#fff}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3em "
    ".6em;border-bottom:1px solid #ddd;vertical-align:top}svg{width:100%;height:120px;background:"
    "#f4f4f4}.bad{fill:#c33}.good{fill:#7a7}.none{fill:#ccc}.critical{color:#b00}.warning{color:"
    "#960}.unknown{color:#808}time{white-space:nowrap}";

std::string cell(const Value& value) {
  return escaped(value.to_text());
}

/// One bar for each stretch of time, with its figures as a tooltip.
std::string chart(const Value::Array& line) {
  constexpr std::int64_t height = 100, width = 10;
  constexpr std::size_t least = 40;  // of a few runs no bar fills the page
  std::int64_t most = 1;
  for (const auto& bucket : line) most = std::max(most, bucket["bad"].as_integer());
  std::string svg =
      fmt::format("<svg viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\">",
                  static_cast<std::int64_t>(std::max(line.size(), least)) * width, height);
  std::int64_t x = 0;
  for (const auto& bucket : line) {
    const auto bad = bucket["bad"].as_integer();
    const bool silent = bucket["answered"].as_integer() == 0;
    const auto bar = bad > 0 ? std::max<std::int64_t>(8, height * bad / most) : 4;
    fmt::format_to(std::back_inserter(svg),
                   "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}: {} "
                   "({}/{})</title></rect>",
                   bad > 0  ? "bad"
                   : silent ? "none"
                            : "good",
                   x, height - bar, width - 1, bar, cell(bucket["time"]), bad,
                   cell(bucket["answered"]), cell(bucket["asked"]));
    x += width;
  }
  return svg + "</svg>";
}

std::string items_table(std::string_view title, const Value& items, const char* time) {
  if (items.as_array().empty()) return {};
  auto table = fmt::format("<h2>{}</h2>\n<table>\n", escaped(title));
  for (const auto& item : items.as_array()) {
    fmt::format_to(std::back_inserter(table),
                   "<tr><td><time>{}</time></td><td>{}</td><td>{} {}</td><td "
                   "class=\"{}\">{}</td></tr>\n",
                   cell(item[time]), cell(item["target"]), cell(item["check"]),
                   cell(item["subject"]), cell(item["severity"]), cell(item["value"]));
  }
  return table + "</table>\n";
}

}  // namespace

std::string render_history(const Report& report, Language language, const Labels& labels) {
  const Value& result = report.result;
  const auto title = fmt::format("{} {}", labels("history.title"), report.target);
  HtmlWriter out;
  write_page_head(out, language, title, history_style);
  std::string page = out.take() + fmt::format("<body>\n<h1>{}</h1>\n", escaped(title));
  const auto& line = result["line"].as_array();
  if (!line.empty())
    page += fmt::format("{}\n<p><time>{}</time> - <time>{}</time></p>\n", chart(line),
                        cell(line.front()["time"]), cell(line.back()["time"]));
  page += items_table(labels("history.current"), result["current"], "since");
  page += items_table(labels("history.unwatched"), result["unwatched"], "unwatched_since");
  page += fmt::format("<h2>{}</h2>\n<table>\n", escaped(labels("history.events")));
  const auto& events = result["events"].as_array();
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    fmt::format_to(
        std::back_inserter(page), "<tr><td><time>{}</time></td><td class=\"{}\">{}</td></tr>\n",
        cell((*event)["time"]), cell((*event)["to"]["severity"]), cell((*event)["title"]));
  }
  return page + "</table>\n</body></html>";
}

}  // namespace maildiag::report
