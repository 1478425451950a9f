#include "checks/returned_auth.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "checks/dkim_message.h"
#include "checks/message_auth_finding.h"
#include "core/text.h"

namespace maildiag::checks {

using namespace message_auth;

namespace {

/// What all identifiers of one mechanism come to: one pass is enough.
Standing standing_of(const MessageAuth& auth, std::string_view method) {
  if (method == "spf" && auth.spf) {
    const auto evaluated = auth.spf->evaluation->result;
    if (evaluated == SpfResult::pass) return Standing::pass;
    return evaluated == SpfResult::temperror ? Standing::temperror : Standing::fail;
  }
  auto result = Standing::fail;
  for (const auto& identifier : auth.identifiers) {
    if (identifier.method != method || identifier.standing == Standing::fail) continue;
    if (identifier.standing == Standing::pass) return Standing::pass;
    if (result != Standing::open) result = identifier.standing;
  }
  return result;
}

void add_state(const MessageAuth& auth, std::string id, Severity severity,
               std::vector<Finding>& findings) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  if (!auth.authors.domains.empty()) finding.subject = auth.authors.domains.front().to_string();
  finding.data.set("mechanisms", mechanisms_text(auth));
  if (severity == Severity::critical) finding.data.set("because", reasons_among(findings));
  if (auth.spf) {
    const auto& evidence = auth.spf->evaluation->evidence;
    finding.evidence.insert(finding.evidence.end(), evidence.begin(), evidence.end());
  }
  if (auth.dkim) {
    for (const auto& signature : auth.dkim->signatures) {
      std::copy(signature.evidence.begin(), signature.evidence.end(),
                std::back_inserter(finding.evidence));
    }
  }
  findings.push_back(std::move(finding));
}

void add_dkim_state(const MessageAuth& auth, std::vector<Finding>& findings) {
  const auto dkim = standing_of(auth, "dkim");
  if (dkim == Standing::pass) add_state(auth, "auth.dkim-pass", Severity::ok, findings);
  if (dkim == Standing::fail) add_state(auth, "auth.dkim-fail", Severity::critical, findings);
}

void add_both_states(const MessageAuth& auth, std::vector<Finding>& findings) {
  const auto spf = standing_of(auth, "spf"), dkim = standing_of(auth, "dkim");
  const bool spf_passes = spf == Standing::pass, dkim_passes = dkim == Standing::pass;
  if (spf_passes && dkim_passes) {
    add_state(auth, "auth.both", Severity::ok, findings);
  } else if ((spf_passes && dkim == Standing::fail) || (dkim_passes && spf == Standing::fail)) {
    add_state(auth, "auth.one-only", Severity::warning, findings);
  } else if (spf == Standing::fail && dkim == Standing::fail) {
    add_state(auth, "auth.none", Severity::critical, findings);
  } else if (spf == Standing::fail && dkim == Standing::open) {
    add_state(auth, "auth.no-spf", Severity::critical, findings);
  }
}

}  // namespace

Task<std::vector<Finding>> check_returned_dkim(Context context, std::string octets,
                                               MessageRequest request) {
  auto auth = co_await evaluate_signatures(context, std::move(octets), std::move(request));
  if (!auth) co_return std::vector<Finding>();
  auto findings = std::move(auth->findings);
  add_dkim_state(*auth, findings);
  co_return findings;
}

Task<std::vector<Finding>> check_returned_message(Context context, std::string octets,
                                                  DomainName author, MessageRequest request) {
  if (request.copy != Copy::none) {
    auto auth = co_await evaluate_message(context, std::move(octets), request);
    if (auth && !auth->authors.domains.empty()) {
      auto findings = std::move(auth->findings);
      add_dkim_state(*auth, findings);
      add_both_states(*auth, findings);
      co_return findings;
    }
  }
  auto auth = co_await evaluate_envelope(context, std::move(author), std::move(request));
  auto findings = std::move(auth.findings);
  add_both_states(auth, findings);
  co_return findings;
}

bool may_precede_signing(std::string_view octets) {
  const auto message = dkim::read_message(octets);
  if (!message) return false;
  const auto& fields = message->fields;
  const auto received = std::find_if(fields.begin(), fields.end(),
                                     [](const auto& field) { return field.name == "received"; });
  if (received == fields.end()) return false;
  return text::contains_ignore_case(received->value(), "(exim") ||
         text::contains_ignore_case(received->value(), "(qmail");
}

}  // namespace maildiag::checks
