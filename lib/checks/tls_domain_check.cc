#include <utility>

#include "checks/tls_domain.h"
#include "checks/tls_domain_finding.h"

namespace maildiag::checks {

namespace {

std::string_view route_word(MailRoute state) {
  switch (state) {
    case MailRoute::explicit_mx:
      return "mx";
    case MailRoute::implicit:
      return "implicit";
    case MailRoute::null_mx:
      return "null-mx";
    case MailRoute::none:
      return "none";
    case MailRoute::nxdomain:
      return "nxdomain";
    case MailRoute::unknown:
      break;
  }
  return "unknown";
}

/// Somebody should hear when deliveries fail for a policy.
bool has_policy(const TlsReport& report) {
  const auto mode = report.mta_sts.mode();
  return (mode && *mode != mta_sts::Mode::none) || report.dane.any_records();
}

}  // namespace

std::vector<Finding> TlsReport::all_findings() const {
  std::vector<Finding> all = findings;
  for (const auto* part : {&mta_sts.findings, &dane.findings, &tls_rpt.findings})
    all.insert(all.end(), part->begin(), part->end());
  return all;
}

Value TlsReport::to_value() const {
  Value list = Value::array();
  for (const auto& server : servers) list.push(server.to_value(question.now));
  return Value::object({{"domain", question.domain.to_string()},
                        {"route", route_word(route.state)},
                        {"servers", std::move(list)},
                        {"mta_sts", mta_sts.to_value(question.now)},
                        {"tls_rpt", tls_rpt.to_value()},
                        {"dane", dane.to_value()}});
}

Task<TlsReport> check_tls(Context context, TlsQuestion question) {
  TlsReport report;
  report.question = std::move(question);
  const auto domain = report.question.domain;
  report.route = co_await find_exchangers(context, domain);
  if (report.question.servers) {
    report.servers = *report.question.servers;
  } else {
    report.servers = co_await talk_to_servers(context, report.route, report.question.reach);
  }
  MtaStsQuestion sts{domain, report.route, report.question.now};
  report.mta_sts = co_await check_mta_sts(context, std::move(sts));
  DaneQuestion dane{domain, report.route, report.servers, report.question.now};
  report.dane = co_await check_dane(context, std::move(dane));
  report.tls_rpt = co_await check_tls_rpt(context, domain, has_policy(report));
  tls::add_domain(report, report.findings);
  for (const auto& server : report.servers) tls::add_server(report, server, report.findings);
  co_return report;
}

}  // namespace maildiag::checks
