#include "checks/message_auth_finding.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "checks/dkim_finding.h"
#include "checks/dmarc_finding.h"
#include "checks/spf_finding.h"

namespace maildiag::checks::message_auth {

namespace {

/// Findings of DKIM, without their area.
constexpr std::array<std::string_view, 4> content_problems{"body-changed", "body-too-short",
                                                           "header-changed", "signature-mismatch"};

std::string_view area_of(std::string_view id) {
  return id.substr(0, id.find('.'));
}

bool is_content_problem(std::string_view id) {
  return area_of(id) == "dkim" && std::find(content_problems.begin(), content_problems.end(),
                                            id.substr(dkim::prefix)) != content_problems.end();
}

Finding make_finding(std::string id, Severity severity, std::string subject) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  finding.subject = std::move(subject);
  return finding;
}

/// What a domain can publish for itself while its own mail is being put right: what counts of its
/// record, with the policy set to none. Below another domain's record one of its own (RFC 9989
/// section 4.10.1), so that the policy of all the others stays, as sp= keeps that of the domains
/// below, which follow p= without it; a registry's report addresses are not for it.
std::string monitoring_record(const DmarcReport& policy) {
  constexpr std::array<std::string_view, 4> of_the_organization{"sp", "np", "psd", "t"};
  std::string result = "v=DMARC1; p=none";
  const auto& record = *policy.record();
  const auto level = policy.level;
  if (level == dmarc::Level::public_suffix) return result;
  // Below an organization's domain sp= means nothing.
  const bool decides_below = level == dmarc::Level::author && record.has_valid_policies() &&
                             policy.organizational_domain.value_or(policy.domain) == policy.domain;
  if (decides_below && !record.has_sp && *record.p != dmarc::Policy::none)
    result.append("; sp=").append(to_string(*record.p));
  for (const auto& tag : record.tags) {
    const bool left_out = level == dmarc::Level::organization &&
                          std::find(of_the_organization.begin(), of_the_organization.end(),
                                    tag.name) != of_the_organization.end();
    if (tag.name != "p" && !left_out) result.append("; " + tag.name + "=" + tag.value);
  }
  return spf::shown(result, dmarc::max_shown_record);
}

/// What is published, not what it comes to: "p=reject; t=y".
std::string asked_text(const DmarcReport& report) {
  if (!report.published || report.policy_tag.empty()) return {};
  auto text = fmt::format("{}={}", report.policy_tag, dmarc::to_string(*report.published));
  return report.record()->test_mode ? text + "; t=y" : text;
}

class Writer {
 public:
  Writer(const MessageAuth& auth, const std::optional<SpfReport>& author_spf, bool maybe_unsigned)
      : auth_(auth), author_spf_(author_spf), maybe_unsigned_(maybe_unsigned) {}

  std::vector<Finding> write() {
    add_authors();
    for (const auto& verdict : auth_.verdicts) add_verdict(verdict);
    if (auth_.spf) add_all(auth_.spf->findings);
    add_helo();
    add_signatures();
    for (const auto& verdict : auth_.verdicts) add_policy(verdict);
    for (auto& finding : findings_) {
      if (finding.id == "auth.dmarc-fail") finding.data.set("because", reasons_among(findings_));
    }
    soften();
    return std::move(findings_);
  }

 private:
  Value& add(std::string id, Severity severity, std::string subject) {
    return findings_.emplace_back(make_finding(std::move(id), severity, std::move(subject))).data;
  }
  void add_all(const std::vector<Finding>& findings) {
    findings_.insert(findings_.end(), findings.begin(), findings.end());
  }

  void add_authors() {
    if (auth_.copy == Copy::none) return;
    const auto& authors = auth_.authors;
    std::vector<std::string> addresses, domains;
    for (const auto& mailbox : authors.mailboxes) addresses.push_back(dkim::shown(mailbox.address));
    for (const auto& domain : authors.domains) domains.push_back(domain.to_string());
    const auto describe = [&](Value& data) {
      data.set("count", authors.fields).set("addresses", Value::strings(addresses));
      data.set("domains", Value::strings(domains)).set("limit", max_author_domains);
    };
    const auto subject = addresses.empty() ? std::string() : addresses.front();
    if (authors.fields > 1) describe(add("auth.several-from", Severity::critical, subject));
    if (domains.empty()) describe(add("auth.no-author", Severity::critical, subject));
    if (domains.size() > 1) describe(add("auth.several-authors", Severity::critical, subject));
    if (authors.fields > 0 && !authors.valid)
      describe(add("auth.from-syntax", Severity::warning, subject));
  }

  void add_verdict(const AuthorVerdict& verdict) {
    switch (verdict.result) {
      case DmarcResult::pass:
        describe(add_about(verdict, "auth.dmarc-pass", Severity::ok), verdict);
        break;
      case DmarcResult::fail:
        add_failure(verdict);
        break;
      case DmarcResult::temperror:
        describe(add_about(verdict, "auth.dmarc-unknown", Severity::unknown), verdict);
        break;
      case DmarcResult::undecided:
        describe(add_about(verdict, "auth.dmarc-undecided", Severity::info), verdict);
        break;
      case DmarcResult::none:       // dmarc.missing, .none-counts, .dangling-alias
      case DmarcResult::permerror:  // dmarc.not-applied
        break;
    }
    const auto& old = verdict.policy.rfc7489;
    if (!verdict.rfc7489 || *verdict.rfc7489 == verdict.result || !old) return;
    auto& data = add_about(verdict, "auth.dmarc-rfc7489", Severity::info);
    data.set("result", to_string(verdict.result)).set("old_result", to_string(*verdict.rfc7489));
    data.set("old_policy", old->policy ? dmarc::to_string(*old->policy) : std::string_view("none"));
    data.set("old_organizational_domain", old->organizational_domain.to_string());
  }

  Value& add_about(const AuthorVerdict& verdict, std::string id, Severity severity) {
    auto& data = add(std::move(id), severity, verdict.policy.domain.to_string());
    data.set("author", verdict.policy.domain.to_string());
    return data;
  }

  void describe(Value& data, const AuthorVerdict& verdict) const {
    const auto& policy = verdict.policy;
    data.set("mechanisms", mechanisms_text(auth_));
    data.set("policy", policy.policy ? dmarc::to_string(*policy.policy) : std::string_view());
    data.set("tag", policy.policy_tag);
    data.set("found_at", policy.found_at ? policy.found_at->to_string() : std::string());
    const auto* record = policy.record();
    if (record == nullptr) return;
    data.set("record", spf::shown(record->text, dmarc::max_shown_record));
    data.set("asked", asked_text(policy));
    // Not where an alias leads: other domains may be led there, too, and be lowered with it.
    data.set("publish_at", "_dmarc." + policy.domain.to_string());
    data.set("monitoring_record", monitoring_record(policy));
  }

  void add_failure(const AuthorVerdict& verdict) {
    const bool asks = verdict.disposition.value_or(dmarc::Policy::none) != dmarc::Policy::none;
    describe(add_about(verdict, asks ? "auth.dmarc-fail" : "auth.dmarc-fail-none",
                       asks ? Severity::critical : Severity::warning),
             verdict);
    for (const auto& finding : verdict.policy.findings) {
      if (!finding.evidence.empty()) {
        findings_.back().evidence = finding.evidence;
        break;
      }
    }
    if (auth_.authors.domains.size() > 1) return;
    for (std::size_t i = 0; i < auth_.identifiers.size(); ++i)
      add_unaligned(verdict, auth_.identifiers[i], verdict.alignments[i]);
  }

  void add_unaligned(const AuthorVerdict& verdict, const Identifier& identifier,
                     const dmarc::Alignment& alignment) {
    if (alignment.aligned || !alignment.known) return;
    if (identifier.method == "spf") return add_unaligned_spf(verdict, identifier);
    if (identifier.standing != Standing::pass) return;
    const auto& key = auth_.dkim->signatures[*identifier.signature].key;
    const auto author = verdict.policy.domain.to_string();
    auto& data = add_about(verdict, "auth.dkim-unaligned", Severity::warning);
    data.set("domain", identifier.domain).set("selector", identifier.selector);
    data.set("name", identifier.selector + "._domainkey." + author).set("record", key.record);
  }

  void add_unaligned_spf(const AuthorVerdict& verdict, const Identifier& identifier) {
    std::string suggestion;
    if (author_spf_) {
      const auto& evaluation = *author_spf_->evaluation;
      if (evaluation.result == SpfResult::pass) {
        suggestion = spf::shown(evaluation.record, spf::max_shown_record);
      } else if (!author_spf_->findings.empty()) {
        suggestion = author_spf_->findings.front().data["suggestion"].as_string();
      }
    }
    auto& data =
        add_about(verdict, suggestion.empty() ? "auth.spf-unaligned" : "auth.spf-unaligned-record",
                  Severity::warning);
    data.set("domain", spf::shown(identifier.domain));
    data.set("result", to_string(auth_.spf ? auth_.spf->evaluation->result : SpfResult::none));
    data.set("ip", auth_.envelope.ip ? auth_.envelope.ip->to_string() : std::string());
    data.set("suggestion", suggestion);
  }

  void add_helo() {
    if (!auth_.spf_helo) return;
    const auto& evaluation = *auth_.spf_helo->evaluation;
    const bool unknown = evaluation.result == SpfResult::temperror;
    if (!unknown && evaluation.result != SpfResult::fail &&
        evaluation.result != SpfResult::softfail && evaluation.result != SpfResult::permerror)
      return;
    auto& data =
        add(unknown ? "auth.helo-unknown" : "auth.helo-fail",
            unknown ? Severity::unknown : Severity::warning, spf::shown(evaluation.identity));
    data.set("helo", spf::shown(evaluation.identity)).set("result", to_string(evaluation.result));
    data.set("ip", auth_.envelope.ip->to_string());
    data.set("mechanism", spf::shown(evaluation.mechanism.empty() ? evaluation.problem.term
                                                                  : evaluation.mechanism));
    findings_.back().evidence = evaluation.evidence;
  }

  void add_signatures() {
    if (!auth_.dkim) return;
    const bool exact = auth_.copy == Copy::exact;
    for (const auto& finding : auth_.dkim->findings) {
      if (!exact && is_content_problem(finding.id)) continue;
      findings_.push_back(finding);
      if (finding.id != "dkim.no-signature" || !maybe_unsigned_) continue;
      findings_.back().id = "auth.returned-unsigned";
      findings_.back().severity = Severity::info;
    }
    for (const auto& identifier : auth_.identifiers) {
      if (exact || !identifier.signature || identifier.standing != Standing::open) continue;
      const auto& signature = auth_.dkim->signatures[*identifier.signature];
      const bool holds = auth_.copy == Copy::header && signature.header_matches.value_or(false);
      auto finding =
          dkim::make_finding(holds ? "auth.returned-header-holds" : "auth.returned-altered",
                             Severity::info, signature.domain, signature.selector);
      finding.evidence = signature.evidence;
      findings_.push_back(std::move(finding));
    }
  }

  /// Of the policy's own findings those that say why it has no effect or not the published one, or
  /// is not known.
  void add_policy(const AuthorVerdict& verdict) {
    const bool fails = verdict.result == DmarcResult::fail;
    std::copy_if(verdict.policy.findings.begin(), verdict.policy.findings.end(),
                 std::back_inserter(findings_), [fails](const Finding& finding) {
                   return finding.id == "dmarc.missing" || finding.id == "dmarc.none-counts" ||
                          finding.id == "dmarc.dangling-alias" ||
                          (fails && finding.id == "dmarc.test-mode") ||
                          finding.severity == Severity::critical ||
                          finding.severity == Severity::unknown;
                 });
  }

  /// What a mechanism failed at is no fault of a message that passes all the same, and does not
  /// hide that the whole is not known. Nor hangs a pass on what nobody answered.
  void soften() {
    const bool settled = auth_.dmarc == DmarcResult::fail || auth_.dmarc == DmarcResult::none ||
                         auth_.dmarc == DmarcResult::permerror;
    if (settled) return;
    for (auto& finding : findings_) {
      const bool whole = area_of(finding.id) == "auth";
      if (!whole && finding.severity == Severity::critical) finding.severity = Severity::warning;
      const bool open = finding.severity == Severity::unknown;
      if (auth_.dmarc != DmarcResult::pass || !open) continue;
      finding.severity = Severity::info;
      finding.data.set("unanswered", true);
    }
  }

  const MessageAuth& auth_;
  const std::optional<SpfReport>& author_spf_;
  bool maybe_unsigned_;
  std::vector<Finding> findings_;
};

}  // namespace

bool is_broken_by_content(const DkimSignature& signature) {
  return !signature.problems.empty() &&
         std::all_of(signature.problems.begin(), signature.problems.end(), is_content_problem);
}

Task<std::optional<SpfReport>> ask_author_spf(Context context, const MessageAuth& auth) {
  if (auth.dmarc != DmarcResult::fail || !auth.envelope.ip || auth.verdicts.size() != 1)
    co_return std::nullopt;
  const auto& verdict = auth.verdicts.front();
  const auto& alignment = verdict.alignments.front();  // of SPF, which always stands first
  if (alignment.aligned || !alignment.known) co_return std::nullopt;
  SpfRequest request;
  request.ip = *auth.envelope.ip;
  request.sender = "postmaster@" + verdict.policy.domain.to_string();
  request.helo = auth.envelope.helo;
  auto report = co_await check_spf(context, std::move(request));
  co_return report;
}

std::string mechanisms_text(const MessageAuth& auth) {
  std::string all;
  for (const auto& identifier : auth.identifiers) {
    std::string text;
    if (identifier.method == "spf") {
      const auto result = auth.spf ? to_string(auth.spf->evaluation->result) : "unknown";
      text = fmt::format("spf={}", result);
      if (!identifier.domain.empty())
        text += fmt::format(" smtp.mailfrom={}", spf::shown(identifier.domain));
    } else if (identifier.signature) {
      const auto& signature = auth.dkim->signatures[*identifier.signature];
      text = identifier.standing == Standing::open
                 ? "dkim=unknown"
                 : fmt::format("dkim={}", to_string(signature.result));
      if (!signature.problems.empty() && identifier.standing != Standing::open)
        text += fmt::format(" ({})", signature.problems.front().substr(dkim::prefix));
      text += fmt::format(" header.d={} header.s={}", signature.domain, signature.selector);
    } else {
      text = auth.dkim ? "" : "dkim=unknown";
    }
    if (text.empty()) continue;
    all += (all.empty() ? "" : "; ") + text;
  }
  if (!auth.dkim || !auth.dkim->signatures.empty()) return all;
  return all.empty() ? "dkim=none" : all + "; dkim=none";
}

Value reasons_among(const std::vector<Finding>& findings) {
  const bool spf_unaligned = std::any_of(
      findings.begin(), findings.end(),
      [](const Finding& finding) { return finding.id.starts_with("auth.spf-unaligned"); });
  auto ids = Value::array();
  for (const auto& finding : findings) {
    const bool trouble =
        finding.severity == Severity::warning || finding.severity == Severity::critical;
    const bool unaligned =
        finding.id.starts_with("auth.spf-unaligned") || finding.id == "auth.dkim-unaligned";
    // SPF of another domain is not what has to be put right.
    const bool mechanism =
        area_of(finding.id) == "dkim" || (area_of(finding.id) == "spf" && !spf_unaligned);
    if (trouble && (unaligned || mechanism)) ids.push(finding.id);
  }
  return ids;
}

bool decides_dmarc(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.id == "auth.dmarc-pass" || finding.id == "auth.dmarc-fail";
  });
}

std::vector<Finding> make_findings(const MessageAuth& auth,
                                   const std::optional<SpfReport>& author_spf,
                                   bool maybe_unsigned) {
  return Writer(auth, author_spf, maybe_unsigned).write();
}

}  // namespace maildiag::checks::message_auth
