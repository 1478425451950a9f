#include "session/explain_result.h"

#include <algorithm>

#include "core/text.h"
#include "diagnose/subject.h"
#include "rulebook/stub.h"
#include "session/reputation.h"
#include "session/strings_value.h"

namespace maildiag::session {

namespace {

using diagnose::Diagnosis;
using diagnose::Verdict;

/// Builds the `result` object of one diagnosis, in the reader's language.
class ResultWriter {
 public:
  ResultWriter(const Session::Impl& impl, const Diagnosis& diagnosis)
      : impl_(impl), diagnosis_(diagnosis), language_(impl.options.language) {}

  /// `findings`: the diagnosis' findings with their texts filled in.
  void write(Value& result, const std::vector<Finding>& findings) const {
    const auto& cause = *diagnosis_.cause;
    const auto* rule = diagnosis_.match.rule;
    result.set("rule", rule_value());
    result.set("cause", cause.id).set("side", cause.side).set("title", cause.title.in(language_));
    result.set("permanent", diagnosis_.permanent)
        .set("verdict", diagnose::to_string(diagnosis_.verdict));
    result.set("reason", impl_.label(diagnosis_.reason))
        .set("decided_by", Value::strings(diagnosis_.decided_by));
    result.set("meaning",
               filled(rule != nullptr ? rule->meaning.in(language_) : cause.meaning.in(language_)));
    Value facts = Value::object();
    for (const auto& [name, value] : diagnosis_.match.facts) facts.set(name, value);
    result.set("facts", std::move(facts));
    result.set("evidence", evidence(findings)).set("alternatives", alternatives());
    result.set("remedy", given_up(result) ? sent_again(remedy(findings)) : remedy(findings));
    result.set("links", links());
    if (auto service = reputation(result["failure"]); !service.is_null())
      result.set("reputation", std::move(service));
    const bool words_known = rule != nullptr && !rule->match.empty();
    if (cause.id == "unclassified" && !words_known)
      result.set("stub", stub(result["failure"]["reply"]));
  }

  /// Whom to ask comes first. A confirmed cause is mended by what its findings say; where they say
  /// nothing, and else, the receiver's own words guide, and of a refuted cause the likeliest other
  /// one.
  Value remedy(const std::vector<Finding>& findings) const {
    Value steps = Value::array();
    const auto add = [&steps](std::string step) {
      const auto& have = steps.as_array();
      if (std::find(have.begin(), have.end(), Value(step)) == have.end())
        steps.push(std::move(step));
    };
    const auto add_findings = [&](auto wanted) {
      for (const auto& finding : findings) {
        if (!wanted(finding)) continue;
        for (const auto& step : finding.remedy) add(step);
      }
    };
    if (diagnosis_.verdict == Verdict::confirmed || diagnosis_.verdict == Verdict::inconclusive) {
      for (const auto id : diagnosis_.cause->advised_by)
        add_findings([id](const Finding& finding) { return finding.id == id; });
    }
    const auto advised = steps.as_array().size();
    if (diagnosis_.verdict == Verdict::confirmed) {
      const auto reasons = reasons_of(findings);
      add_findings([&reasons](const Finding& finding) {
        return std::ranges::find(reasons, Value(finding.id)) != reasons.end();
      });
      add_findings([](const Finding& finding) { return finding.decisive; });
      if (steps.as_array().size() > advised) return steps;
    }
    if (diagnosis_.verdict == Verdict::refuted) {
      add(impl_.label("verdict.refuted.remedy"));
      if (diagnosis_.alternatives.empty()) return steps;
      const auto& ids = diagnosis_.alternatives.front().findings;
      add_findings([&ids](const Finding& finding) {
        return std::ranges::find(ids, finding.id) != ids.end();
      });
      return steps;
    }
    for (const auto step : advised_steps(diagnosis_.match.rule, *diagnosis_.cause, language_))
      add(filled(step));
    return steps;
  }

 private:
  /// No server tries again what would pass: RFC 3464 section 2.3.3, "failed".
  bool given_up(const Value& result) const {
    return !diagnosis_.permanent && result["failure"]["action"].as_string() == "failed";
  }

  Value sent_again(const Value& steps) const {
    Value all = Value::array();
    all.push(impl_.label("permanent.given-up.remedy"));
    for (const auto& step : steps.as_array()) {
      if (step.as_string() != impl_.label("verdict.refuted.remedy")) all.push(step);
    }
    return all;
  }

  /// The findings that the deciding ones name as their reason: these say what to put right.
  static Value::Array reasons_of(const std::vector<Finding>& findings) {
    Value::Array ids;
    for (const auto& finding : findings) {
      if (!finding.decisive) continue;
      const auto& because = finding.data["because"].as_array();
      ids.insert(ids.end(), because.begin(), because.end());
    }
    return ids;
  }

  Value rule_value() const {
    const auto& match = diagnosis_.match;
    if (match.rule == nullptr) return {};
    return Value::object(
        {{"id", match.rule->id},
         {"provider", match.rule->provider},
         {"runner_up", match.runner_up != nullptr ? Value(match.runner_up->id) : Value()}});
  }

  std::string filled(std::string_view pattern) const {
    return text::fill_template(pattern, [this](std::string_view name) -> const std::string* {
      for (const auto& [key, value] : diagnosis_.match.facts) {
        if (key == name) return &value;
      }
      return nullptr;
    });
  }

  Value evidence(const std::vector<Finding>& findings) const {
    Value list = Value::array();
    for (const auto& finding : findings) {
      if (!finding.decisive) continue;
      for (const auto& item : finding.evidence) list.push(item.data);
    }
    return list;
  }

  Value alternatives() const {
    Value list = Value::array();
    for (const auto& alternative : diagnosis_.alternatives) {
      const auto* cause = impl_.rulebook->cause(alternative.cause);
      list.push(Value::object(
          {{"cause", alternative.cause},
           {"title", cause != nullptr ? cause->title.in(language_) : std::string_view()},
           {"findings", Value::strings(alternative.findings)}}));
    }
    return list;
  }

  /// Where the cause can be looked up and appealed against, apart from DNS lists.
  Value reputation(const Value& failure) const {
    const auto* rule = diagnosis_.match.rule;
    for (const auto entry : diagnosis_.cause->reputation) {
      const auto id = entry != rulebook::of_provider ? entry
                      : rule != nullptr              ? rule->provider
                                                     : std::string_view();
      if (id.empty()) continue;
      for (const auto& target : subjects(failure)) {
        const auto service = reputation_of(impl_, id, target);
        if (!service) continue;
        return Value::object({{"id", service->id},
                              {"title", service->title},
                              {"detail", service->detail},
                              {"steps", Value::strings(service->remedy)}});
      }
    }
    return {};
  }

  /// The sending address and the domain that the cause is about, what it is decided by first.
  std::vector<Target> subjects(const Value& failure) const {
    std::vector<Target> targets;
    if (const auto ip = IpAddress::parse(failure["sending_ip"].to_text()))
      targets.emplace_back(*ip);
    const auto named = diagnose::fact(diagnosis_.match, "domain");
    const auto sender = failure["sender"].to_text();
    const auto domain = DomainName::from_user(
        named.empty() ? std::string_view(sender).substr(sender.rfind('@') + 1) : named);
    if (!domain || domain->label_count() < 2) return targets;
    const auto& checks = diagnosis_.cause->checks;
    const bool first = std::find(checks.begin(), checks.end(), "dnsbl-domain") != checks.end();
    targets.insert(first ? targets.begin() : targets.end(), *domain);
    return targets;
  }

  Value stub(const Value& reply) const {
    rulebook::Text meaning{impl_.rulebook->label("stub.meaning", Language::en),
                           impl_.rulebook->label("stub.meaning", Language::ko)};
    return rulebook::rule_stub(static_cast<int>(reply["code"].as_integer()),
                               reply["status"].as_string(), reply["text"].as_string(), meaning);
  }

  Value links() const {
    Value list =
        diagnosis_.match.rule != nullptr ? array_of(diagnosis_.match.rule->links) : Value::array();
    const auto own = list.as_array();
    for (const auto link : diagnosis_.cause->links) {
      if (std::find(own.begin(), own.end(), Value(link)) == own.end()) list.push(link);
    }
    return list;
  }

  const Session::Impl& impl_;
  const Diagnosis& diagnosis_;
  Language language_;
};

}  // namespace

Value failure_value(const bounce::DeliveryFailure& failure) {
  const auto time = failure.time ? Value(to_rfc3339(*failure.time)) : Value();
  return Value::object(
      {{"recipient", failure.recipient},
       {"sender", failure.sender},
       {"remote_host", failure.remote_host},
       {"remote_ip", failure.remote_ip ? Value(failure.remote_ip->to_string()) : Value()},
       {"reply", Value::object({{"code", failure.reply.code},
                                {"status", failure.reply.status},
                                {"text", failure.reply.text}})},
       {"action", bounce::to_string(failure.action)},
       {"command", failure.command},
       {"sending_ip", failure.sending_ip ? Value(failure.sending_ip->to_string()) : Value()},
       {"sending_ip_source", failure.sending_ip_source},
       {"helo", failure.helo},
       {"time", time}});
}

void write_diagnosis(const Session::Impl& impl, const Diagnosis& diagnosis,
                     const std::vector<Finding>& findings, Value& result) {
  ResultWriter(impl, diagnosis).write(result, findings);
}

std::string first_step(const Session::Impl& impl, const Diagnosis& diagnosis,
                       const std::vector<Finding>& findings) {
  const Value steps = ResultWriter(impl, diagnosis).remedy(findings);
  return steps.as_array().empty() ? std::string() : steps.as_array().front().as_string();
}

rulebook::Strings advised_steps(const rulebook::Rule* rule, const rulebook::Cause& cause,
                                Language language) {
  const bool own = rule != nullptr && !rule->fix.in(language).empty();
  return own ? rule->fix.in(language) : cause.fix.in(language);
}

Severity unchecked_status(const rulebook::Cause& cause) {
  return cause.id != "unclassified" ? Severity::info : Severity::unknown;
}

Severity status_of(const Diagnosis& diagnosis, bool checked) {
  if (!checked) return unchecked_status(*diagnosis.cause);
  switch (diagnosis.verdict) {
    case Verdict::confirmed:
      return Severity::critical;
    case Verdict::untestable:
      return Severity::warning;
    case Verdict::inconclusive:
      return Severity::unknown;
    case Verdict::refuted:
      break;
  }
  Severity status = Severity::ok;
  for (const auto& finding : diagnosis.findings) status = worse(status, finding.severity);
  return status;
}

}  // namespace maildiag::session
