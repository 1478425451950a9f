#include <string>

#include <doctest/doctest.h>

#include <maildiag/report.h>

#include "report/html.h"
#include "report/text.h"

using namespace maildiag;

namespace {

std::string_view label(std::string_view id) {
  return id;
}

Value bucket(int runs, int bad, int answered) {
  return Value::object({{"time", "2026-11-22T00:00:00Z"},
                        {"runs", runs},
                        {"bad", bad},
                        {"answered", answered},
                        {"asked", 4}});
}

Report history(const std::string& words) {
  Report report;
  report.command = "watch history";
  report.target = words;
  Value line = Value::array(), events = Value::array(), current = Value::array();
  line.push(bucket(1, 0, 4)).push(bucket(0, 0, 0)).push(bucket(1, 0, 0)).push(bucket(1, 1, 4));
  line.push(bucket(1, 8, 4));
  events.push(Value::object({{"time", "2026-11-22T00:00:00Z"},
                             {"title", words},
                             {"to", Value::object({{"severity", words}})}}));
  current.push(Value::object({{"since", words},
                              {"target", words},
                              {"check", "dnsbl"},
                              {"subject", words},
                              {"severity", words},
                              {"value", words}}));
  report.result =
      Value::object({{"line", line}, {"events", events}, {"current", current}, {"targets", {}}});
  return report;
}

}  // namespace

TEST_CASE("the time line tells good, silent, absent and bad times apart") {
  const auto text = report::render_text(history("x"), {}, label);
  CHECK(text.find("  · ?▂█\n") != std::string::npos);
}

TEST_CASE("a history of nothing is drawn, too") {
  Report report;
  report.command = "watch history";
  CHECK(!report::render_text(report, {}, label).empty());
  CHECK(report::render_html(report, Language::ko, label).find("lang=\"ko\"") != std::string::npos);
}

TEST_CASE("words of strangers stay text in the page") {
  const auto page =
      report::render_html(history("\"'><script src=//evil.example></script>\x1b[31m\xe2\x80\xae&"),
                          Language::en, label);
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("'><") == std::string::npos);
  CHECK(page.find('\x1b') == std::string::npos);
  CHECK(page.find("&lt;script src=//evil.example&gt;") != std::string::npos);
  CHECK(page.find("\xe2\x80\xae") == std::string::npos);
}
