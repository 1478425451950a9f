#include <fmt/format.h>

#include <maildiag/render.h>

#include "core/clock.h"
#include "report/json_text.h"
#include "report/json_watch.h"

// Written straight into the text: explain writes 100,000 objects a second, and a tree of maps in
// between costs three times the rest.

namespace maildiag {

namespace {

using report::append_json;

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  /// The place of the member's value.
  std::string& member(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json(out_, key);
    out_ += ':';
    return out_;
  }
  void text(std::string_view key, std::string_view value) { append_json(member(key), value); }
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

template <class Items, class Append>
void append_array(std::string& out, const Items& items, Append append) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    append(item);
  }
  out += ']';
}

void append_finding(std::string& out, const Finding& finding) {
  ObjectWriter object(out);
  object.text("id", finding.id);
  object.text("severity", to_string(finding.severity));
  object.text("subject", finding.subject);
  object.text("title", finding.title);
  object.text("detail", finding.detail);
  append_array(object.member("remedy"), finding.remedy,
               [&out](const std::string& step) { append_json(out, std::string_view(step)); });
  object.text("reference", finding.reference);
  append_json(object.member("data"), finding.data.is_null() ? Value::object() : finding.data);
  append_array(object.member("evidence"), finding.evidence,
               [&out](const Evidence& item) { append_json(out, item.data); });
  object.end();
}

}  // namespace

std::string report::render_transitions(const Report& report) {
  std::string out;
  ObjectWriter object(out);
  object.text("schema", "maildiag.watch/1");
  object.text("host", report.target);
  object.text("time", to_rfc3339(report.started));
  object.text("status", to_string(report.status));
  append_array(object.member("transitions"), report.findings,
               [&out](const Finding& finding) { append_finding(out, finding); });
  object.end();
  return out;
}

std::string render_json(const Report& report) {
  std::string out;
  out.reserve(2048);
  ObjectWriter object(out);
  object.text("schema", report.schema);
  object.text("command", report.command);
  object.text("target", report.target);
  object.text("status", to_string(report.status));
  object.text("started", to_rfc3339(report.started));
  fmt::format_to(std::back_inserter(object.member("elapsed_ms")), "{}", report.elapsed_ms);
  append_json(object.member("result"), report.result);
  append_array(object.member("findings"), report.findings,
               [&out](const Finding& finding) { append_finding(out, finding); });
  object.end();
  return out;
}

}  // namespace maildiag
