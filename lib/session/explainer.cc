#include "session/explainer.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "core/text.h"
#include "session/explain_result.h"
#include "session/hide_secrets.h"
#include "session/summary_report.h"

namespace maildiag::session {

using diagnose::Classification;
using diagnose::Diagnosis;
using diagnose::Passage;

namespace {

bool is_failure(bounce::Kind kind) {
  return kind == bounce::Kind::failure || kind == bounce::Kind::delay;
}

std::int64_t milliseconds_since(std::chrono::system_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now() -
                                                               start)
      .count();
}

}  // namespace

Explainer::Explainer(Session::Impl& impl, const ExplainOptions& options, diagnose::OwnHosts own,
                     const ReportSink& sink)
    : impl_(impl),
      options_(options),
      own_(std::move(own)),
      sink_(sink),
      ip_(IpAddress::parse(options.ip)),
      providers_(*impl.rulebook),
      started_(std::chrono::system_clock::now()) {}

bool Explainer::add(const std::string& name, bounce::Bounce found) {
  if (options_.summary) summary_.count_message(bounce::to_string(found.kind));
  std::shared_ptr<const bounce::ReturnedMessage> returned;
  if (found.returned)
    returned = std::make_shared<const bounce::ReturnedMessage>(std::move(*found.returned));
  if (!is_failure(found.kind)) {
    return add({name, found.kind, std::move(found.format), std::nullopt, std::move(returned), {}});
  }
  return std::all_of(found.failures.begin(), found.failures.end(), [&](auto& failure) {
    return add({name, found.kind, found.format, std::move(failure), returned, {}});
  });
}

bool Explainer::add(ExplainItem&& item) {
  Classification classification;
  if (item.failure) {
    auto& failure = *item.failure;
    // What the user said wins over what the bounce says.
    if (ip_) {
      failure.sending_ip = ip_;
      failure.sending_ip_source = "option";
    }
    // As logs and headers show it.
    if (!options_.sender.empty()) {
      failure.sender = text::strip_brackets(options_.sender);
      failure.sender_source = "option";
    }
    if (!options_.helo.empty()) failure.helo = options_.helo;
    classification = classify(failure);
    if (options_.stats) ++hits_[classification.match.rule];
    if (options_.checks) return wait_for_checks(std::move(item), std::move(classification));
    if (!options_.summary) return emit(item, classification, without_checks(classification));
    summarise(item, classification, nullptr);
    return true;
  }
  return options_.checks ? wait_for_checks(std::move(item), {})
                         : emit(item, classification, Judgement());
}

Classification Explainer::classify(const bounce::DeliveryFailure& failure) {
  if (++failures_ == bulk_threshold) bulk_ = impl_.rulebook->bulk_matcher();
  // A summary without checks needs the facts of its samples only.
  return diagnose::classify(*impl_.rulebook, failure,
                            {bulk_.get(), !options_.checks && options_.summary});
}

bool Explainer::is_passive(const diagnose::Subject& subject) {
  if (options_.passive || !subject.recipient_domain) return true;
  const auto domain = subject.recipient_domain->key();
  if (receivers_.size() < max_receivers) receivers_.insert(domain);
  return receivers_.count(domain) == 0;
}

bool Explainer::wait_for_checks(ExplainItem item, Classification classification) {
  Waiting waiting;
  if (item.failure) {
    if (item.returned) waiting_bytes_ += item.returned->raw.size();
    waiting.subject = diagnose::find_subject(*item.failure, item.returned, classification.match,
                                             *classification.cause);
    waiting.subject.passive = is_passive(waiting.subject);
    auto key = diagnose::subject_key(
        *classification.cause, waiting.subject,
        options_.summary ? diagnose::SenderScope::domain : diagnose::SenderScope::address);
    waiting.shared = key.has_value();
    waiting.key = key ? std::move(*key) : "#" + std::to_string(failures_);
  }
  waiting.item = std::move(item);
  waiting.classification = std::move(classification);
  waiting_.push_back(std::move(waiting));
  const bool full = waiting_.size() >= chunk_size || waiting_bytes_ >= max_waiting_bytes;
  return !full && !options_.unbuffered ? true : flush();
}

bool Explainer::flush() {
  judge_waiting();
  const auto waiting = std::exchange(waiting_, {});
  waiting_bytes_ = 0;
  const Judgement none;
  const bool go_on = std::all_of(waiting.begin(), waiting.end(), [&](const Waiting& one) {
    return emit(one.item, one.classification, one.item.failure ? *known_.at(one.key) : none);
  });
  for (const auto& one : waiting) {
    if (!one.shared) known_.erase(one.key);
  }
  return go_on;
}

void Explainer::judge_waiting() {
  const auto most = options_.summary ? max_known_outcomes : max_known_diagnoses;
  if (known_.size() > most) known_.clear();
  std::vector<const Waiting*> open;
  std::vector<std::shared_ptr<const Judgement>*> results;
  for (const auto& waiting : waiting_) {
    if (!waiting.item.failure) continue;
    const auto [place, added] = known_.try_emplace(waiting.key);
    if (!added) continue;
    open.push_back(&waiting);
    results.push_back(&place->second);  // references into the map outlast its growth
  }
  const auto one = [this, &open, &results](std::size_t index) -> Task<void> {
    co_await judge(*open[index], *results[index]);
  };
  if (!open.empty()) impl_.run(for_each_index(open.size(), parallel_targets, one));
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (*results[i]) continue;  // else the checks were cancelled
    auto judgement = without_checks(open[i]->classification);
    judgement.diagnosis.reason = "verdict.cancelled";
    judgement.status = Severity::unknown;
    *results[i] = std::make_shared<const Judgement>(std::move(judgement));
    ++unchecked_;
  }
}

Explainer::Judgement Explainer::without_checks(const Classification& classification) const {
  Judgement judgement;
  judgement.diagnosis = diagnose::not_checked(classification);
  judgement.status = status_of(judgement.diagnosis, false);
  judgement.started = options_.summary ? started_ : std::chrono::system_clock::now();
  judgement.checked = false;
  return judgement;
}

Task<void> Explainer::judge(const Waiting& waiting, std::shared_ptr<const Judgement>& result) {
  const auto judgement = std::make_shared<Judgement>();
  judgement->started = std::chrono::system_clock::now();
  auto context = impl_.context();
  if (options_.passive) context.network = nullptr;
  auto diagnosis = co_await diagnose::investigate(context, waiting.classification, waiting.subject);
  judgement->diagnosis = std::move(diagnosis);
  judgement->elapsed_ms = milliseconds_since(judgement->started);
  judgement->status = status_of(judgement->diagnosis, true);
  impl_.describe(judgement->diagnosis.findings);
  if (options_.summary) {
    judgement->first_step = first_step(impl_, judgement->diagnosis, judgement->diagnosis.findings);
    judgement->diagnosis.findings.clear();
  }
  result = judgement;
}

bool Explainer::emit(const ExplainItem& item, const Classification& classification,
                     const Judgement& judgement) {
  if (options_.summary) {
    if (item.failure) summarise(item, classification, &judgement);
    return true;
  }
  return item.failure ? report(item, classification, judgement) : report_other(item);
}

bool Explainer::report(const ExplainItem& item, const Classification& classification,
                       const Judgement& judgement) {
  Report report = new_report("explain", item.name);
  report.schema = explain_schema;
  report.started = judgement.started;
  report.elapsed_ms = judgement.elapsed_ms;
  report.status = judgement.status;  // the verdict decides, not the worst finding
  report.findings = judgement.diagnosis.findings;
  report.result.set("kind", bounce::to_string(item.kind)).set("format", item.format);
  report.result.set("failure", failure_value(*item.failure));
  auto diagnosis = judgement.diagnosis;
  diagnosis.match = classification.match;  // of this reply, not of the one that was checked first
  diagnosis.permanent = classification.permanent;
  write_diagnosis(impl_, diagnosis, report.findings, report.result);
  report.result.set("checked", judgement.checked ? Value(to_rfc3339(report.started)) : Value());
  hide_secrets(report, *impl_.mask);  // a receiver's reply can quote the zone that holds one
  return sink_(report);
}

bool Explainer::report_other(const ExplainItem& item) {
  Report report = new_report("explain", item.name);
  report.schema = explain_schema;
  report.result.set("kind", bounce::to_string(item.kind)).set("format", item.format);
  return sink_(report);
}

void Explainer::summarise(const ExplainItem& item, const Classification& classification,
                          const Judgement* judgement) {
  const auto* rule = classification.match.rule;
  const bool checked = judgement != nullptr && judgement->checked;
  diagnose::SummaryEntry entry;
  entry.name = item.name;
  entry.failure = &*item.failure;
  entry.cause = (judgement != nullptr ? judgement->diagnosis.cause : classification.cause)->id;
  entry.rule = rule != nullptr ? rule->id : std::string_view();
  entry.provider = providers_.provider_of(*item.failure, rule);
  entry.verdict = checked ? diagnose::to_string(judgement->diagnosis.verdict) : std::string_view();
  entry.severity =
      judgement != nullptr ? judgement->status : unchecked_status(*classification.cause);
  entry.passage = item.passage.value_or(
      own_.empty() ? Passage::unknown : own_.passage(*item.failure, item.returned.get()));
  entry.bulk_mail = item.returned != nullptr && diagnose::is_bulk_mail(*item.returned);
  const auto step = [&]() -> std::string {
    if (checked) return judgement->first_step;
    const auto steps = advised_steps(rule, *classification.cause, impl_.options.language);
    if (!steps.empty() && steps.front().find('{') == std::string_view::npos)
      return std::string(steps.front());  // most need no facts to fill in
    auto whole = classification;
    if (rule != nullptr) whole.match.facts = impl_.rulebook->facts(*rule, item.failure->reply.text);
    return first_step(impl_, diagnose::not_checked(std::move(whole)), {});
  };
  entry.first_step = std::ref(step);  // no copy on the heap for each failure
  summary_.add(entry);
}

bool Explainer::finish() {
  if (!flush()) return false;
  if (options_.summary) return sink_(summary_report());
  return !options_.stats || sink_(stats_report());
}

Report Explainer::summary_report() {
  auto report = session::summary_report(impl_, summary_, "explain", "");
  report.started = started_;
  report.elapsed_ms = milliseconds_since(started_);
  if (options_.stats) report.result.set("stats", stats_value(*impl_.rulebook, hits_));
  return report;
}

Report Explainer::stats_report() const {
  Report report = new_report("explain", "");
  report.schema = stats_schema;
  report.started = started_;
  report.elapsed_ms = milliseconds_since(started_);
  report.result = stats_value(*impl_.rulebook, hits_);
  return report;
}

}  // namespace maildiag::session
