#include <algorithm>

#include <fmt/format.h>

#include <maildiag/closest.h>

#include "bounce/delivery_failure.h"
#include "rulebook/lint.h"
#include "session/impl.h"
#include "session/strings_value.h"

namespace maildiag {

namespace {

Value rule_value(const rulebook::Rule& rule, Language language) {
  Value codes = Value::array();
  for (const int code : rule.reply) codes.push(code);
  return Value::object({{"id", rule.id},
                        {"provider", rule.provider},
                        {"cause", rule.cause},
                        {"reply", codes},
                        {"status", session::array_of(rule.status)},
                        {"match", rule.match},
                        {"unless", rule.unless},
                        {"names", rule.names},
                        {"permanent", rule.permanent ? Value(*rule.permanent) : Value()},
                        {"meaning", rule.meaning.in(language)},
                        {"fix", session::array_of(rule.fix.in(language))},
                        {"links", session::array_of(rule.links)},
                        {"examples", session::array_of(rule.examples)},
                        {"not", session::array_of(rule.not_examples)},
                        {"source", rule.source},
                        {"origin", rule.origin}});
}

rulebook::ExampleReply parse_example(std::string_view text) {
  auto parsed = bounce::parse_reply(text);
  return {parsed.reply.code, std::move(parsed.reply.status), std::move(parsed.reply.text)};
}

std::string unknown_rule(const Session::Impl& impl, const std::string& id) {
  std::vector<std::string> known;
  for (const auto& rule : impl.rulebook->rules()) known.emplace_back(rule.id);
  const auto near = closest(id, known, std::max<std::size_t>(2, id.size() / 4), 3);
  if (near.empty()) return impl.say("rules.unknown", {{"id", id}});
  return impl.say("rules.misspelt",
                  {{"id", id}, {"near", fmt::format("{}", fmt::join(near, ", "))}});
}

}  // namespace

void Session::rules_list(const ReportSink& sink, const ErrorSink&) {
  Report report = session::new_report("rules list", "");
  Value rules = Value::array();
  for (const auto& rule : impl_->rulebook->rules()) {
    rules.push(Value::object({{"id", rule.id},
                              {"provider", rule.provider},
                              {"cause", rule.cause},
                              {"origin", rule.origin}}));
  }
  report.result.set("rules", std::move(rules));
  impl_->finish(report);
  sink(report);
}

void Session::rules_show(const std::vector<std::string>& ids, const ReportSink& sink,
                         const ErrorSink& errors) {
  for (const auto& id : ids) {
    const auto* rule = impl_->rulebook->rule(id);
    if (rule == nullptr) {
      errors({ErrorCode::usage, unknown_rule(*impl_, id)});
      continue;
    }
    Report report = session::new_report("rules show", id);
    report.result = rule_value(*rule, impl_->options.language);
    impl_->finish(report);
    if (!sink(report)) return;
  }
}

void Session::rules_test(const ReportSink& sink, const ErrorSink&) {
  Report report = session::new_report("rules test", "");
  const auto faults = rulebook::test_examples(*impl_->rulebook, parse_example);
  Value list = Value::array();
  for (const auto& fault : faults) {
    list.push(Value::object({{"id", fault.rule->id},
                             {"origin", fault.rule->origin},
                             {"example", fault.example},
                             {"winner", fault.winner}}));
  }
  std::size_t examples = 0;
  for (const auto& rule : impl_->rulebook->rules())
    examples += rule.examples.size() + rule.not_examples.size();
  report.result.set("rules", impl_->rulebook->rules().size())
      .set("examples", examples)
      .set("faults", std::move(list));
  impl_->finish(report);
  if (!faults.empty()) report.status = Severity::critical;
  sink(report);
}

void Session::rules_lint(const ReportSink& sink, const ErrorSink&) {
  Report report = session::new_report("rules lint", "");
  const auto faults = rulebook::lint(*impl_->rulebook, parse_example);
  Value list = Value::array();
  for (const auto& fault : faults) {
    list.push(Value::object(
        {{"id", fault.rule->id},
         {"origin", fault.rule->origin},
         {"kind", rulebook::to_string(fault.kind)},
         {"problem", impl_->label(fmt::format("lint.{}", rulebook::to_string(fault.kind)))},
         {"detail", fault.detail}}));
  }
  report.result.set("rules", impl_->rulebook->rules().size()).set("faults", std::move(list));
  impl_->finish(report);
  if (!faults.empty()) report.status = Severity::warning;
  sink(report);
}

}  // namespace maildiag
