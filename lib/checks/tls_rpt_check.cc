#include <utility>

#include "checks/spf_finding.h"
#include "checks/tls_rpt.h"

namespace maildiag::checks {

using namespace tls_text;

namespace {

void judge(TlsRptReport& report, bool needed) {
  const auto& found = report.found;
  const auto add = [&report](Finding finding) { report.findings.push_back(std::move(finding)); };
  for (const auto& text : found.near_records) {
    auto finding = make_finding("tls-rpt.not-a-record", Severity::warning, found);
    finding.data.set("text", spf::shown(text));
    add(std::move(finding));
  }
  if (!found.answer.definite())
    return add(make_finding("tls-rpt.unanswered", Severity::unknown, found));
  if (found.records.empty())
    return add(make_finding("tls-rpt.missing", needed ? Severity::warning : Severity::info, found));
  if (found.records.size() > 1)
    return add(make_finding("tls-rpt.several-records", Severity::critical, found));
  for (const auto& problem : report.record->problems) add(make_finding(problem, found));
  if (!report.record->usable()) return;
  auto finding = make_finding("tls-rpt.record", Severity::ok, found);
  Value rua = Value::array();
  for (const auto& uri : report.record->uris) rua.push(spf::shown(uri));
  finding.data.set("rua", std::move(rua));
  add(std::move(finding));
}

}  // namespace

Value TlsRptReport::to_value() const {
  Value rua = Value::array();
  if (record) {
    for (const auto& uri : record->uris) rua.push(spf::shown(uri));
  }
  return Value::object(
      {{"record", record ? Value(spf::shown(record->text, spf::max_shown_record)) : Value()},
       {"rua", std::move(rua)}});
}

Task<TlsRptReport> check_tls_rpt(Context context, DomainName domain, bool needed) {
  TlsRptReport report;
  const Recogniser recogniser{tls_rpt::is_record, tls_rpt::looks_like_record};
  report.found = co_await find_records(context, std::move(domain), "_smtp._tls", recogniser);
  if (report.found.records.size() == 1)
    report.record = tls_rpt::parse_record(report.found.records.front());
  judge(report, needed);
  co_return report;
}

}  // namespace maildiag::checks
