#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <maildiag/render.h>

#include "core/json_parse.h"
#include "report/json_text.h"
#include "report/json_watch.h"

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

TEST_CASE("values are written as nlohmann's serialiser writes them") {
  using Json = nlohmann::ordered_json;
  const std::vector<std::pair<Value, Json>> cases{
      {Value(), nullptr},
      {Value(true), true},
      {Value(std::int64_t{-7}), -7},
      {Value(0.25), 0.25},
      {Value(3.0), 3.0},
      {Value(1e300), 1e300},
      {Value("a\"b\\c/\b\f\n\r\t\x01\x7f"), "a\"b\\c/\b\f\n\r\t\x01\x7f"},
      {Value("한글 \U0001F600 \u202e"), "한글 \U0001F600 \u202e"},
      {Value::array(), Json::array()},
      {Value::object(), Json::object()},
      {Value::object({{"k", Value::strings({"a", ""})}, {"n", Value()}}),
       Json{{"k", {"a", ""}}, {"n", nullptr}}},
  };
  for (const auto& [value, json] : cases) {
    std::string text;
    report::append_json(text, value);
    CHECK(text == json.dump(-1, ' ', true));
  }
}

TEST_CASE("what JSON cannot say is replaced") {
  std::string text;
  report::append_json(text, std::string_view("a\xff\xed\xa0\x80z"));
  CHECK(nlohmann::json::parse(text).get<std::string>().starts_with("a\xEF\xBF\xBD"));
  CHECK(text.ends_with("z\""));
  text.clear();
  report::append_json(text, Value(std::nan("")));
  CHECK(text == "null");
}

TEST_CASE("what was written is read again") {
  const auto value = Value::object({{"k", Value::strings({"a\"\n", "한글"})},
                                    {"n", Value()},
                                    {"i", std::int64_t{-9}},
                                    {"d", 0.5},
                                    {"b", false},
                                    {"o", Value::object()}});
  std::string text;
  report::append_json(text, value);
  const auto read = parse_json(text);
  REQUIRE(read);
  CHECK(*read == value);
  CHECK_FALSE(parse_json(""));
  CHECK_FALSE(parse_json("{\"a\":1"));
  CHECK_FALSE(parse_json(std::string(100'000, '[')));
  CHECK_FALSE(parse_json(std::string(50, '[') + std::string(50, ']')));
  std::string many = "[0";
  for (std::size_t count = 2; count < max_json_values; ++count) many += ",0";
  CHECK(parse_json(many + "]"));
  CHECK_FALSE(parse_json(many + ",0]"));
  CHECK(parse_json(std::string(32, '[') + std::string(32, ']')));
  CHECK((*parse_json(R"({"a":1,"a":2})"))["a"].as_integer() == 1);
  CHECK((*parse_json(R"({"a":18446744073709551615,"b":1e300})"))["a"].as_integer() == 0);
  CHECK((*parse_json(R"({"a":1e300})"))["a"].as_integer() == 0);
}

TEST_CASE("what a webhook gets is one ASCII object with a schema of its own") {
  Report report;
  report.target = "mx1";
  report.status = Severity::critical;
  Finding finding;
  finding.id = "watch.newly-listed";
  finding.title = "\x1b[31m\n";
  report.findings.push_back(finding);
  const auto text = report::render_transitions(report);
  for (const char c : text) CHECK((c >= ' ' && c < 0x7f));
  const auto json = nlohmann::json::parse(text);
  CHECK(json["schema"] == "maildiag.watch/1");
  CHECK(json["host"] == "mx1");
  CHECK(json["time"] == "1970-01-01T00:00:00Z");
  CHECK(json["status"] == "critical");
  CHECK(json["transitions"][0]["id"] == "watch.newly-listed");
  CHECK(json["transitions"][0]["title"] == "\x1b[31m\n");
}

TEST_CASE("what is written stands behind what was there, however much it is") {
  for (const std::size_t size : {0U, 1U, 7U, 100U, 1023U, 1024U, 5000U, 70'000U}) {
    const std::string large(size, 'x');
    std::string text = "before ";
    report::append_json(text, Value::strings({large, "\n", large}));
    CHECK(text == "before [\"" + large + "\",\"\\n\",\"" + large + "\"]");
  }
}

TEST_CASE("every octet is escaped alike wherever in a text it stands") {
  const auto json = [](std::string_view given) {
    std::string text;
    report::append_json(text, given);
    return text;
  };
  for (int octet = 0; octet < 256; ++octet) {
    const std::string one(1, static_cast<char>(octet));
    const auto escaped = json(one).substr(1, json(one).size() - 2);
    for (std::size_t before = 0; before < 18; ++before) {
      const std::string front(before, ' '), back(17 - before, '~');
      CHECK(json(front + one + back) == '"' + front + escaped + back + '"');
      CHECK(json(front + one + one + back) == '"' + front + escaped + escaped + back + '"');
      // Short texts are looked at in other pieces.
      for (std::size_t behind = 0; before + behind < 9; ++behind) {
        const auto end = back.substr(0, behind);
        CHECK(json(front + one + end) == '"' + front + escaped + end + '"');
      }
    }
  }
}
