#include <nlohmann/json.hpp>

#include <maildiag/render.h>

#include "core/clock.h"
#include "core/text.h"

namespace maildiag {

namespace {

using Json = nlohmann::ordered_json;

/// Text stays as it is: the serialiser escapes it.
Json to_json(const Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_integer()) return value.as_integer();
  if (value.is_double()) return value.as_double();
  if (value.is_string()) return value.as_string();
  if (value.is_array()) {
    Json array = Json::array();
    for (const auto& item : value.as_array()) array.push_back(to_json(item));
    return array;
  }
  if (value.is_object()) {
    Json object = Json::object();
    for (const auto& member : value.as_object()) object[member.key] = to_json(member.value);
    return object;
  }
  return nullptr;
}

Json to_json(const Finding& finding) {
  Json evidence = Json::array();
  for (const auto& item : finding.evidence) evidence.push_back(to_json(item.data));
  return Json{{"id", finding.id},
              {"severity", to_string(finding.severity)},
              {"subject", finding.subject},
              {"title", finding.title},
              {"detail", finding.detail},
              {"remedy", finding.remedy},
              {"reference", finding.reference},
              {"data", finding.data.is_null() ? Json::object() : to_json(finding.data)},
              {"evidence", evidence}};
}

}  // namespace

std::string render_json(const Report& report) {
  Json findings = Json::array();
  for (const auto& finding : report.findings) findings.push_back(to_json(finding));
  const Json object{{"schema", report.schema},
                    {"command", report.command},
                    {"target", report.target},
                    {"status", to_string(report.status)},
                    {"started", to_rfc3339(report.started)},
                    {"elapsed_ms", report.elapsed_ms},
                    {"result", to_json(report.result)},
                    {"findings", findings}};
  // ASCII output: nothing in it can move a cursor or reverse a line, whoever prints it.
  return object.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace maildiag
