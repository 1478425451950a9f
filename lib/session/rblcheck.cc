#include <algorithm>
#include <memory>
#include <variant>

#include "checks/dnsbl_sweep.h"
#include "checks/fresh_servers.h"
#include "core/result.h"
#include "core/text.h"
#include "session/hide_secrets.h"
#include "session/impl.h"
#include "session/targets.h"

namespace maildiag {

namespace {

/// One sweep: targets in, reports out.
class Sweep {
 public:
  Sweep(Session::Impl& impl, const std::vector<std::string>& targets,
        const DnsblCheckOptions& options, const ReportSink& sink, const ErrorSink& errors)
      : impl_(impl),
        options_(options),
        sink_(sink),
        errors_(errors),
        access_(impl.lists),
        reader_(
            targets, options.files,
            [this](const Error& error) {
              faulty_ = true;
              errors_(error);
            },
            impl.options.cancellation) {
    checks_.only = options.lists;
    checks_.self_test = options.self_test == "never"    ? checks::SelfTest::never
                        : options.self_test == "always" ? checks::SelfTest::always
                                                        : checks::SelfTest::automatic;
    if (options.fresh) {
      access_.resolver = "authoritative";
      access_.public_servers.clear();
    }
    choice_ = std::make_shared<checks::ListChoice>(*impl.rulebook, &access_, checks_.only);
    session::hide_given_keys(*choice_, *impl.mask);
  }

  void run() {
    if (options_.lists_chosen) options_.lists_chosen(zones());
    if (!find_routes()) return errors_(session::cancelled_error(impl_, "run.left.sweep"));
    run_task(sweep());  // looks at the cancellation itself
    if (impl_.cancelled() && !end_.complete) {
      errors_(session::cancelled_error(impl_, "run.left.rest-of-sweep",
                                       {{"done", std::to_string(progress_.reports)},
                                        {"begun", std::to_string(end_.unfinished)}}));
    }
  }

 private:
  checks::Context context() { return {impl_.resolver, *impl_.rulebook, &access_}; }

  /// The columns of a table: every list that may be asked, and those that were named in vain.
  std::vector<std::string> zones() const {
    std::vector<std::string> zones;
    const auto add = [&zones](const std::string& zone) {
      if (std::find(zones.begin(), zones.end(), zone) == zones.end()) zones.push_back(zone);
    };
    for (const auto& asked : choice_->lists()) add(asked.shown);
    for (const auto kind : {checks::TargetKind::ip4, checks::TargetKind::domain}) {
      for (const auto& skipped : choice_->skipped(kind)) add(skipped.zone);
    }
    return zones;
  }

  /// False: cancelled.
  bool find_routes() {
    if (!options_.fresh) return !impl_.cancelled();
    const std::function<Task<void>()> find = [this]() -> Task<void> {
      checks::MakeResolver make = [this](const std::vector<dns::ServerAddress>& servers) {
        return impl_.make_resolver(servers);
      };
      auto found = co_await checks::find_list_servers(context(), *choice_, make);
      routes_ = std::move(found);
    };
    return impl_.run(find());
  }

  Task<void> sweep() {
    checks::SweepCalls calls;
    calls.input = [this] { return next(); };
    calls.output = [this](checks::SweepItem item) { return report(std::move(item)); };
    calls.tick = [this](const checks::SweepCount& count) { return tick(count); };
    const auto end =
        co_await checks::sweep_lists(context(), checks_, choice_, std::move(routes_), calls);
    end_ = end;
    end_.complete = end.complete && !reader_.is_cut_short();
    // An empty pipe, because what should fill it has failed, must not pass for a clean network.
    if (end_.complete && !any_target_ && !faulty_)
      errors_(make_error(ErrorCode::no_input, "no targets to check: the input is empty"));
    if (!options_.progress) co_return;
    progress_.ended = true;
    progress_.complete = end_.complete;
    progress_.unfinished = end_.unfinished;
    options_.progress(progress_);
  }

  std::optional<checks::SweepInput> next() {
    auto target = reader_.next();
    if (!target) return std::nullopt;
    any_target_ = true;
    return checks::SweepInput{std::move(target->text), std::move(target->target)};
  }

  bool tick(const checks::SweepCount& count) {
    progress_.reports = count.items;
    progress_.questions = count.questions;
    progress_.listings = count.listings;
    return !impl_.cancelled() && (!options_.progress || options_.progress(progress_));
  }

  bool report(checks::SweepItem item) {
    Report report = session::new_report("rblcheck", item.text);
    report.started = item.started;
    report.result =
        item.result.to_value(*impl_.rulebook, impl_.options.language, options_.hide_clean);
    report.result.set("resolver",
                      options_.fresh ? Value::array() : Value::strings(access_.servers));
    if (!item.host.empty()) report.result.set("host", item.host);
    report.findings = std::move(item.result.findings);
    if (item.trouble != checks::NameTrouble::none) report.findings.push_back(address_trouble(item));
    impl_.finish(report);
    return sink_(report);
  }

  /// Nothing on address lists can be said of a name without addresses; where domain lists were
  /// asked it is only a note.
  static Finding address_trouble(const checks::SweepItem& item) {
    Finding finding;
    const bool unknown = item.trouble == checks::NameTrouble::unanswered;
    finding.id = unknown ? "dnsbl.host-unknown" : "dnsbl.host-without-address";
    finding.severity = unknown              ? Severity::unknown
                       : item.asked_as_name ? Severity::info
                                            : Severity::warning;
    finding.subject = item.text;
    finding.data.set("target", item.text);
    finding.evidence = item.evidence;
    return finding;
  }

  Session::Impl& impl_;
  const DnsblCheckOptions& options_;
  const ReportSink& sink_;
  const ErrorSink& errors_;
  checks::ListAccess access_;
  checks::DnsblOptions checks_;
  std::shared_ptr<checks::ListChoice> choice_;
  session::TargetReader reader_;
  std::vector<checks::ListRoute> routes_;
  checks::SweepEnd end_;
  DnsblProgress progress_;
  bool any_target_ = false;
  bool faulty_ = false;  // a target or a file was, and has been told
};

/// Zones as the list files write them: lower case, no final dot, each once. Keyed ones keep their
/// "{key}".
Result<std::vector<std::string>> normalise_zones(const std::vector<std::string>& zones) {
  std::vector<std::string> result;
  for (const auto& text : zones) {
    const auto name = DomainName::from_user(text);
    if (!name && text.find("{key}") == std::string::npos) {
      return fail_with(ErrorCode::usage,
                       "--list: `{}` is not the zone of a list (example: zen.spamhaus.org)", text);
    }
    auto zone = name ? name->key() : text;
    if (std::find(result.begin(), result.end(), zone) == result.end())
      result.push_back(std::move(zone));
  }
  return result;
}

}  // namespace

void Session::rblcheck(const std::vector<std::string>& targets, const DnsblCheckOptions& options,
                       const ReportSink& sink, const ErrorSink& errors) {
  if (options.fresh && !impl_->network)
    return errors(make_error(ErrorCode::usage,
                             "--fresh asks the lists' own servers, which --zone and "
                             "--replay rule out; leave one of them out"));
  auto zones = normalise_zones(options.lists);
  if (!zones) return errors(zones.error());
  auto normalised = options;
  normalised.lists = std::move(*zones);
  Sweep(*impl_, targets, normalised, sink, errors).run();
}

std::uint64_t Session::count_targets(const std::vector<std::string>& targets,
                                     const std::vector<std::string>& files) {
  return session::TargetReader(targets, files, [](const Error&) {}).count_rest();
}

}  // namespace maildiag
