#include <string>

#include <fmt/format.h>

#include "report/text.h"

namespace maildiag::report {

namespace {

/// "NOC <noc@example.net>, +82 2 000 0000"
std::string contact_text(const Value& contact) {
  std::string text = contact["name"].to_text();
  const auto email = contact["email"].to_text(), phone = contact["phone"].to_text();
  if (!email.empty()) text += text.empty() ? email : fmt::format(" <{}>", email);
  if (!phone.empty()) text += text.empty() ? phone : ", " + phone;
  return text;
}

std::string day_text(const Value& time) {
  constexpr std::size_t date = 10;  // 2026-11-22
  return time.to_text().substr(0, date);
}

/// "APNIC, rdap.apnic.net (RDAP), 2026-11-22T09:30:00Z"
std::string source_text(const Value& result) {
  if (result["source"].to_text().empty()) return {};
  std::string text = result["registry"].to_text();
  text += fmt::format("{}{} ({}), {}", text.empty() ? "" : ", ", result["server"].to_text(),
                      result["source"].to_text(), result["asked"].to_text());
  return text;
}

std::string range_text(const Value& registration) {
  const auto range = registration["range"].to_text();
  const auto networks = registration["networks"].to_text();
  if (networks.empty() || range == networks) return range;
  if (range.empty()) return networks;
  return fmt::format("{} ({})", range, networks);
}

}  // namespace

void write_whois(const TextContext& context) {
  const Value& result = context.report.result;
  const Value& found = result["registration"];
  const Value& reverse = result["reverse"];
  std::string signed_text;
  if (found["signed"].is_bool())
    signed_text = context.labels(found["signed"].as_bool() ? "yes" : "no");
  write_fields(context, {{"whois.name", found["name"].to_text()},
                         {"whois.range", range_text(found)},
                         {"whois.type", found["type"].to_text()},
                         {"whois.holder", found["holder"].to_text()},
                         {"whois.provider", found["provider"].to_text()},
                         {"whois.country", found["country"].to_text()},
                         {"whois.registrar", found["registrar"].to_text()},
                         {"whois.registered", day_text(found["registered"])},
                         {"whois.changed", day_text(found["changed"])},
                         {"whois.expires", day_text(found["expires"])},
                         {"whois.name-servers", found["name_servers"].to_text()},
                         {"whois.status", found["status"].to_text()},
                         {"whois.signed", signed_text},
                         {"whois.abuse", contact_text(found["abuse"])},
                         {"whois.technical", contact_text(found["technical"])},
                         {"whois.reverse-zone", reverse["zone"].to_text()},
                         {"whois.reverse-servers", reverse["name_servers"].to_text()},
                         {"whois.reverse-mailbox", reverse["mailbox"].to_text()},
                         {"whois.ask", contact_text(result["ask"])},
                         {"whois.source", source_text(result)}});
}

}  // namespace maildiag::report
