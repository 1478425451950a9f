#include <string>

#include <fmt/format.h>

#include "report/table.h"
#include "report/text.h"

namespace maildiag::report {

namespace {

/// "enforce, max_age 604800: mx1.example.com, *.example.net"
std::string sts_text(const Value& sts) {
  const Value& policy = sts["policy"];
  if (policy.is_null()) return sts["record"].to_text();
  auto text = fmt::format("{}, max_age {}", policy["mode"].to_text(), policy["max_age"].to_text());
  const auto hosts = policy["mx"].to_text();
  return hosts.empty() ? text : text + ": " + hosts;
}

/// "3 1 1 01234567..., 3 1 1 89abcdef...": each as long as it takes to know it.
std::string records_text(const Value& host) {
  constexpr std::size_t shown = 14;
  std::string text;
  for (const auto& each : host["tlsa"].as_array()) {
    const auto record = each["record"].to_text();
    text += (text.empty() ? "" : ", ") + record.substr(0, shown);
    if (record.size() > shown) text += "...";
  }
  return text;
}

/// "yes", "no", or nothing where it was not compared.
std::string dane_text(const TextContext& context, const Value& server) {
  for (const auto& host : context.report.result["dane"]["hosts"].as_array()) {
    if (host["host"] != server["host"]) continue;
    for (const auto& each : host["servers"].as_array()) {
      const auto& matches = each["matches"].as_array();
      if (each["address"] != server["address"] || matches.empty()) continue;
      bool any = false;
      for (const auto& match : matches) any = any || match.as_bool();
      return context.label(any ? "yes" : "no");
    }
  }
  return {};
}

void write_servers(const TextContext& context) {
  Table table({context.label("check.host"), context.label("check.address"), "TLS",
               context.label("check.days-left"), context.label("check.trusted"), "DANE", ""});
  for (const auto& server : context.report.result["servers"].as_array()) {
    const bool secured = server["state"].to_text() == "secured";
    const bool good = server["verified"].as_bool() && server["name_matches"].as_bool();
    table.add({server["host"].to_text(), server["address"].to_text(),
               secured ? server["version"].to_text() : server["state"].to_text(),
               server["certificate"]["days_left"].to_text(),
               secured ? context.label(good ? "yes" : "no") : "", dane_text(context, server), ""});
  }
  table.write(context.out);
}

}  // namespace

void write_tls(const TextContext& context) {
  const Value& result = context.report.result;
  std::string records;
  for (const auto& host : result["dane"]["hosts"].as_array()) {
    const auto text = records_text(host);
    if (text.empty()) continue;
    records += fmt::format("{}{} ({}): {}", records.empty() ? "" : "; ", host["host"].to_text(),
                           host["tlsa_dnssec"].to_text(), text);
  }
  write_fields(context, {{"check.mta-sts", sts_text(result["mta_sts"])},
                         {"check.tls-rpt", result["tls_rpt"]["rua"].to_text()},
                         {"check.dane", records}});
  write_servers(context);
}

}  // namespace maildiag::report
