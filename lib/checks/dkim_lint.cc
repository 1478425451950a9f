#include "checks/dkim_lint.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "checks/dkim_finding.h"
#include "core/text.h"

namespace maildiag::checks::dkim {

namespace {

/// Clocks differ; a signature from further ahead is a fault of the signer.
constexpr std::int64_t clock_tolerance = 600;

std::string joined(const std::vector<std::string>& items) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : ", ") + item;
  return all;
}

std::string time_text(std::int64_t seconds) {
  constexpr std::int64_t last = 253402300799;  // of the year 9999
  return to_rfc3339(std::chrono::system_clock::from_time_t(std::min(seconds, last)));
}

/// Members that the texts of a signature's findings use.
Finding signature_finding(std::string id, Severity severity, const DkimSignature& signature,
                          const SignatureTimes& times) {
  auto finding = make_finding(std::move(id), severity, signature.domain, signature.selector);
  finding.data.set("identity", signature.identity);
  finding.data.set("algorithm", signature.algorithm);
  finding.data.set("at", signature.fault_at);
  finding.data.set("record", signature.key.record).set("mended", signature.key.mended);
  finding.data.set("type", signature.key.type);
  finding.data.set("bits", signature.key.bits);
  finding.data.set("cname", signature.key.cname);
  finding.data.set("expires", signature.expires ? time_text(*signature.expires) : "");
  finding.data.set("time", signature.time ? time_text(*signature.time) : "");
  finding.data.set("received", time_text(times.received));
  finding.data.set("fields", joined(signature.signed_fields));
  finding.evidence = signature.evidence;
  return finding;
}

void add_notes(const DkimSignature& signature, const SignatureTimes& times,
               std::vector<Finding>& findings) {
  const auto add = [&](const char* id, Severity severity) -> Value& {
    findings.push_back(signature_finding(id, severity, signature, times));
    return findings.back().data;
  };
  if (signature.unsigned_octets > 0) {
    add("dkim.body-tail-unsigned", Severity::warning).set("octets", signature.unsigned_octets);
  } else if (signature.length) {
    add("dkim.body-length", Severity::info);
  }
  if (!signature.unprotected.empty())
    add("dkim.fields-unprotected", Severity::warning)
        .set("unprotected", joined(signature.unprotected));
  if (signature.names_nothing) add("dkim.empty-field-name", Severity::warning);
  if (signature.time && times.today && *signature.time > *times.today + clock_tolerance) {
    add("dkim.signed-in-future", Severity::warning);
  } else if (signature.time && *signature.time > times.received + clock_tolerance) {
    add("dkim.signed-after-received", Severity::warning);
  }
  if (signature.expires && times.today && *signature.expires >= times.received &&
      *signature.expires < *times.today)
    add("dkim.expired-since", Severity::info);
  if (signature.key.disclosed && signature.key.problem != "key-private")
    add("dkim.key-private-beside", Severity::critical);
  if (signature.key.testing) add("dkim.signature-testing", Severity::info);
  if (signature.key.type == "rsa" && signature.key.bits >= least_rsa_bits &&
      signature.key.bits < advised_rsa_bits)
    add("dkim.key-short", Severity::warning);
}

Severity severity_of(const DkimSignature& signature, bool decided) {
  if (signature.result == DkimResult::temperror) return Severity::unknown;
  return decided ? Severity::warning : Severity::critical;
}

}  // namespace

std::vector<Finding> lint_key(const KeyRecord& record, std::string_view domain,
                              std::string_view selector) {
  std::vector<Finding> findings;
  const auto add = [&](const char* id, Severity severity) -> Value& {
    auto finding = make_finding(id, severity, domain, selector);
    finding.data.set("type", shown(record.type));
    finding.data.set("bits", record.key ? record.key->bits() : 0);
    findings.push_back(std::move(finding));
    return findings.back().data;
  };
  if (record.key && record.key->type() == KeyType::rsa && record.key->bits() >= least_rsa_bits &&
      record.key->bits() < advised_rsa_bits)
    add("dkim.key-short", Severity::warning);
  if (record.key && record.key->is_pkcs1()) add("dkim.key-pkcs1", Severity::warning);
  if (record.testing) add("dkim.key-testing", Severity::warning);
  if (record.space_at_end) add("dkim.key-space-at-end", Severity::info);
  if (!record.obsolete.empty())
    add("dkim.key-obsolete-tag", Severity::info).set("at", joined(record.obsolete));
  return findings;
}

std::vector<Finding> lint_signatures(const Message& message, const DkimMessageReport& report,
                                     const SignatureTimes& times) {
  std::vector<Finding> findings;
  if (report.signatures.empty()) {
    Finding finding;
    finding.id = "dkim.no-signature";
    finding.severity = Severity::warning;
    const auto from = std::find_if(message.fields.begin(), message.fields.end(),
                                   [](const HeaderField& field) { return field.name == "from"; });
    if (from != message.fields.end()) finding.subject = shown(text::collapse_spaces(from->value()));
    findings.push_back(std::move(finding));
  }
  // One good signature is enough (RFC 6376 section 6.1), and one unanswered may have been it.
  const bool decided = std::any_of(
      report.signatures.begin(), report.signatures.end(), [](const DkimSignature& signature) {
        return signature.result == DkimResult::pass || signature.result == DkimResult::temperror;
      });
  for (const auto& signature : report.signatures) {
    if (signature.result == DkimResult::pass)
      findings.push_back(signature_finding("dkim.signature-valid", Severity::ok, signature, times));
    for (const auto& problem : signature.problems)
      findings.push_back(
          signature_finding(problem, severity_of(signature, decided), signature, times));
    for (const auto& change : signature.changes) {
      auto finding = make_finding(change.id, Severity::info, signature.domain, signature.selector);
      for (const auto& [key, value] : change.data.as_object()) finding.data.set(key, value);
      findings.push_back(std::move(finding));
    }
    add_notes(signature, times, findings);
  }
  if (report.ignored > 0) {
    auto finding = make_finding("dkim.too-many-signatures", Severity::warning, "", "");
    finding.data.set("count", report.signatures.size() + report.ignored);
    finding.data.set("limit", max_dkim_signatures);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace maildiag::checks::dkim
