#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <maildiag/render.h>

using namespace maildiag;

TEST_CASE("a report is one compact ASCII object with the contract's members") {
  Report report;
  report.command = "ptrcheck";
  report.target = "203.0.113.7";
  report.status = Severity::unknown;
  report.elapsed_ms = 5;
  report.result.set("fcrdns", "temperror");
  Finding finding;
  finding.id = "ptr.unknown";
  finding.severity = Severity::unknown;
  finding.title = "한글 \x1b[31m \xff";
  finding.evidence.push_back({Value::object({{"kind", "dns"}})});
  report.findings.push_back(finding);
  const auto text = render_json(report);
  CHECK(text.find('\n') == std::string::npos);
  for (const char c : text) CHECK(static_cast<unsigned char>(c) < 0x7f);
  const auto json = nlohmann::json::parse(text);
  CHECK(json["schema"] == "maildiag.report/1");
  CHECK(json["status"] == "unknown");
  CHECK(json["started"] == "1970-01-01T00:00:00Z");
  CHECK(json["result"]["fcrdns"] == "temperror");
  CHECK(json["findings"][0]["title"] == "한글 \x1b[31m \xEF\xBF\xBD");
  CHECK(json["findings"][0]["evidence"][0]["kind"] == "dns");
  CHECK(json["findings"][0]["data"].is_object());
}
