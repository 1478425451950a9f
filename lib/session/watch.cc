#include <chrono>
#include <functional>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "session/watch_round.h"

namespace maildiag {

namespace {

/// The same for each host and history, other for another: many hosts that start at the full hour
/// do not ask the lists all at once.
watch::Seconds splay_of(watch::Seconds longest, const std::string& state) {
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const auto c : std::string(host) + "\n" + state)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return static_cast<watch::Seconds>(hash % static_cast<std::uint64_t>(longest + 1));
}

Task<void> sleep(std::chrono::seconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

/// What a dry run compares with: the history, if there is one yet.
Result<watch::Remembered> remembered_for_dry_run(const std::string& state) {
  auto store = watch::Store::open(state, watch::Database::Mode::read_only);
  if (store) return store->load();
  if (store.error().code == ErrorCode::no_input) return watch::Remembered{};
  return tl::unexpected(store.error());
}

Result<void> look_and_plan(Session::Impl& impl, const session::WatchPlan& plan,
                           const watch::Remembered& remembered, WatchRound::Impl& round,
                           std::vector<watch::Sample>& samples) {
  auto sights = session::look_at(impl, plan);
  if (!sights) return tl::unexpected(sights.error());
  auto outcome = watch::plan_run(remembered, std::move(sights->observations), sights->lists,
                                 session::unix_now(), plan.policy, sights->whole);
  if (!outcome) return tl::unexpected(outcome.error());
  round.outcome = std::move(*outcome);
  round.targets = sights->samples.size();
  samples = std::move(sights->samples);
  if (round.current) round.reports = std::move(sights->current);
  return {};
}

/// A clock that stands before the last run is found out before anybody is asked.
Result<void> check_clock(const watch::Remembered& remembered) {
  const auto planned = watch::plan_run({{}, remembered.last_run, remembered.last_spoke}, {}, {},
                                       session::unix_now(), {});
  if (!planned) return tl::unexpected(planned.error());
  return {};
}

Result<void> run_round(Session::Impl& impl, const session::WatchPlan& plan,
                       WatchRound::Impl& round) {
  std::vector<watch::Sample> samples;
  if (round.dry_run) {
    const auto remembered = remembered_for_dry_run(round.state);
    if (!remembered) return tl::unexpected(remembered.error());
    return look_and_plan(impl, plan, *remembered, round, samples);
  }
  auto lock = watch::take_lock(round.state + ".lock");
  if (!lock) return tl::unexpected(lock.error());
  round.lock = std::move(*lock);
  if (plan.splay > 0) impl.run(sleep(std::chrono::seconds(splay_of(plan.splay, round.state))));
  auto store = watch::Store::open(round.state, watch::Database::Mode::read_write);
  if (!store) return tl::unexpected(store.error());
  const auto remembered = store->load();
  if (!remembered) return tl::unexpected(remembered.error());
  if (const auto clock = check_clock(*remembered); !clock) return clock;
  if (const auto writable = store->check_writable(); !writable) return writable;
  if (const auto looked = look_and_plan(impl, plan, *remembered, round, samples); !looked)
    return looked;
  if (const auto saved = store->save(round.outcome, samples, round.webhook.has_value()); !saved)
    return saved;
  if (plan.keep > 0) {
    const auto pruned = store->prune(round.outcome.time - plan.keep);
    if (!pruned) return tl::unexpected(pruned.error());
  }
  return {};
}

/// How every target stands. Nobody is told what has changed: the words wait for a run that tells
/// it.
void tell_standing(const Session::Impl& impl, const WatchRound::Impl& round, const ReportSink& sink,
                   const ErrorSink& errors) {
  bool taken = true;
  for (const auto& report : round.reports) taken = taken && sink(report);
  if (taken && round.outcome.resolver_trouble) sink(session::trouble_report(impl, round));
  if (round.dry_run) return;
  auto store = watch::Store::open(round.state, watch::Database::Mode::read_write);
  if (!store) return errors(store.error());
  const auto shortened = store->shorten_untold(session::unix_now());
  if (!shortened) errors(shortened.error());
}

}  // namespace

bool WatchRound::undecided() const {
  return impl_->outcome.undecided;
}

watch::Seconds session::unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::variant<WatchRound, Error> Session::watch(const WatchOptions& options) {
  const auto plan = session::read_watch_plan(options);
  if (!plan) return plan.error();
  if (const auto checked = session::check_plan(*impl_, *plan); !checked) return checked.error();
  auto round = std::make_shared<WatchRound::Impl>();
  round->state = session::watch_state_file(options.state);
  round->dry_run = options.dry_run;
  round->current = options.current;
  round->webhook = plan->webhook;
  const auto done = run_round(*impl_, *plan, *round);
  if (!done) return done.error();
  return WatchRound(std::move(round));
}

void Session::watch_tell(WatchRound& round, const ReportSink& sink, const ErrorSink& errors) {
  auto& inner = round.impl();
  if (inner.current) return tell_standing(*impl_, inner, sink, errors);
  std::vector<watch::Untold> untold;
  std::optional<watch::Store> store;
  if (inner.dry_run) {
    for (const auto& transition : inner.outcome.transitions)
      untold.push_back({0, transition, false});
  } else {
    auto opened = watch::Store::open(inner.state, watch::Database::Mode::read_write);
    if (!opened) return errors(opened.error());
    store = std::move(*opened);
    auto begun = store->begin_telling(session::unix_now());
    if (!begun) return errors(begun.error());
    untold = std::move(*begun);
  }
  if (untold.empty() || !sink(session::words_of(*impl_, inner, untold)) || !store) return;
  const auto marked = store->mark_told(untold, session::unix_now());
  if (!marked) errors(marked.error());
}

void Session::watch_prune(const WatchPruneOptions& options, const ReportSink& sink,
                          const ErrorSink& errors) {
  const auto keep = session::read_span(options.keep);
  if (!keep) return errors(keep.error());
  if (*keep == 0)
    return errors(make_error(ErrorCode::usage,
                             "--keep: 0 is for ever, so there is nothing to forget; name a span"));
  const auto state = session::watch_state_file(options.state);
  // Not to be created by forgetting.
  const auto present = watch::Store::open(state, watch::Database::Mode::read_only);
  if (!present) return errors(present.error());
  const auto lock = watch::take_lock(state + ".lock");
  if (!lock) return errors(lock.error());
  auto store = watch::Store::open(state, watch::Database::Mode::read_write);
  if (!store) return errors(store.error());
  const auto now = session::unix_now();
  Result<std::optional<watch::Seconds>> ahead = std::nullopt;
  if (options.clock_was_ahead) ahead = store->take_back_future(now);
  if (!ahead) return errors(ahead.error());
  const auto before = now - *keep;
  const auto pruned = store->prune(before);
  if (!pruned) return errors(pruned.error());
  auto report = session::new_report("watch prune", state);
  report.result = Value::object({{"events", pruned->first}, {"runs", pruned->second}});
  Finding finding;
  finding.id = "watch.pruned";
  finding.severity = Severity::ok;
  finding.subject = state;
  finding.data.set("events", pruned->first).set("runs", pruned->second);
  finding.data.set("before", session::moment_text(before));
  report.findings.push_back(std::move(finding));
  if (*ahead) {
    auto& corrected = report.findings.emplace_back();
    corrected.id = "watch.clock-corrected";
    corrected.severity = Severity::ok;
    corrected.subject = state;
    corrected.data.set("last", session::moment_text(**ahead));
  }
  impl_->finish(report);
  sink(report);
}

}  // namespace maildiag
