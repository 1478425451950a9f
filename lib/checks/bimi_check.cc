#include <utility>
#include <variant>

#include "checks/bimi.h"
#include "checks/bimi_finding.h"
#include "checks/spf_finding.h"

namespace maildiag::checks {

using namespace bimi;

namespace {

/// Records at a name that are looked at; a domain with more has none that counts.
constexpr std::size_t max_records = 20;

/// Asks for selector._bimi.`domain`. True: the search ends here (section 7.2).
Task<bool> look_at(Context context, const DomainName& domain, BimiReport& report) {
  auto below = domain.child("_bimi");
  auto name = below ? below->prepend(report.request.selector) : std::nullopt;
  if (!name) co_return false;
  auto answer = co_await context.resolver.query(*name, dns::RecordType::txt);
  report.answers.push_back(std::move(answer));
  const auto& records = report.answers.back().records;
  std::vector<std::string> found;
  for (const auto& each : records) {
    const auto* txt = std::get_if<dns::TxtData>(&each.data);
    if (txt == nullptr || found.size() + report.near_records.size() == max_records) continue;
    auto text = txt->joined();
    if (is_record(text)) {
      found.push_back(std::move(text));
    } else if (looks_like_record(text)) {
      report.near_records.push_back(std::move(text));
    }
  }
  if (found.empty()) co_return !report.answers.back().definite();
  report.found_at = domain;
  if (found.size() == 1) {
    report.record = parse_record(found.front());
  } else {
    report.several = std::move(found);
  }
  co_return true;
}

Value text_or_null(const std::optional<DomainName>& name) {
  return name ? Value(name->to_string()) : Value();
}

Value dmarc_value(const DmarcReport& dmarc) {
  return Value::object({{"policy", dmarc.policy ? Value(dmarc::to_string(*dmarc.policy)) : Value()},
                        {"found_at", text_or_null(dmarc.found_at)},
                        {"organizational_domain", text_or_null(dmarc.organizational_domain)}});
}

Value indicator_value(const Indicator& indicator) {
  Value problems = Value::array();
  for (const auto& problem : indicator.problems)
    problems.push(Value::object({{"problem", problem.id.substr(prefix)},
                                 {"what", spf::shown(problem.what)},
                                 {"line", problem.line}}));
  return Value::object({{"octets", indicator.octets},
                        {"version", spf::shown(indicator.version)},
                        {"base_profile", spf::shown(indicator.base_profile)},
                        {"view_box", spf::shown(indicator.view_box)},
                        {"title", indicator.title},
                        {"problems", std::move(problems)}});
}

}  // namespace

Value BimiReport::to_value() const {
  auto value = Value::object({{"domain", request.domain.to_string()},
                              {"selector", request.selector.to_string()},
                              {"found_at", text_or_null(found_at)},
                              {"record", Value()}});
  if (record) {
    value.set("record", spf::shown(record->text, spf::max_shown_record));
    value.set("location", spf::shown(record->location));
    value.set("evidence", spf::shown(record->evidence));
    value.set("avatar_preference", record->avatar);
    value.set("local_part_selectors", record->local_parts);
    value.set("declined", record->declined());
  }
  value.set("dmarc", dmarc_value(dmarc));
  if (indicator) value.set("indicator", indicator_value(*indicator));
  return value;
}

Task<BimiReport> check_bimi(Context context, BimiRequest request) {
  BimiReport report;
  report.request = std::move(request);
  const auto domain = report.request.domain;
  auto dmarc = co_await check_dmarc(context, domain, DmarcScope{nullptr, false});
  report.dmarc = std::move(dmarc);
  const bool done = co_await look_at(context, domain, report);
  const auto organization = report.dmarc.organizational_domain;
  if (!done && organization && *organization != domain)
    co_await look_at(context, *organization, report);
  if (report.request.indicator) report.indicator = check_indicator(*report.request.indicator);
  add_record(report, report.findings);
  add_policy(report, report.findings);
  add_indicator(report, report.findings);
  co_return report;
}

}  // namespace maildiag::checks
