#include "checks/dmarc_finding.h"

#include <algorithm>
#include <utility>

#include "checks/spf_finding.h"

namespace maildiag::checks::dmarc {

namespace {

Evidence evidence_of(const dns::Answer& answer) {
  constexpr std::size_t max_records = 16;  // a page shows them to people
  if (answer.records.size() <= max_records) return dns::to_evidence(answer);
  auto brief = answer;
  brief.records.resize(max_records);
  return dns::to_evidence(brief);
}

void add_walk(const DmarcReport& report, Finding& finding) {
  for (const auto& step : report.walk.steps) finding.evidence.push_back(evidence_of(step.answer));
}

Finding unknown(const DmarcReport& report, const dns::Answer& answer) {
  auto finding = make_finding("dmarc.unknown", Severity::unknown, report.domain);
  finding.data.set("name", answer.question.name.to_string());
  finding.data.set("outcome", dns::to_string(answer.outcome));
  finding.evidence.push_back(evidence_of(answer));
  return finding;
}

/// A policy was found.
Finding policy_finding(const DmarcReport& report) {
  const bool asks = *report.policy != Policy::none;
  auto finding = make_finding(asks ? "dmarc.ok" : "dmarc.none-policy",
                              asks ? Severity::ok : Severity::info, report.domain);
  finding.data.set("policy", to_string(*report.policy));
  finding.data.set("published_policy", to_string(*report.published));
  finding.data.set("tag", report.policy_tag);
  finding.data.set("found_at", report.found_at->to_string());
  finding.data.set("organizational_domain", report.organizational_domain
                                                ? report.organizational_domain->to_string()
                                                : std::string());
  add_walk(report, finding);
  return finding;
}

/// A record is missing. Beside an alias at the domain's own name none can be published (RFC 1034
/// section 3.6.2), and beside several another one would not count either.
Finding missing(const DmarcReport& report) {
  const auto* own = report.walk.at(report.domain);
  const bool several = own != nullptr && !own->several.empty();
  const bool alias = own != nullptr && !own->answer.cname_chain.empty();
  auto finding = make_finding(several ? "dmarc.none-counts"
                              : alias ? "dmarc.dangling-alias"
                                      : "dmarc.missing",
                              Severity::warning, report.domain);
  if (several) {
    finding.data.set("name", own->holder().to_string());
  } else if (alias) {
    finding.data.set("name", own->name.to_string());
    finding.data.set("target", own->holder().to_string());
  }
  finding.data.set("organizational_domain", report.organizational_domain->to_string());
  add_walk(report, finding);
  return finding;
}

/// A record applies, but without a usable policy and without anybody to report to.
Finding not_applied(const DmarcReport& report) {
  auto finding = make_finding("dmarc.not-applied", Severity::critical, report.domain);
  finding.data.set("found_at", report.found_at->to_string());
  finding.data.set("record", spf::shown(report.record()->text));
  add_walk(report, finding);
  return finding;
}

Finding destination_finding(const DmarcReport& report, const Destination& destination,
                            std::string id, Severity severity) {
  auto finding = make_finding(std::move(id), severity, *report.found_at);
  finding.data.set("tag", destination.uri.tag);
  finding.data.set("uri", spf::shown(destination.uri.uri));
  finding.data.set("host", destination.uri.host->to_string());
  finding.data.set("name", destination.authority.name.to_string());
  finding.data.set("outcome", dns::to_string(destination.authority.answer.outcome));
  if (destination.authority.state != Authorisation::not_needed)
    finding.evidence.push_back(evidence_of(destination.authority.answer));
  return finding;
}

/// Both readings have the same identifiers aligned: strict alignment needs no organizational
/// domain.
bool aligns_alike(const DmarcReport& report, const OldReading& old) {
  if (old.organizational_domain == *report.organizational_domain) return true;
  const auto* record = report.record();
  return record != nullptr && old.found_at == report.found_at &&
         record->adkim == AlignmentMode::strict && record->aspf == AlignmentMode::strict;
}

}  // namespace

Finding make_finding(std::string id, Severity severity, const DomainName& domain) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  finding.subject = domain.to_string();
  finding.data.set("domain", finding.subject);
  return finding;
}

void add_verdict(const DmarcReport& report, std::vector<Finding>& findings) {
  if (report.policy) {
    findings.push_back(policy_finding(report));
  } else if (report.found_at && depends_on_existence(*report.record(), report.level) &&
             !report.exists) {
    findings.push_back(unknown(report, report.existence));
  } else if (report.found_at) {
    findings.push_back(not_applied(report));
  } else if (!report.walk.failed()) {
    findings.push_back(missing(report));
  }
  // The author domain's own record counts though DNS fails above it; alignment is not known then.
  if (report.walk.failed()) findings.push_back(unknown(report, report.walk.steps.back().answer));
}

void add_destinations(const DmarcReport& report, std::vector<Finding>& findings) {
  std::vector<std::string> done;  // one finding a host
  for (const auto& destination : report.destinations) {
    const auto host = destination.uri.host->key();
    if (std::find(done.begin(), done.end(), host) != done.end()) continue;
    done.push_back(host);
    switch (destination.authority.state) {
      case Authorisation::not_needed:
        break;
      case Authorisation::authorised:
        findings.push_back(
            destination_finding(report, destination, "dmarc.report-authorised", Severity::ok));
        break;
      case Authorisation::missing:
        findings.push_back(destination_finding(report, destination, "dmarc.report-unauthorised",
                                               Severity::warning));
        break;
      case Authorisation::malformed:
        findings.push_back(
            destination_finding(report, destination, "dmarc.report-malformed", Severity::warning));
        break;
      case Authorisation::unknown:
        findings.push_back(
            destination_finding(report, destination, "dmarc.report-unknown", Severity::unknown));
        findings.back().data.set("partial", true);
        break;
    }
  }
}

void add_rfc7489(const DmarcReport& report, std::vector<Finding>& findings) {
  if (!report.rfc7489 || !report.rfc7489->known || !report.organizational_domain) return;
  const auto& old = *report.rfc7489;
  const bool undecided = report.found_at && !report.policy && !report.exists &&
                         depends_on_existence(*report.record(), report.level);
  if (undecided) return;
  const bool partly = old.policy && *old.policy != Policy::none && old.pct < 100;
  const bool same_policy = old.policy == report.policy && !partly;
  if (same_policy && aligns_alike(report, old)) return;
  // Where neither finds a policy, the organizational domain has no use.
  if (!old.policy && !report.policy) return;
  auto finding = make_finding(!old.policy      ? "dmarc.rfc7489-no-policy"
                              : !report.policy ? "dmarc.rfc7489-only-policy"
                              : same_policy    ? "dmarc.rfc7489-alignment"
                                               : "dmarc.rfc7489-differs",
                              Severity::info, report.domain);
  finding.data.set("policy", report.policy ? to_string(*report.policy) : std::string_view());
  finding.data.set("organizational_domain", report.organizational_domain->to_string());
  finding.data.set("old_policy", old.policy ? to_string(*old.policy) : std::string_view());
  finding.data.set("old_organizational_domain", old.organizational_domain.to_string());
  finding.data.set("old_found_at", old.found_at ? old.found_at->to_string() : std::string());
  finding.data.set("pct", old.pct);
  findings.push_back(std::move(finding));
}

}  // namespace maildiag::checks::dmarc
