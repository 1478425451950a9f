#include <array>
#include <utility>

#include "checks/spf.h"
#include "checks/spf_finding.h"
#include "core/object_of.h"

namespace maildiag::checks {

using namespace spf;

namespace {

Severity severity_of(SpfResult result) {
  switch (result) {
    case SpfResult::pass:
      return Severity::ok;
    case SpfResult::neutral:
      return Severity::info;
    case SpfResult::none:
    case SpfResult::softfail:
      return Severity::warning;
    case SpfResult::fail:
    case SpfResult::permerror:
      return Severity::critical;
    case SpfResult::temperror:
      return Severity::unknown;
  }
  return Severity::unknown;
}

/// What every finding of one evaluation says.
Finding about(const SpfEvaluation& evaluation, const IpAddress& ip, std::string_view name,
              Severity severity) {
  auto finding = make_finding(name, severity, evaluation.identity);
  finding.data.set("ip", ip.to_string());
  return finding;
}

Finding verdict(const SpfEvaluation& evaluation, const SpfRequest& request) {
  const auto result = evaluation.result;
  const bool none = result == SpfResult::none && !evaluation.absence.empty();
  auto finding =
      about(evaluation, request.ip, none ? std::string_view(evaluation.absence) : to_string(result),
            severity_of(result));
  auto& data = finding.data;
  if (!evaluation.alias.empty()) data.set("target", evaluation.alias);
  data.set("sender", shown(request.sender));
  data.set("helo", shown(request.helo));
  data.set("mechanism", shown(evaluation.mechanism));
  data.set("decided_in", shown(evaluation.domain));
  data.set("lookups", evaluation.lookups);
  data.set("void_lookups", evaluation.void_lookups);
  if (!evaluation.record.empty()) data.set("record", shown(evaluation.record, max_shown_record));
  if (!evaluation.explanation.empty()) data.set("explanation", evaluation.explanation);
  if (!evaluation.problem.code.empty()) {
    data.set("problem", evaluation.problem.code);
    data.set("problem_domain", shown(evaluation.problem.domain));
    data.set("term", shown(evaluation.problem.term));
  }
  finding.evidence = evaluation.evidence;
  return finding;
}

/// Not for a pass, and not where something else has to be corrected first.
bool wants_suggestion(SpfResult result) {
  return result != SpfResult::pass && result != SpfResult::permerror &&
         result != SpfResult::temperror;
}

void add_suggestion(Finding& finding, const SpfEvaluation& evaluation, const IpAddress& ip) {
  if (!wants_suggestion(evaluation.result)) return;
  const auto suggestion = suggest_spf(evaluation.record, ip);
  if (!suggestion) return;
  finding.data.set("suggestion", suggestion->record);
  finding.data.set("suggested_term", suggestion->term);
  finding.data.set("suggestion_octets", suggestion->octets);
}

/// The reason of a permerror or temperror, in its own words.
Finding reason(const SpfEvaluation& evaluation, const SpfRequest& request) {
  const auto& problem = evaluation.problem;
  const auto severity = problem.code == "dns-error"      ? Severity::unknown
                        : problem.code == "bad-identity" ? Severity::warning
                                                         : Severity::critical;
  auto finding = make_finding(problem.code, severity, problem.domain, problem.term);
  auto& data = finding.data;
  data.set("ip", request.ip.to_string());
  data.set("lookups", evaluation.lookups);
  data.set("void_lookups", evaluation.void_lookups);
  data.set("target", finding.subject);
  for (const auto& step : evaluation.trace) {
    if (step.domain == problem.domain && step.term == problem.term && !step.expanded.empty())
      data.set("target", shown(step.expanded));
  }
  if (problem.code == "too-many-lookups") data.set("limit", max_spf_lookups);
  if (problem.code == "too-many-void-lookups") data.set("limit", max_spf_void_lookups);
  if (problem.code == "too-many-mx") data.set("limit", 10);
  return finding;
}

void add_readings(std::vector<Finding>& findings, const SpfEvaluation& evaluation,
                  const IpAddress& ip) {
  if (evaluation.lenient_result) {
    auto finding = about(evaluation, ip, "void-reading-lenient", Severity::info);
    finding.data.set("result", to_string(evaluation.result));
    finding.data.set("other_result", to_string(*evaluation.lenient_result));
    findings.push_back(std::move(finding));
  }
  if (evaluation.strict_permerror) {
    auto finding = about(evaluation, ip, "void-reading-strict", Severity::info);
    finding.data.set("result", to_string(evaluation.result));
    finding.data.set("void_queries", evaluation.void_queries);
    finding.data.set("limit", max_spf_void_lookups);
    findings.push_back(std::move(finding));
  }
}

/// Out of a report that nobody else needs, the value itself.
Value value_from(Value& value) {
  return std::move(value);
}
Value value_from(const Value& value) {
  return value;
}

template <class Step>
Value step_value(Step& step) {
  Value::Array queries;
  queries.reserve(step.queries.size());
  for (auto& query : step.queries) queries.push_back(value_from(query.data));
  return object_of({{"depth", step.depth},
                    {"domain", shown(step.domain)},
                    {"term", shown(step.term)},
                    {"expanded", shown(step.expanded)},
                    {"outcome", step.outcome},
                    {"lookups", step.lookups},
                    {"queries", std::move(queries)}});
}

Value problem_value(const SpfProblem& problem) {
  if (problem.code.empty()) return {};
  return object_of(
      {{"code", problem.code}, {"domain", shown(problem.domain)}, {"term", shown(problem.term)}});
}

template <class Evaluation>
Value evaluation_value(Evaluation& evaluation) {
  Value::Array trace;
  trace.reserve(evaluation.trace.size());
  for (auto& step : evaluation.trace) trace.push_back(step_value(step));
  constexpr std::size_t more = 3;
  auto value = object_of({{"result", to_string(evaluation.result)},
                          {"explanation", evaluation.explanation},
                          {"mechanism", shown(evaluation.mechanism)},
                          {"domain", shown(evaluation.domain)},
                          {"identity", shown(evaluation.identity)},
                          {"record", shown(evaluation.record, max_shown_record)},
                          {"problem", problem_value(evaluation.problem)},
                          {"lookups", evaluation.lookups},
                          {"void_lookups", evaluation.void_lookups},
                          {"void_queries", evaluation.void_queries}},
                         more);
  if (evaluation.lenient_result) value.set("lenient_result", to_string(*evaluation.lenient_result));
  if (evaluation.strict_permerror) value.set("strict_permerror", true);
  value.set("trace", std::move(trace));
  return value;
}

Value node_value(const SpfNode& node) {
  auto children = Value::array();
  for (const auto& child : node.children) children.push(node_value(child));
  auto value = Value::object({{"domain", shown(node.domain)},
                              {"term", shown(node.term)},
                              {"state", node.state},
                              {"record", shown(node.record, max_shown_record)},
                              {"own_lookups", node.own_lookups},
                              {"lookups", node.lookups},
                              {"void_lookups", node.void_lookups}});
  value.set("children", std::move(children));
  return value;
}

}  // namespace

std::string_view to_string(SpfResult result) {
  switch (result) {
    case SpfResult::none:
      return "none";
    case SpfResult::neutral:
      return "neutral";
    case SpfResult::pass:
      return "pass";
    case SpfResult::fail:
      return "fail";
    case SpfResult::softfail:
      return "softfail";
    case SpfResult::temperror:
      return "temperror";
    case SpfResult::permerror:
      return "permerror";
  }
  return {};
}

Value SpfReport::to_value() && {
  return evaluation ? evaluation_value(*evaluation) : std::as_const(*this).to_value();
}

Value SpfReport::to_value() const& {
  if (evaluation) return evaluation_value(*evaluation);
  auto texts = Value::array();
  for (const auto& record : records) texts.push(shown(record, max_shown_record));
  auto value = Value::object({{"records", std::move(texts)}});
  if (tree) {
    value.set("tree", node_value(*tree));
    value.set("lookups", tree->lookups);
    value.set("void_lookups", tree->void_lookups);
  }
  if (room) {
    value.set("room", Value::object({{"octets4", room->octets4},
                                     {"octets6", room->octets6},
                                     {"record_octets", room->record_octets},
                                     {"txt_octets", room->txt_octets},
                                     {"lookups_left", room->lookups_left}}));
  }
  return value;
}

Task<SpfReport> check_spf(Context context, SpfRequest request) {
  SpfReport report;
  auto evaluation = co_await evaluate_spf(context, request);
  if (!evaluation.record.empty()) report.records.push_back(evaluation.record);
  // Where there is no domain to ask about, advice to publish a record would be wrong.
  if (evaluation.problem.code != "bad-identity") {
    report.findings.push_back(verdict(evaluation, request));
    add_suggestion(report.findings.front(), evaluation, request.ip);
  }
  if (!evaluation.problem.code.empty()) report.findings.push_back(reason(evaluation, request));
  add_readings(report.findings, evaluation, request.ip);
  report.evaluation = std::move(evaluation);
  co_return report;
}

}  // namespace maildiag::checks
