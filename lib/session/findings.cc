#include <algorithm>

#include <fmt/format.h>

#include <maildiag/closest.h>

#include "session/impl.h"
#include "session/strings_value.h"

namespace maildiag {

namespace {

using rulebook::Rulebook;

bool holds(rulebook::Strings ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// The causes that this finding proves.
Value proven_by(const Rulebook& book, std::string_view finding) {
  Value ids = Value::array();
  for (const auto& cause : book.causes()) {
    if (holds(cause.confirmed_by, finding) || holds(cause.confirmed_when_named, finding))
      ids.push(cause.id);
  }
  return ids;
}

Value finding_value(const Rulebook& book, const rulebook::FindingText& text, Language language) {
  return Value::object({{"kind", "finding"},
                        {"id", text.id},
                        {"severity", text.severity},
                        {"title", text.title.in(language)},
                        {"detail", text.detail.in(language)},
                        {"remedy", session::array_of(text.remedy.in(language))},
                        {"reference", text.reference},
                        {"causes", proven_by(book, text.id)}});
}

Value cause_value(const rulebook::Cause& cause, Language language) {
  Value confirming = session::array_of(cause.confirmed_by);
  for (const auto id : cause.confirmed_when_named) confirming.push(id);
  return Value::object({{"kind", "cause"},
                        {"id", cause.id},
                        {"side", cause.side},
                        {"title", cause.title.in(language)},
                        {"detail", cause.meaning.in(language)},
                        {"remedy", session::array_of(cause.fix.in(language))},
                        {"links", session::array_of(cause.links)},
                        {"confirmed_by", std::move(confirming)},
                        {"refuted_by", session::array_of(cause.refuted_by)},
                        {"inconclusive_by", session::array_of(cause.inconclusive_by)},
                        {"untestable", cause.untestable}});
}

/// What was meant by an id that there is not: the nearest ids, else those of that area.
std::string unknown_id(const Session::Impl& impl, const std::string& id) {
  const auto& book = *impl.rulebook;
  constexpr std::size_t shown = 5;
  std::vector<std::string> known;
  for (const auto& text : book.finding_texts()) known.emplace_back(text.id);
  for (const auto& cause : book.causes()) known.emplace_back(cause.id);
  auto near = closest(id, known, std::max<std::size_t>(2, id.size() / 4), 3);
  const auto add = [&](bool at_start) {
    for (const auto& each : known) {
      const auto place = each.find(id);
      if (near.size() < shown && id.size() > 1 && place != std::string::npos &&
          (place == 0) == at_start && std::find(near.begin(), near.end(), each) == near.end())
        near.push_back(each);
    }
  };
  add(true);
  add(false);
  if (near.empty()) return impl.say("findings.unknown", {{"id", id}});
  return impl.say("findings.misspelt",
                  {{"id", id}, {"near", fmt::format("{}", fmt::join(near, ", "))}});
}

}  // namespace

void Session::findings(const std::vector<std::string>& ids, const ReportSink& sink,
                       const ErrorSink& errors) {
  const auto language = impl_->options.language;
  const auto& book = *impl_->rulebook;
  if (ids.empty()) {
    Report report = session::new_report("findings", "");
    Value findings = Value::array(), causes = Value::array();
    for (const auto& text : book.finding_texts())
      findings.push(finding_value(book, text, language));
    for (const auto& cause : book.causes()) causes.push(cause_value(cause, language));
    report.result.set("findings", std::move(findings)).set("causes", std::move(causes));
    impl_->finish(report);
    sink(report);
    return;
  }
  for (const auto& id : ids) {
    const auto* text = book.finding_text(id);
    const auto* cause = text == nullptr ? book.cause(id) : nullptr;
    if (text == nullptr && cause == nullptr) {
      errors({ErrorCode::usage, unknown_id(*impl_, id)});
      continue;
    }
    Report report = session::new_report("findings", id);
    report.result =
        text != nullptr ? finding_value(book, *text, language) : cause_value(*cause, language);
    impl_->finish(report);
    if (!sink(report)) return;
  }
}

}  // namespace maildiag
