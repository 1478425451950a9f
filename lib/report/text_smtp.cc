#include <string>

#include <fmt/format.h>

#include "report/text.h"

namespace maildiag::report {

namespace {

std::string milliseconds(const Value& value) {
  return value.is_null() ? "" : fmt::format("{:.1f} ms", value.as_double());
}

/// "text (note)", without what is empty.
std::string noted(const std::string& text, const std::string& note) {
  if (text.empty() || note.empty()) return text;
  return fmt::format("{} ({})", text, note);
}

std::string banner(const Value& result) {
  const auto text = result["banner"].to_text();
  return noted(result["code"].is_null() ? text : result["code"].to_text() + " " + text,
               milliseconds(result["banner_ms"]));
}

std::string reverse(const TextContext& context, const Value& result) {
  if (result["fcrdns"].is_null()) return {};
  const auto names = result["ptr"].to_text();
  const std::string state(context.labels("fcrdns." + result["fcrdns"].to_text()));
  return names.empty() ? state : noted(names, state);
}

/// "+AUTH PLAIN LOGIN -STARTTLS": what the encrypted part changes.
std::string difference(const Value& result) {
  std::string text;
  const auto add = [&text](const char* sign, const Value& items) {
    for (const auto& item : items.as_array())
      text += (text.empty() ? "" : ", ") + (sign + item.to_text());
  };
  add("+", result["only_tls"]);
  add("-", result["only_clear"]);
  return text;
}

std::string tls(const Value& starttls) {
  if (starttls["version"].is_null()) return {};
  return noted(starttls["version"].to_text() + " " + starttls["cipher"].to_text(),
               milliseconds(starttls["handshake_ms"]));
}

/// "mail.example.com, *.example.com (2027-02-10T12:00:00Z, CN=Authority, ec 256)"
std::string certificate(const Value& facts) {
  if (facts.is_null()) return {};
  auto names = facts["names"].to_text();
  if (names.empty()) names = facts["subject"].to_text();
  return noted(names,
               fmt::format("{}, {}, {} {}", facts["not_after"].to_text(), facts["issuer"].to_text(),
                           facts["key"]["type"].to_text(), facts["key"]["bits"].to_text()));
}

void write_transcript(const TextContext& context, const Value& transcript) {
  for (const auto& line : transcript.as_array()) {
    const bool ours = line["from"].as_string() == "client";
    context.out.line(4,
                     fmt::format("{:>8.1f} {} {}", line["ms"].as_double(), ours ? "->" : "<-",
                                 line["text"].as_string()),
                     Style::dim, 12);
  }
}

}  // namespace

void write_smtp(const TextContext& context) {
  const Value& result = context.report.result;
  if (result.is_null()) return;  // a name without a server
  write_fields(context, {{"smtp.connected", milliseconds(result["connect_ms"])},
                         {"smtp.source", result["source"].to_text()},
                         {"smtp.banner", banner(result)},
                         {"check.ptr", reverse(context, result)},
                         {"smtp.extensions", result["extensions"].to_text()},
                         {"smtp.in-tls", difference(result)},
                         {"smtp.tls", tls(result["starttls"])},
                         {"smtp.certificate", certificate(result["starttls"]["certificate"])}});
  if (context.options.verbose) write_transcript(context, result["transcript"]);
}

}  // namespace maildiag::report
