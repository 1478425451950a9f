#include "checks/bimi_finding.h"

#include <algorithm>
#include <array>
#include <utility>

#include "checks/spf_finding.h"

namespace maildiag::checks::bimi {

namespace {

/// Answers in one finding's evidence hold no more records than this.
constexpr std::size_t max_evidence_records = 8;

Evidence evidence_of(const dns::Answer& answer) {
  if (answer.records.size() <= max_evidence_records) return dns::to_evidence(answer);
  auto brief = answer;
  brief.records.resize(max_evidence_records);
  return dns::to_evidence(brief);
}

/// data {domain, selector, name}
Finding make(std::string_view id, Severity severity, const BimiReport& report) {
  Finding finding;
  finding.id = std::string(id);
  finding.severity = severity;
  finding.subject = report.request.domain.to_string();
  finding.data.set("domain", finding.subject);
  finding.data.set("selector", report.request.selector.to_string());
  finding.data.set("name", report.answers.empty()
                               ? finding.subject
                               : report.answers.back().question.name.to_string());
  return finding;
}

void add_answers(const BimiReport& report, Finding& finding) {
  for (const auto& answer : report.answers) finding.evidence.push_back(evidence_of(answer));
}

Severity severity_of(const Problem& problem) {
  if (problem.id == "bimi.unknown-tag") return Severity::info;
  constexpr std::array<std::string_view, 3> spoil_little = {"bimi.bad-avatar", "bimi.bad-prefix",
                                                            "bimi.location-empty"};
  return std::find(spoil_little.begin(), spoil_little.end(), problem.id) != spoil_little.end()
             ? Severity::warning
             : Severity::critical;
}

void add_text(const BimiReport& report, std::vector<Finding>& findings) {
  for (const auto& problem : report.record->problems) {
    auto finding = make(problem.id, severity_of(problem), report);
    finding.data.set("tag", spf::shown(problem.tag));
    finding.data.set("text", spf::shown(problem.text));
    add_answers(report, finding);
    findings.push_back(std::move(finding));
  }
}

/// What is said about a record that can be used.
void add_usable(const BimiReport& report, std::vector<Finding>& findings) {
  auto finding = make("bimi.record", Severity::ok, report);
  finding.data.set("uri", spf::shown(report.record->location));
  finding.data.set("evidence", spf::shown(report.record->evidence));
  finding.data.set("found_at", report.found_at->to_string());
  add_answers(report, finding);
  findings.push_back(std::move(finding));
  if (report.record->evidence.empty())
    findings.push_back(make("bimi.no-evidence", Severity::info, report));
  if (report.record->local_parts)
    findings.push_back(make("bimi.local-part-selectors", Severity::info, report));
}

bool is_usable(const BimiReport& report) {
  const auto& problems = report.record->problems;
  return std::none_of(problems.begin(), problems.end(), [](const Problem& problem) {
    return severity_of(problem) == Severity::critical;
  });
}

/// The walk, or whether the domain exists, where the policy hangs on that.
bool is_unanswered(const DmarcReport& dmarc) {
  const bool asked = !dmarc.existence.question.name.is_root();
  return dmarc.walk.failed() || (asked && !dmarc.existence.definite());
}

/// nullptr, or the answer that leaves open whether there is a record.
const dns::Answer* unanswered(const BimiReport& report) {
  if (report.found_at) return nullptr;
  for (const auto& answer : report.answers) {
    if (!answer.definite()) return &answer;
  }
  const auto& dmarc = report.dmarc;  // whose organizational domain might have one
  return dmarc.organizational_domain || dmarc.walk.steps.empty() ? nullptr
                                                                 : &dmarc.walk.steps.back().answer;
}

}  // namespace

void add_record(const BimiReport& report, std::vector<Finding>& findings) {
  for (const auto& text : report.near_records) {
    auto finding = make("bimi.not-a-record", Severity::warning, report);
    finding.data.set("text", spf::shown(text));
    add_answers(report, finding);
    findings.push_back(std::move(finding));
  }
  if (const auto* answer = unanswered(report)) {
    auto finding = make("bimi.unanswered", Severity::unknown, report);
    finding.data.set("name", answer->question.name.to_string());
    finding.data.set("outcome", dns::to_string(answer->outcome));
    finding.evidence.push_back(evidence_of(*answer));
    findings.push_back(std::move(finding));
  } else if (!report.several.empty()) {
    auto finding = make("bimi.several-records", Severity::critical, report);
    finding.data.set("count", report.several.size());
    add_answers(report, finding);
    findings.push_back(std::move(finding));
  } else if (!report.record) {
    // Beside an alias nothing can be published (RFC 1034 section 3.6.2).
    const bool alias = !report.answers.empty() && !report.answers.front().cname_chain.empty();
    auto finding = make(alias ? "bimi.dangling-alias" : "bimi.missing", Severity::warning, report);
    if (alias) {
      const auto& own = report.answers.front();
      finding.data.set("name", own.question.name.to_string());
      finding.data.set("target", own.cname_chain.back().to_string());
    }
    add_answers(report, finding);
    findings.push_back(std::move(finding));
  } else {
    add_text(report, findings);
    if (!is_usable(report)) return;
    if (report.record->declined()) {
      auto finding = make("bimi.declined", Severity::info, report);
      add_answers(report, finding);
      findings.push_back(std::move(finding));
    } else {
      add_usable(report, findings);
    }
  }
}

void add_policy(const BimiReport& report, std::vector<Finding>& findings) {
  if (!report.record || report.record->declined()) return;
  const auto& dmarc = report.dmarc;
  const auto add = [&](std::string_view id, Severity severity) -> Value& {
    auto finding = make(id, severity, report);
    finding.data.set("found_at", dmarc.found_at ? dmarc.found_at->to_string() : "");
    finding.data.set("policy", dmarc.policy ? dmarc::to_string(*dmarc.policy) : "");
    for (const auto& step : dmarc.walk.steps) finding.evidence.push_back(evidence_of(step.answer));
    findings.push_back(std::move(finding));
    return findings.back().data;
  };
  if (is_unanswered(dmarc)) {
    add("bimi.dmarc-unknown", Severity::unknown);
    return;
  }
  if (!dmarc.policy) {
    add("bimi.dmarc-missing", Severity::critical);
    return;
  }
  bool good = true;
  if (*dmarc.policy == dmarc::Policy::none) {
    add("bimi.dmarc-not-enforcing", Severity::critical);
    good = false;
  }
  constexpr int all = 100;
  if (const auto pct = dmarc.record()->pct; pct.value_or(all) < all) {
    add("bimi.dmarc-partial", Severity::critical).set("percent", *pct);
    good = false;
  }
  const auto& organization = *dmarc.organizational_domain;
  const auto* step = dmarc.walk.at(organization);
  const auto* above = step != nullptr && step->record ? &*step->record : nullptr;
  const bool loose =
      above != nullptr && (above->sp == dmarc::Policy::none || above->p == dmarc::Policy::none);
  if (loose && *dmarc.policy != dmarc::Policy::none) {
    add("bimi.dmarc-loose-organization", Severity::warning)
        .set("organization", organization.to_string());
    good = false;
  }
  if (good) add("bimi.dmarc-enforcing", Severity::ok);
}

void add_indicator(const BimiReport& report, std::vector<Finding>& findings) {
  if (!report.indicator) {
    if (!report.record || report.record->location.empty()) return;
    auto finding = make("bimi.not-fetched", Severity::info, report);
    finding.data.set("uri", spf::shown(report.record->location));
    findings.push_back(std::move(finding));
    return;
  }
  const auto& indicator = *report.indicator;
  for (const auto& problem : indicator.problems) {
    const bool mild = problem.id == "bimi.svg-doctype" || problem.id == "bimi.svg-not-square" ||
                      problem.id == "bimi.svg-too-big" || problem.id == "bimi.svg-no-view-box";
    const auto severity = problem.id == "bimi.svg-compressed" ? Severity::unknown
                          : mild                              ? Severity::warning
                                                              : Severity::critical;
    auto finding = make(problem.id, severity, report);
    finding.data.set("what", spf::shown(problem.what));
    finding.data.set("line", problem.line);
    finding.data.set("limit", advised_indicator_octets);
    findings.push_back(std::move(finding));
  }
  if (!indicator.problems.empty()) return;
  auto finding = make("bimi.svg-valid", Severity::ok, report);
  finding.data.set("octets", indicator.octets);
  finding.data.set("title", indicator.title);
  findings.push_back(std::move(finding));
}

}  // namespace maildiag::checks::bimi
