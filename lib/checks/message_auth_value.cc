// The evaluation of a message as a value.

#include <utility>

#include "checks/dkim_finding.h"
#include "checks/message_auth.h"
#include "checks/spf_finding.h"

namespace maildiag::checks {

namespace {

Value spf_value(const std::optional<SpfReport>& report) {
  return report ? report->to_value() : Value();
}

Value envelope_value(const Envelope& envelope) {
  return Value::object(
      {{"ip", envelope.ip ? Value(envelope.ip->to_string()) : Value()},
       {"helo", spf::shown(envelope.helo)},
       {"sender", envelope.sender ? Value(dkim::shown(*envelope.sender)) : Value()}});
}

Value disposition_value(const std::optional<dmarc::Policy>& policy) {
  return policy ? Value(dmarc::to_string(*policy)) : Value();
}

Value identifier_value(const Identifier& identifier) {
  auto value = Value::object({{"method", identifier.method},
                              {"domain", spf::shown(identifier.domain)},
                              {"result", to_string(identifier.standing)}});
  if (identifier.method == "dkim") value.set("selector", identifier.selector);
  return value;
}

Value verdict_value(const AuthorVerdict& verdict, const std::vector<Identifier>& identifiers) {
  auto value = verdict.policy.to_value();
  auto list = Value::array();
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    auto entry = identifier_value(identifiers[i]);
    const auto& alignment = verdict.alignments[i];
    entry.set("aligned", alignment.known ? Value(alignment.aligned) : Value());
    list.push(std::move(entry));
  }
  value.set("result", to_string(verdict.result));
  value.set("disposition", disposition_value(verdict.disposition));
  value.set("identifiers", std::move(list));
  if (verdict.rfc7489) value.set("rfc7489_result", to_string(*verdict.rfc7489));
  return value;
}

}  // namespace

Value MessageAuth::to_value() const {
  auto from = Value::array(), list = Value::array();
  for (const auto& mailbox : authors.mailboxes) from.push(dkim::shown(mailbox.address));
  for (const auto& verdict : verdicts) list.push(verdict_value(verdict, identifiers));
  auto value = Value::object({{"dmarc", to_string(dmarc)},
                              {"disposition", disposition_value(disposition)},
                              {"from", std::move(from)},
                              {"authors", std::move(list)},
                              {"envelope", envelope_value(envelope)},
                              {"spf", spf_value(spf)},
                              {"spf_helo", spf_value(spf_helo)}});
  value.set("dkim", dkim ? dkim->to_value() : Value());
  return value;
}

}  // namespace maildiag::checks
