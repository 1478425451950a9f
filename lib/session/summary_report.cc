#include "session/summary_report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace maildiag::session {

namespace {

using diagnose::Burst;
using diagnose::Passage;

Value burst_value(const Burst& burst, const char* cause) {
  Value value = Value::object();
  value.set("cause", cause).set("sender", burst.sender);
  value.set("passage", diagnose::to_string(burst.passage));
  value.set("since", burst.since ? Value(to_rfc3339(*burst.since)) : Value());
  value.set("until", burst.until ? Value(to_rfc3339(*burst.until)) : Value());
  value.set("failures", burst.failures);
  value.set("recipients", burst.recipients).set("domains", burst.domains);
  return value;
}

Finding burst_finding(const Session::Impl& impl, const Burst& burst, const char* id,
                      Severity severity, Value data) {
  Finding finding;
  finding.id = id;
  finding.severity = severity;
  finding.subject = burst.sender;
  // A gap would cut the sentence.
  if (data["since"].is_null()) {
    data.set("since", impl.label("summary.unknown-time"));
    data.set("until", impl.label("summary.unknown-time"));
  }
  finding.data = std::move(data);
  return finding;
}

void add_bursts(const Session::Impl& impl, const std::vector<Burst>& bursts, Report& report) {
  Value across = Value::array();
  for (const auto& burst : bursts) {
    const char* cause = burst.passage == Passage::own       ? "account-compromised"
                        : burst.passage == Passage::foreign ? "backscatter"
                                                            : "unclassified";
    const char* id = burst.passage == Passage::own       ? "bounces.account-compromised"
                     : burst.passage == Passage::foreign ? "bounces.backscatter"
                                                         : "bounces.burst";
    const auto severity = burst.passage == Passage::own ? Severity::critical : Severity::warning;
    auto value = burst_value(burst, cause);
    report.findings.push_back(burst_finding(impl, burst, id, severity, value));
    across.push(std::move(value));
  }
  report.result.set("across", std::move(across));
}

}  // namespace

Report summary_report(const Session::Impl& impl, const diagnose::Summary& summary,
                      std::string command, std::string target) {
  auto report = new_report(std::move(command), std::move(target));
  report.schema = summary_schema;
  report.result = summary.to_value();
  add_bursts(impl, summary.bursts(), report);
  report.status = summary.worst();
  impl.finish(report);
  return report;
}

Value stats_value(const rulebook::Rulebook& rulebook, NamedHits order, std::uint64_t unknown) {
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::uint64_t failures = unknown;
  Value rules = Value::array();
  for (const auto& [id, count] : order) {
    failures += count;
    rules.push(Value::object({{"id", id}, {"hits", count}}));
  }
  const auto hit = std::count_if(order.begin(), order.end(), [&rulebook](const auto& each) {
    return rulebook.rule(each.first) != nullptr;
  });
  return Value::object(
      {{"failures", failures},
       {"without_rule", unknown},
       {"rules", std::move(rules)},
       {"rules_never_hit", rulebook.rules().size() - static_cast<std::size_t>(hit)}});
}

Value stats_value(const rulebook::Rulebook& rulebook, const RuleHits& hits) {
  NamedHits order;
  std::uint64_t unknown = 0;
  for (const auto& [rule, count] : hits) {
    if (rule == nullptr) {
      unknown = count;
    } else {
      order.emplace_back(rule->id, count);
    }
  }
  return stats_value(rulebook, std::move(order), unknown);
}

}  // namespace maildiag::session
