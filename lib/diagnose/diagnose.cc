#include "diagnose/diagnose.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "diagnose/run_checks.h"
#include "diagnose/says_later.h"
#include "diagnose/subject.h"
#include "diagnose/verdict.h"

namespace maildiag::diagnose {

namespace {

/// What is worth a look about any sender when the reply's own cause is not the answer: DNS only,
/// nothing that knocks at doors.
const std::vector<std::string>& cheap_checks() {
  static const std::vector<std::string> ids{"ptr", "sender-domain", "spf", "dnsbl-ip"};
  return ids;
}

bool is_permanent(const rulebook::Match& match, const rulebook::Cause& cause,
                  const bounce::DeliveryFailure& failure) {
  if (match.rule != nullptr && match.rule->permanent) return *match.rule->permanent;
  if (failure.reply.code != 0) return failure.reply.code >= 500;
  if (!failure.reply.status.empty()) return failure.reply.status.front() != '4';
  // Who refuses an unknown user for good may still write "try again later" below it.
  if (cause.passes && says_later(failure.reply.text)) return false;
  return failure.action != bounce::Action::delayed;
}

/// Behind the last '@'; empty where there is none.
std::string_view domain_part(std::string_view address) {
  const auto at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

rulebook::ReplyView view_of(const bounce::DeliveryFailure& failure) {
  rulebook::ReplyView view;
  view.code = failure.reply.code;
  // Exchange reports a delay with 4.4.7, "delivery time expired" (RFC 3463 section 3.5): it goes on
  // trying (RFC 3464 section 2.3.3), so nothing has expired.
  const bool goes_on = failure.action == bounce::Action::delayed && failure.reply.status == "4.4.7";
  if (!goes_on) view.status = failure.reply.status;
  view.text = failure.reply.text;
  view.remote_host = failure.remote_host;
  view.recipient_domain = domain_part(failure.recipient);
  view.sender_domain = domain_part(failure.sender);
  return view;
}

int badness(const Finding& finding) {
  switch (finding.severity) {
    case Severity::critical:
      return 0;
    case Severity::unknown:
      return 1;
    case Severity::warning:
      return 2;
    case Severity::info:
      return 3;
    case Severity::ok:
      break;
  }
  return 4;
}

std::vector<std::string> strings(rulebook::Strings views) {
  return {views.begin(), views.end()};
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::confirmed:
      return "confirmed";
    case Verdict::refuted:
      return "refuted";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::untestable:
      break;
  }
  return "untestable";
}

Classification classify(const rulebook::Rulebook& rulebook, const bounce::DeliveryFailure& failure,
                        const ClassifyOptions& options) {
  auto view = view_of(failure);
  view.winner_only = options.winner_only;
  // What is still tried has not expired, though its notice says "not delivered after 4 hours".
  if (failure.action == bounce::Action::delayed) view.except_cause = "expired";
  Classification result;
  result.match = options.bulk != nullptr ? options.bulk->match(view) : rulebook.match(view);
  result.cause =
      rulebook.cause(result.match.rule != nullptr ? result.match.rule->cause : "unclassified");
  if (result.cause == nullptr) throw std::logic_error("the rulebook has no cause `unclassified`");
  result.permanent = is_permanent(result.match, *result.cause, failure);
  return result;
}

Diagnosis not_checked(Classification classification) {
  Diagnosis diagnosis;
  diagnosis.match = std::move(classification.match);
  diagnosis.cause = classification.cause;
  diagnosis.permanent = classification.permanent;
  diagnosis.reason = "verdict.not-checked";
  return diagnosis;
}

Task<Diagnosis> investigate(checks::Context context, Classification classification,
                            Subject subject) {
  auto diagnosis = not_checked(std::move(classification));
  CheckRun run;
  co_await run_checks(context, subject, strings(diagnosis.cause->checks), run);
  auto decision = decide(*diagnosis.cause, diagnosis.match, run.findings, run.missing);
  for (const auto index : decision.deciding) run.findings[index].decisive = true;
  if (decision.verdict != Verdict::confirmed)
    co_await run_checks(context, subject, cheap_checks(), run);
  diagnosis.cause = &refine(context.rulebook, *diagnosis.cause, decision);
  diagnosis.verdict = decision.verdict;
  if (decision.verdict != Verdict::refuted)
    co_await run_checks(context, subject, strings(diagnosis.cause->advice), run);
  diagnosis.reason = std::move(decision.reason);
  diagnosis.decided_by = std::move(decision.decided_by);
  diagnosis.findings = std::move(run.findings);
  std::stable_sort(diagnosis.findings.begin(), diagnosis.findings.end(),
                   [](const Finding& a, const Finding& b) { return badness(a) < badness(b); });
  diagnosis.alternatives =
      find_alternatives(context.rulebook, *diagnosis.cause, diagnosis.verdict, diagnosis.findings);
  co_return diagnosis;
}

}  // namespace maildiag::diagnose
