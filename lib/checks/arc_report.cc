#include "checks/arc_report.h"

#include <utility>

#include "checks/dkim_finding.h"

namespace maildiag::checks {

namespace {

Value optional_bool(const std::optional<bool>& value) {
  return value ? Value(*value) : Value();
}

Value to_value(const DkimSignature& signature, bool tried) {
  auto value = Value::object({{"domain", signature.domain},
                              {"selector", signature.selector},
                              {"algorithm", signature.algorithm}});
  const bool judged = tried || !signature.problems.empty();
  value.set("result", judged ? Value(to_string(signature.result)) : Value());
  value.set("reason", signature.problems.empty() ? Value() : Value(signature.problems.front()));
  value.set("header_matches", optional_bool(signature.header_matches));
  if (signature.time) value.set("time", *signature.time);
  value.set("bits", signature.key.bits);
  return value;
}

Value to_value(const ArcSet& set) {
  auto message = to_value(set.message, set.tried);
  message.set("canonicalization", set.message.canonicalization);
  message.set("signed_fields", Value::strings(set.message.signed_fields));
  message.set("body_matches", optional_bool(set.message.body_matches));
  return Value::object({{"instance", set.instance},
                        {"sealer", set.seal.domain},
                        {"cv", set.chain_status},
                        {"results", set.results},
                        {"message_signature", std::move(message)},
                        {"seal", to_value(set.seal, set.tried)}});
}

}  // namespace

std::string_view to_string(ArcStatus status) {
  switch (status) {
    case ArcStatus::none:
      return "none";
    case ArcStatus::pass:
      return "pass";
    case ArcStatus::fail:
      return "fail";
    case ArcStatus::unknown:
      break;
  }
  return "unknown";
}

Value ArcReport::to_value() const {
  Value list = Value::array();
  for (const auto& set : sets) list.push(checks::to_value(set));
  return Value::object({{"chain_validation", to_string(status)},
                        {"reason", reason.empty() ? Value() : Value(reason)},
                        {"oldest_pass", oldest_pass ? Value(*oldest_pass) : Value()},
                        {"sets", std::move(list)}});
}

namespace arc {

namespace {

Finding set_finding(std::string id, Severity severity, const ArcReport& report, int instance) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  finding.data.set("instance", instance);
  finding.data.set("count", report.sets.size());
  finding.data.set("limit", max_arc_sets);
  for (const auto& set : report.sets) {
    if (set.instance != instance) continue;
    finding.subject = set.seal.domain;
    finding.data.set("cv", set.chain_status);
    finding.data.set("missing", set.missing);
    finding.data.set("surplus", set.surplus);
  }
  finding.data.set("domain", finding.subject);
  return finding;
}

/// The finding of a signature that decides.
Finding signature_finding(const char* id, Severity severity, const ArcReport& report,
                          const ArcSet& set, const DkimSignature& signature) {
  auto finding = set_finding(id, severity, report, set.instance);
  finding.data.set("domain", signature.domain);
  finding.data.set("selector", signature.selector);
  finding.data.set("reason", signature.problems.empty() ? "" : signature.problems.front());
  finding.evidence = signature.evidence;
  return finding;
}

void settle(ArcReport& report, ArcStatus status, Finding finding) {
  report.status = status;
  report.reason = finding.id;
  report.findings.insert(report.findings.begin(), std::move(finding));
}

/// Step 5; also where older signatures could not be judged.
void find_oldest_pass(ArcReport& report) {
  for (auto i = report.sets.size() - 1; i-- > 0;) {
    const auto& set = report.sets[i];
    const auto result = set.message.result;
    if (result == DkimResult::pass) continue;
    const bool judged = result != DkimResult::temperror &&
                        set.message.problems.front() != "arc.signature-not-tried";
    if (!judged) return;
    report.oldest_pass = set.instance + 1;
    auto finding =
        signature_finding("arc.message-changed", Severity::info, report, set, set.message);
    finding.data.set("next", report.sets[i + 1].seal.domain);
    report.findings.push_back(std::move(finding));
    return;
  }
  report.oldest_pass = 0;
}

/// Step 6, from the newest seal on; what is definite goes before what was not answered.
void judge_signatures(ArcReport& report) {
  const auto& newest = report.sets.back();
  const ArcSet* unanswered = nullptr;
  const DkimSignature* unanswered_signature = nullptr;
  const auto judge = [&](const ArcSet& set, const DkimSignature& signature, const char* id) {
    if (signature.result == DkimResult::temperror && unanswered == nullptr) {
      unanswered = &set;
      unanswered_signature = &signature;
    }
    if (signature.result == DkimResult::pass || signature.result == DkimResult::temperror)
      return false;
    settle(report, ArcStatus::fail,
           signature_finding(id, Severity::warning, report, set, signature));
    return true;
  };
  if (judge(newest, newest.message, "arc.message-signature-broken")) return;
  for (auto set = report.sets.rbegin(); set != report.sets.rend(); ++set) {
    const bool lists =
        !set->seal.problems.empty() && set->seal.problems.front() == "arc.seal-lists-fields";
    if (judge(*set, set->seal, lists ? "arc.seal-lists-fields" : "arc.seal-broken")) return;
  }
  if (unanswered != nullptr)
    return settle(report, ArcStatus::unknown,
                  signature_finding("arc.key-unanswered", Severity::unknown, report, *unanswered,
                                    *unanswered_signature));
  report.status = ArcStatus::pass;
  report.findings.insert(report.findings.begin(),
                         set_finding("arc.valid", Severity::ok, report, newest.instance));
}

}  // namespace

void decide(const std::optional<StructureFault>& fault, const Chain& chain, ArcReport& report) {
  if (chain.empty()) return;
  for (const auto& set : report.sets) {
    if (set.covers_arc)
      report.findings.push_back(
          set_finding("arc.covers-own-fields", Severity::info, report, set.instance));
  }
  if (fault) {
    auto finding = set_finding(fault->id, Severity::warning, report, fault->instance);
    finding.data.set("field", chain.bad_field);
    return settle(report, ArcStatus::fail, std::move(finding));
  }
  if (report.sets.back().message.result == DkimResult::pass) find_oldest_pass(report);
  judge_signatures(report);
}

}  // namespace arc
}  // namespace maildiag::checks
