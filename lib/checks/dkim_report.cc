// Reports as values.

#include "checks/dkim.h"
#include "checks/dkim_finding.h"

namespace maildiag::checks {

namespace {

Value optional_bool(const std::optional<bool>& value) {
  return value ? Value(*value) : Value();
}

Value to_value(const DkimKey& key) {
  auto value = Value::object({{"domain", key.domain},
                              {"selector", key.selector},
                              {"type", key.type},
                              {"bits", key.bits},
                              {"valid", key.valid},
                              {"revoked", key.revoked},
                              {"testing", key.testing},
                              {"record", key.record}});
  if (!key.cname.empty()) value.set("cname", key.cname);
  if (!key.problem.empty()) value.set("problem", key.problem);
  return value;
}

Value to_value(const DkimSignature& signature) {
  auto value = Value::object({{"domain", signature.domain},
                              {"selector", signature.selector},
                              {"identity", signature.identity},
                              {"algorithm", signature.algorithm},
                              {"canonicalization", signature.canonicalization},
                              {"result", to_string(signature.result)}});
  value.set("reason",
            signature.problems.empty() ? "ok" : signature.problems.front().substr(dkim::prefix));
  Value problems = Value::array();
  for (const auto& problem : signature.problems) problems.push(problem.substr(dkim::prefix));
  value.set("problems", std::move(problems));
  Value changes = Value::array();
  for (const auto& change : signature.changes) {
    auto entry = Value::object({{"change", change.id.substr(dkim::prefix)}});
    for (const auto& [key, member] : change.data.as_object()) entry.set(key, member);
    changes.push(std::move(entry));
  }
  value.set("changes", std::move(changes));
  value.set("body_matches", optional_bool(signature.body_matches));
  value.set("header_matches", optional_bool(signature.header_matches));
  value.set("signed_fields", Value::strings(signature.signed_fields));
  if (signature.time) value.set("time", *signature.time);
  if (signature.expires) value.set("expires", *signature.expires);
  if (signature.length) {
    value.set("length", *signature.length);
    value.set("unsigned_octets", signature.unsigned_octets);
  }
  value.set("key", to_value(signature.key));
  return value;
}

}  // namespace

std::string_view to_string(DkimResult result) {
  switch (result) {
    case DkimResult::pass:
      return "pass";
    case DkimResult::fail:
      return "fail";
    case DkimResult::temperror:
      return "temperror";
    case DkimResult::permerror:
      break;
  }
  return "permerror";
}

Value DkimKeyReport::to_value() const {
  Value list = Value::array();
  for (const auto& key : keys) list.push(checks::to_value(key));
  return Value::object(
      {{"keys", list}, {"asked", asked}, {"unanswered", unanswered}, {"guessed", guessed}});
}

Value DkimMessageReport::to_value() const {
  Value list = Value::array();
  for (const auto& signature : signatures) list.push(checks::to_value(signature));
  return Value::object({{"signatures", list}, {"ignored", ignored}});
}

}  // namespace maildiag::checks
