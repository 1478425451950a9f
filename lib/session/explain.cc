#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "bounce/reader.h"
#include "core/text.h"
#include "diagnose/diagnose.h"
#include "session/impl.h"

namespace maildiag {

namespace {

using diagnose::Diagnosis;
using diagnose::Verdict;

Value strings(rulebook::Strings texts) {
  Value array = Value::array();
  for (const auto text : texts) array.push(text);
  return array;
}

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

/// What the user said wins over what the bounce says.
bounce::DeliveryFailure with_options(bounce::DeliveryFailure failure,
                                     const ExplainOptions& options) {
  if (const auto ip = IpAddress::parse(options.ip)) {
    failure.sending_ip = ip;
    failure.sending_ip_source = "option";
  }
  if (!options.sender.empty()) failure.sender = options.sender;
  if (!options.helo.empty()) failure.helo = options.helo;
  return failure;
}

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
    result.set("remedy", remedy(findings)).set("links", links());
  }

 private:
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

  bool decides(const Finding& finding) const {
    return std::ranges::find(diagnosis_.decided_by, finding.id) != diagnosis_.decided_by.end();
  }

  Value evidence(const std::vector<Finding>& findings) const {
    Value list = Value::array();
    for (const auto& finding : findings) {
      if (!decides(finding)) continue;
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

  /// A confirmed cause is mended by what its findings say; else the receiver's own words guide, and
  /// of a refuted cause the likeliest other one.
  Value remedy(const std::vector<Finding>& findings) const {
    Value steps = Value::array();
    const auto add = [&steps](std::string step) {
      const auto& have = steps.as_array();
      if (std::find(have.begin(), have.end(), Value(step)) == have.end())
        steps.push(std::move(step));
    };
    const auto add_findings = [&](const std::vector<std::string>& ids) {
      for (const auto& finding : findings) {
        if (std::ranges::find(ids, finding.id) == ids.end()) continue;
        for (const auto& step : finding.remedy) add(step);
      }
    };
    if (diagnosis_.verdict == Verdict::confirmed) add_findings(diagnosis_.decided_by);
    if (diagnosis_.verdict == Verdict::refuted) {
      add(impl_.label("verdict.refuted.remedy"));
      if (!diagnosis_.alternatives.empty()) add_findings(diagnosis_.alternatives.front().findings);
      return steps;
    }
    const auto* rule = diagnosis_.match.rule;
    const bool own = rule != nullptr && !rule->fix.in(language_).empty();
    for (const auto step : own ? rule->fix.in(language_) : diagnosis_.cause->fix.in(language_))
      add(filled(step));
    return steps;
  }

  Value links() const {
    Value list =
        diagnosis_.match.rule != nullptr ? strings(diagnosis_.match.rule->links) : Value::array();
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

/// critical: confirmed. unknown: inconclusive or unclassified. warning: the failure stands, but
/// nothing outside can tell why. A refuted cause is as bad as what the checks found besides.
/// Without checks only the classification counts.
Severity status_of(const Diagnosis& diagnosis, bool checked) {
  const bool classified = diagnosis.match.rule != nullptr;
  if (!checked) return classified ? Severity::info : Severity::unknown;
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

class Explainer {
 public:
  Explainer(Session::Impl& impl, const ExplainOptions& options, const ReportSink& sink)
      : impl_(impl), options_(options), sink_(sink) {}

  bool explain(const std::string& name, const bounce::Bounce& found) {
    if (found.kind != bounce::Kind::failure && found.kind != bounce::Kind::delay)
      return report_other(name, found);
    return std::ranges::all_of(found.failures, [&](const bounce::DeliveryFailure& failure) {
      return explain_one(name, found, failure);
    });
  }

 private:
  bool explain_one(const std::string& name, const bounce::Bounce& found,
                   const bounce::DeliveryFailure& original) {
    const auto failure = with_options(original, options_);
    Report report = start(name, found);
    report.result.set("failure", failure_value(failure));
    Diagnosis diagnosis;
    run_task(diagnose_into(failure, found, diagnosis));
    report.findings = std::move(diagnosis.findings);
    impl_.finish(report);
    report.status = Severity::ok;  // the verdict decides, not the worst finding
    diagnosis.findings = report.findings;
    report.status = status_of(diagnosis, options_.checks);
    ResultWriter(impl_, diagnosis).write(report.result, report.findings);
    report.result.set("checked", options_.checks ? Value(to_rfc3339(report.started)) : Value());
    return sink_(report);
  }

  Task<void> diagnose_into(bounce::DeliveryFailure failure, const bounce::Bounce& found,
                           Diagnosis& diagnosis) {
    diagnose::Options options;
    options.checks = options_.checks;
    auto returned = found.returned;
    diagnosis = co_await diagnose::diagnose(impl_.context(), std::move(failure),
                                            std::move(returned), options);
  }

  bool report_other(const std::string& name, const bounce::Bounce& found) {
    Report report = start(name, found);
    impl_.finish(report);
    return sink_(report);
  }

  static Report start(const std::string& name, const bounce::Bounce& found) {
    Report report = session::new_report("explain", name);
    report.schema = explain_schema;
    report.result.set("kind", bounce::to_string(found.kind)).set("format", found.format);
    return report;
  }

  Session::Impl& impl_;
  const ExplainOptions& options_;
  const ReportSink& sink_;
};

}  // namespace

void Session::explain(const ExplainOptions& options, const ReportSink& sink,
                      const ErrorSink& errors) {
  if (!options.ip.empty() && !IpAddress::parse(options.ip)) {
    return errors({ErrorCode::usage, fmt::format("--ip: `{}` is not an IP address", options.ip)});
  }
  Explainer explainer(*impl_, options, sink);
  for (const auto& reply : options.replies) {
    if (!explainer.explain("--reply", bounce::read_reply(reply))) return;
  }
  for (const auto& path : options.paths) {
    bool go_on = true;
    const auto one = [&](const bounce::Message& message) {
      const auto found = bounce::read_bounce(message.octets);
      if (found) {
        go_on = explainer.explain(message.name, *found);
      } else {
        errors({found.error().code, message.name + ": " + found.error().message});
      }
      return go_on;
    };
    bounce::for_each_message(path, one, errors);
    if (!go_on) return;
  }
}

}  // namespace maildiag
