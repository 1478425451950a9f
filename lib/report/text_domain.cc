#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/text.h"
#include "report/domain_topics.h"
#include "report/table.h"
#include "report/text.h"

namespace maildiag::report {

namespace {

/// A receiver stops at so many lookups (RFC 7208 section 4.6.4).
constexpr int spf_lookup_limit = 10;
/// An IPv6 address that is longer pushes its names to the right.
constexpr std::size_t widest_address = 28;

std::string marker(const TextContext& context, Severity severity) {
  return fmt::format("[{}]", context.labels(fmt::format("severity.{}", to_string(severity))));
}

std::size_t address_column(const Value::Array& hosts) {
  std::size_t column = 0;
  for (const auto& mx : hosts) {
    for (const auto& address : mx["addresses"].as_array())
      column = std::max(column, address["ip"].as_string().size());
  }
  return std::min(column, widest_address) + 2;
}

/// "mx.example.com (match)"
std::string reverse_name(const TextContext& context, const Value& address) {
  const auto state_id = "fcrdns." + address["fcrdns"].to_text();
  const auto state = context.labels(state_id);
  const auto names = address["ptr"].to_text();
  return names.empty() ? fmt::format("({})", state) : fmt::format("{} ({})", names, state);
}

void write_exchangers(const TextContext& context) {
  const auto& hosts = context.report.result["mx"].as_array();
  std::size_t preference = 0;
  for (const auto& mx : hosts) preference = std::max(preference, mx["preference"].to_text().size());
  const auto column = address_column(hosts);
  for (const auto& mx : hosts) {
    context.out.row(
        2, fmt::format("{:>{}}  {}", mx["preference"].to_text(), preference, mx["host"].to_text()));
    for (const auto& address : mx["addresses"].as_array()) {
      context.out.field(4 + preference, column, address["ip"].to_text(),
                        reverse_name(context, address), Style::dim, Style::plain);
    }
  }
}

/// "220 mx.example.com ESMTP; TLSv1.3; certificate days left: 61"
std::string server_text(const TextContext& context, const Value& smtp) {
  auto text = smtp["banner"].to_text();
  if (!smtp["code"].is_null()) text = smtp["code"].to_text() + " " + text;
  if (text.empty()) return smtp["state"].to_text();
  const Value& tls = smtp["starttls"];
  if (!tls["version"].is_null()) {
    text += "; " + tls["version"].to_text();
  } else if (smtp["state"].as_string() == "ready") {
    text += fmt::format("; {}", context.labels("domain.no-tls"));
  }
  if (!tls["certificate"].is_null())
    text += fmt::format("; {}: {}", context.labels("domain.days-left"),
                        tls["certificate"]["days_left"].to_text());
  return text;
}

void write_domain_servers(const TextContext& context) {
  const auto& hosts = context.report.result["mx"].as_array();
  const auto column = address_column(hosts);
  for (const auto& mx : hosts) {
    for (const auto& address : mx["addresses"].as_array()) {
      if (!address["smtp"].is_null())
        context.out.field(2, column, address["ip"].to_text(), server_text(context, address["smtp"]),
                          Style::plain, Style::plain);
    }
  }
}

void write_domain_spf(const TextContext& context) {
  const Value& spf = context.report.result["spf"];
  for (const auto& record : spf["records"].as_array())
    context.out.line(2, record.to_text(), Style::plain, 2);
  if (spf.find("lookups") == nullptr || spf["records"].as_array().empty()) return;
  write_fields(context, {{"check.lookups",
                          fmt::format("{} / {}", spf["lookups"].to_text(), spf_lookup_limit)}});
}

void write_dkim(const TextContext& context) {
  Table table({std::string(context.labels("check.selector")),
               std::string(context.labels("check.key")),
               std::string(context.labels("check.state"))});
  for (const auto& key : context.report.result["dkim"]["keys"].as_array()) {
    const auto bits = key["bits"].as_integer();
    const auto problem = key["problem"].to_text();
    table.add({key["selector"].to_text(),
               bits > 0 ? fmt::format("{} {}", key["type"].to_text(), bits) : "-",
               problem.empty() ? std::string(context.labels("severity.ok")) : problem});
  }
  table.write(context.out);
}

/// "enforce, 604800 s"
std::string sts_mode(const Value& policy) {
  const auto mode = policy["mode"].to_text();
  if (mode.empty()) return mode;
  return fmt::format("{}, {} s", mode, policy["max_age"].to_text());
}

void write_transport(const TextContext& context) {
  const Value& result = context.report.result;
  write_fields(context, {{"domain.mta-sts", result["mta_sts"]["record"].to_text()},
                         {"domain.sts-mode", sts_mode(result["mta_sts"]["policy"])},
                         {"domain.tls-rpt", result["tls_rpt"]["record"].to_text()}});
}

void write_domain_lists(const TextContext& context) {
  const auto& addresses = context.report.result["dnsbl"]["addresses"].as_array();
  std::size_t column = 0;
  for (const auto& address : addresses) column = std::max(column, address["ip"].as_string().size());
  for (const auto& address : addresses) {
    std::string zones;
    for (const auto& list : address["lists"].as_array()) {
      if (list["state"].as_string() == "listed")
        zones += (zones.empty() ? ": " : ", ") + list["zone"].to_text();
    }
    context.out.field(
        2, std::min(column, widest_address) + 2, address["ip"].to_text(),
        fmt::format("{} {}, {} {}/{}{}", context.labels("grid.listed"), address["listed"].to_text(),
                    context.labels("domain.answered"), address["answered"].to_text(),
                    address["queried"].to_text(), zones),
        Style::plain, Style::plain);
  }
}

void write_name_servers(const TextContext& context) {
  Table table({std::string(context.labels("domain.name-server")),
               std::string(context.labels("check.address")),
               std::string(context.labels("domain.serial")), "ms"});
  for (const auto& server : context.report.result["dns"]["servers"].as_array()) {
    const Value& serial = server["serial"];
    table.add({server["name"].to_text(), server["address"].to_text(),
               serial.is_null() ? server["outcome"].to_text() : serial.to_text(),
               server["ms"].is_null() ? "" : fmt::format("{:.1f}", server["ms"].as_double())});
  }
  table.write(context.out);
}

void write_facts(const TextContext& context, DomainTopic topic) {
  switch (topic) {
    case DomainTopic::exchangers:
      return write_exchangers(context);
    case DomainTopic::servers:
      return write_domain_servers(context);
    case DomainTopic::spf:
      return write_domain_spf(context);
    case DomainTopic::dmarc:
      return write_dmarc(context, context.report.result["dmarc"], context.options.verbose);
    case DomainTopic::dkim:
      return write_dkim(context);
    case DomainTopic::transport:
      return write_transport(context);
    case DomainTopic::lists:
      return write_domain_lists(context);
    case DomainTopic::name_servers:
      return write_name_servers(context);
    case DomainTopic::other:
      return;
  }
}

/// Where nothing has to be done, the title says enough.
void write_domain_finding(const TextContext& context, const Finding& finding) {
  const bool verbose = context.options.verbose, calm = is_calm(finding.severity);
  if (!verbose && (finding.severity == Severity::ok || (calm && context.options.quiet))) return;
  auto& out = context.out;
  out.item(2, marker(context, finding.severity), finding.title, style_of(finding.severity));
  if (!calm || verbose) {
    if (!finding.detail.empty()) out.line(6, finding.detail);
    for (const auto& step : finding.remedy) out.item(6, "->", step, Style::note);
    if (!finding.reference.empty()) out.line(6, finding.reference, Style::dim);
  }
  if (verbose) write_evidence(context, finding, 6);
}

/// "critical 3, warning 1": the last lines are those that a terminal still shows.
void write_count(const TextContext& context) {
  std::string counts;
  for (const auto severity :
       {Severity::critical, Severity::warning, Severity::unknown, Severity::info, Severity::ok}) {
    const auto& findings = context.report.findings;
    const auto count =
        std::count_if(findings.begin(), findings.end(),
                      [severity](const Finding& finding) { return finding.severity == severity; });
    if (count == 0) continue;
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ",
                          context.labels(fmt::format("severity.{}", to_string(severity))), count);
  }
  const auto worst = context.report.status;
  context.out.gap();
  context.out.item(0, marker(context, worst), fmt::format("{}: {}", context.report.target, counts),
                   style_of(worst));
}

}  // namespace

void write_domain(const TextContext& context) {
  for (const auto topic : domain_topics) {
    const auto findings = findings_of(context.report, topic);
    if (findings.empty()) continue;
    const auto worst = worst_of(findings);
    if (context.options.quiet && is_calm(worst)) continue;
    context.out.gap();
    context.out.item(0, marker(context, worst),
                     context.labels(fmt::format("domain.{}", to_string(topic))), style_of(worst));
    if (!context.options.quiet) write_facts(context, topic);
    for (const auto* finding : findings) write_domain_finding(context, *finding);
  }
  write_count(context);
}

}  // namespace maildiag::report
