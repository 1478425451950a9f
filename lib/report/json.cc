#include <maildiag/render.h>

#include "core/clock.h"
#include "report/json_text.h"
#include "report/json_watch.h"

// Written straight into the text: explain writes 100,000 objects a second, and a tree of maps in
// between costs three times the rest.

namespace maildiag {

namespace {

using report::JsonWriter;

class ObjectWriter {
 public:
  explicit ObjectWriter(JsonWriter& out) : out_(out) { out_.raw('{'); }
  /// What writes the member's value.
  JsonWriter& member(std::string_view key) {
    if (!first_) out_.raw(',');
    first_ = false;
    out_.text(key);
    out_.raw(':');
    return out_;
  }
  void text(std::string_view key, std::string_view value) { member(key).text(value); }
  void end() { out_.raw('}'); }

 private:
  JsonWriter& out_;
  bool first_ = true;
};

template <class Items, class Append>
void append_array(JsonWriter& out, const Items& items, Append append) {
  out.raw('[');
  bool first = true;
  for (const auto& item : items) {
    if (!first) out.raw(',');
    first = false;
    append(item);
  }
  out.raw(']');
}

void append_finding(JsonWriter& out, const Finding& finding) {
  ObjectWriter object(out);
  object.text("id", finding.id);
  object.text("severity", to_string(finding.severity));
  object.text("subject", finding.subject);
  object.text("title", finding.title);
  object.text("detail", finding.detail);
  append_array(object.member("remedy"), finding.remedy,
               [&out](const std::string& step) { out.text(step); });
  object.text("reference", finding.reference);
  auto& data = object.member("data");
  if (finding.data.is_null()) {
    data.raw("{}");
  } else {
    data.value(finding.data);
  }
  append_array(object.member("evidence"), finding.evidence,
               [&out](const Evidence& item) { out.value(item.data); });
  object.end();
}

void append_transitions(JsonWriter& out, const Report& report) {
  ObjectWriter object(out);
  object.text("schema", "maildiag.watch/1");
  object.text("host", report.target);
  object.text("time", to_rfc3339(report.started));
  object.text("status", to_string(report.status));
  append_array(object.member("transitions"), report.findings,
               [&out](const Finding& finding) { append_finding(out, finding); });
  object.end();
}

void append_report(JsonWriter& out, const Report& report) {
  ObjectWriter object(out);
  object.text("schema", report.schema);
  object.text("command", report.command);
  object.text("target", report.target);
  object.text("status", to_string(report.status));
  object.text("started", to_rfc3339(report.started));
  object.member("elapsed_ms").integer(report.elapsed_ms);
  object.member("result").value(report.result);
  append_array(object.member("findings"), report.findings,
               [&out](const Finding& finding) { append_finding(out, finding); });
  object.end();
}

}  // namespace

std::string report::render_transitions(const Report& report) {
  std::string out;
  {
    JsonWriter writer(out);
    append_transitions(writer, report);
  }
  return out;
}

std::string render_json(const Report& report) {
  constexpr std::size_t usual_size = 8192;  // with the trace of an SPF check
  std::string out;
  out.reserve(usual_size);
  {
    JsonWriter writer(out);
    append_report(writer, report);
  }
  return out;
}

}  // namespace maildiag
