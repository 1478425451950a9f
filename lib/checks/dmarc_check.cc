#include <utility>

#include "checks/dmarc.h"
#include "checks/dmarc_finding.h"
#include "checks/spf_finding.h"

namespace maildiag::checks {

using namespace dmarc;

namespace {

/// Any answer but NXDOMAIN means that the name exists (RFC 9989 appendix A.4).
Task<void> ask_existence(Context context, DmarcReport& report) {
  auto answer = co_await context.resolver.query(report.domain, dns::RecordType::a);
  report.existence = std::move(answer);
  if (report.existence.definite())
    report.exists = report.existence.outcome != dns::Outcome::nxdomain;
}

Task<void> find_policy(Context context, DmarcReport& report) {
  const auto applied = find_record(report.walk);
  if (applied.step == nullptr) co_return;
  report.found_at = applied.step->domain;
  report.level = applied.level;
  const auto& record = *applied.step->record;
  if (depends_on_existence(record, applied.level)) {
    co_await ask_existence(context, report);
    if (!report.exists) co_return;
  }
  auto choice = choose_policy(record, applied.level, report.exists.value_or(true));
  report.published = choice.policy;
  report.policy_tag = std::move(choice.tag);
  report.policy = report.published;
  if (report.policy && record.test_mode) report.policy = lowered(*report.policy);
}

Value text_or_null(const std::optional<DomainName>& name) {
  return name ? Value(name->to_string()) : Value();
}
Value text_or_null(const std::optional<Policy>& policy) {
  return policy ? Value(to_string(*policy)) : Value();
}

Value step_value(const Step& step) {
  auto value = Value::object({{"name", step.name.to_string()},
                              {"outcome", dns::to_string(step.answer.outcome)},
                              {"record", Value()}});
  if (step.record) value.set("record", spf::shown(step.record->text, max_shown_record));
  if (!step.several.empty()) value.set("dropped", step.several.size());
  return value;
}

Value destination_value(const Destination& destination) {
  const auto& authority = destination.authority;
  auto value =
      Value::object({{"tag", destination.uri.tag},
                     {"uri", spf::shown(destination.uri.uri)},
                     {"host", text_or_null(destination.uri.host)},
                     {"organizational_domain", text_or_null(destination.organizational_domain)},
                     {"authorisation", to_string(authority.state)}});
  value.set("query", authority.state == Authorisation::not_needed
                         ? Value()
                         : Value(authority.name.to_string()));
  return value;
}

Value old_value(const OldReading& reading) {
  if (!reading.known) return {};
  return Value::object({{"organizational_domain", reading.organizational_domain.to_string()},
                        {"found_at", text_or_null(reading.found_at)},
                        {"policy", text_or_null(reading.policy)},
                        {"pct", reading.pct}});
}

}  // namespace

const Record* DmarcReport::record() const {
  const auto* step = found_at ? walk.at(*found_at) : nullptr;
  return step != nullptr && step->record ? &*step->record : nullptr;
}

Value DmarcReport::to_value() const {
  auto queries = Value::array(), steps = Value::array(), reports = Value::array();
  for (const auto& step : walk.steps) {
    queries.push(step.name.to_string());
    steps.push(step_value(step));
  }
  for (const auto& destination : destinations) reports.push(destination_value(destination));
  const auto* applied = record();
  auto value = Value::object(
      {{"domain", domain.to_string()},
       {"record",
        applied != nullptr ? Value(spf::shown(applied->text, max_shown_record)) : Value()},
       {"found_at", text_or_null(found_at)},
       {"organizational_domain", text_or_null(organizational_domain)},
       {"policy", text_or_null(policy)},
       {"policy_tag", policy_tag.empty() ? Value() : Value(policy_tag)},
       {"published_policy", text_or_null(published)},
       {"test_mode", applied != nullptr && applied->test_mode},
       {"exists", exists ? Value(*exists) : Value()},
       {"adkim", applied != nullptr ? Value(to_string(applied->adkim)) : Value()},
       {"aspf", applied != nullptr ? Value(to_string(applied->aspf)) : Value()}});
  value.set("queries", std::move(queries));
  value.set("walk", std::move(steps));
  value.set("reports", std::move(reports));
  if (rfc7489) value.set("rfc7489", old_value(*rfc7489));
  return value;
}

Task<DmarcReport> check_dmarc(Context context, DomainName domain, DmarcScope scope) {
  DmarcReport report;
  report.domain = domain;
  auto walk = co_await walk_tree(context, domain);
  report.walk = std::move(walk);
  report.organizational_domain = dmarc::organizational_domain(report.walk);
  co_await find_policy(context, report);
  if (scope.destinations && report.record() != nullptr) {
    const auto uris = report.record()->uris;
    auto destinations = co_await check_destinations(context, *report.found_at, uris);
    report.destinations = std::move(destinations);
  }
  if (scope.suffixes != nullptr) {
    auto reading = co_await read_as_rfc7489(context, report.walk, *scope.suffixes);
    report.rfc7489 = std::move(reading);
  }
  add_verdict(report, report.findings);
  add_lint(report, scope.suffixes, report.findings);
  add_destinations(report, report.findings);
  add_rfc7489(report, report.findings);
  co_return report;
}

}  // namespace maildiag::checks
