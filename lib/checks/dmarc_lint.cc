#include <array>
#include <utility>

#include "checks/dmarc_finding.h"
#include "checks/spf_finding.h"
#include "core/text.h"

namespace maildiag::checks::dmarc {

namespace {

struct FaultText {
  Fault fault;
  const char* id;
  Severity severity;
};
constexpr std::array fault_texts{
    FaultText{Fault::syntax, "dmarc.syntax", Severity::warning},
    FaultText{Fault::duplicate, "dmarc.duplicate-tag", Severity::warning},
    FaultText{Fault::too_many, "dmarc.too-many-tags", Severity::warning},
    FaultText{Fault::version_case, "dmarc.version-case", Severity::warning},
    FaultText{Fault::tag_case, "dmarc.tag-case", Severity::warning},
    FaultText{Fault::unknown_tag, "dmarc.unknown-tag", Severity::warning},
    FaultText{Fault::withdrawn_tag, "dmarc.withdrawn-tag", Severity::info},
    FaultText{Fault::withdrawn_pct, "dmarc.withdrawn-pct", Severity::warning},
    FaultText{Fault::bad_policy, "dmarc.bad-policy", Severity::warning},
    FaultText{Fault::bad_value, "dmarc.bad-value", Severity::warning},
    FaultText{Fault::bad_uri, "dmarc.bad-uri", Severity::warning},
    FaultText{Fault::uri_scheme, "dmarc.uri-scheme", Severity::info},
    FaultText{Fault::report_size, "dmarc.report-size", Severity::info},
    FaultText{Fault::too_many_uris, "dmarc.too-many-uris", Severity::warning},
};

class Lint {
 public:
  Lint(const DmarcReport& report, const PublicSuffixes* suffixes, std::vector<Finding>& findings)
      : report_(report), suffixes_(suffixes), findings_(findings) {}

  void run() {
    for (const auto& step : report_.walk.steps) judge_step(step);
    if (report_.record() == nullptr) return;
    judge_text(*report_.record());
    judge_policies(*report_.record());
    judge_reports(*report_.record());
    judge_place(*report_.record());
  }

 private:
  Finding& add(std::string id, Severity severity, const DomainName& domain) {
    return findings_.emplace_back(make_finding(std::move(id), severity, domain));
  }
  Finding& add(std::string id, Severity severity) {
    return add(std::move(id), severity, *report_.found_at);
  }

  /// What stands at a name of the walk and does not count.
  void judge_step(const Step& step) {
    if (!step.several.empty()) {
      auto& finding = add("dmarc.several-records", Severity::critical, step.domain);
      finding.data.set("count", step.several.size()).set("name", step.holder().to_string());
      finding.evidence.push_back(dns::to_evidence(step.answer));
    }
    if (step.above_zones)
      add("dmarc.above-zones", Severity::info, report_.domain)
          .data.set("name", step.name.to_string());
    if (!step.near_records.empty() && !step.record && step.several.empty()) {
      auto& finding = add("dmarc.ignored-record", Severity::critical, step.domain);
      finding.data.set("name", step.holder().to_string());
      finding.data.set("record", spf::shown(step.near_records.front()));
      finding.evidence.push_back(dns::to_evidence(step.answer));
    }
    // A psd=y record above the organizational domain is a registry's, not unused.
    const bool in_use = step.domain == report_.found_at ||
                        step.domain == report_.organizational_domain ||
                        (step.record && step.record->psd == Psd::yes);
    if (step.record && !in_use && report_.organizational_domain) {
      auto& finding = add("dmarc.unused-record", Severity::info, report_.domain);
      finding.data.set("name", step.name.to_string());
      finding.data.set("found_at", report_.found_at ? report_.found_at->to_string() : "");
    }
  }

  void judge_text(const Record& record) {
    std::size_t count = 0;
    for (const auto& problem : record.problems) {
      if (++count > max_lint_findings) return;
      for (const auto& text : fault_texts) {
        if (text.fault != problem.fault) continue;
        auto& finding = add(text.id, text.severity);
        finding.data.set("tag", spf::shown(problem.tag));
        finding.data.set("right_tag", text::ascii_lower(finding.data["tag"].as_string()));
        finding.data.set("value", spf::shown(problem.text, max_shown));
      }
    }
  }

  void judge_policies(const Record& record) {
    if (!record.has_p) {
      add("dmarc.missing-p", Severity::warning).data.set("record", spf::shown(record.text));
    } else if (!record.p_is_second) {
      add("dmarc.p-not-second", Severity::info).data.set("record", spf::shown(record.text));
    }
    if (record.test_mode && report_.published && *report_.published != Policy::none) {
      add("dmarc.test-mode", Severity::info)
          .data.set("published_policy", to_string(*report_.published))
          .set("policy", to_string(*report_.policy));
    }
    if (!record.has_valid_policies()) return;
    for (const auto& [tag, policy] : {std::pair("sp", record.sp), std::pair("np", record.np)}) {
      if (!policy || report_.organizational_domain != report_.found_at) continue;
      if (*policy < *record.p) {
        add("dmarc.weaker-subdomains", Severity::warning)
            .data.set("tag", tag)
            .set("value", to_string(*policy))
            .set("policy", to_string(*record.p));
      }
    }
  }

  void judge_reports(const Record& record) {
    if (!record.has_reports("rua")) add("dmarc.no-reports", Severity::info);
    if (record.has_fo && !record.has_reports("ruf")) add("dmarc.fo-without-ruf", Severity::info);
  }

  void judge_place(const Record& record) {
    const bool below = report_.organizational_domain && report_.level == Level::author &&
                       *report_.organizational_domain != report_.domain;
    if (below && record.psd == Psd::undeclared && (record.has_sp || record.has_np)) {
      add("dmarc.sp-ignored", Severity::info)
          .data.set("organizational_domain", report_.organizational_domain->to_string());
    }
    if (record.psd == Psd::yes && suffixes_ != nullptr && !suffixes_->is_suffix(*report_.found_at))
      add("dmarc.psd-not-suffix", Severity::warning);
  }

  const DmarcReport& report_;
  const PublicSuffixes* suffixes_;
  std::vector<Finding>& findings_;
};

}  // namespace

void add_lint(const DmarcReport& report, const PublicSuffixes* suffixes,
              std::vector<Finding>& findings) {
  Lint(report, suffixes, findings).run();
}

}  // namespace maildiag::checks::dmarc
