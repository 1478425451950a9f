#include "session/watch_observe.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checks/dkim.h"
#include "checks/dmarc.h"
#include "checks/dnsbl.h"
#include "checks/list_choice.h"
#include "checks/mx.h"
#include "checks/ptr.h"
#include "checks/spf.h"
#include "core/json_parse.h"
#include "report/json_text.h"
#include "session/watch_faults.h"
#include "session/watch_jobs.h"
#include "session/watch_servers.h"

namespace maildiag::session {

namespace {

std::string joined(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return fmt::format("{}", fmt::join(texts, "\n"));
}

/// What one job gave.
struct Seen {
  std::string target;
  std::vector<watch::Observation> observations;
  std::vector<std::pair<std::string, checks::ListState>> lists;
  Value list_values = Value::array();
  std::vector<Finding> findings;
  std::string plan;
  bool all = true;  ///< false: the plan may ask for more, which is not known now
};

class Looker {
 public:
  Looker(Session::Impl& impl, const WatchJobs& list) : impl_(impl), list_(list) {}

  Task<Seen> look(WatchJob job) {
    Seen seen;
    seen.target = text_of(job.target);
    seen.plan = job.plan;
    if (job.check == "dnsbl") {
      co_await look_at_lists(job, seen);
    } else if (job.check == "ptr") {
      auto result = co_await checks::check_ptr(impl_.context(), std::get<IpAddress>(job.target),
                                               std::nullopt);
      std::vector<std::string> names;
      for (const auto& name : result.names) names.push_back(name.key());
      add(seen, job, "", joined(std::move(names)), std::move(result.findings));
    } else if (job.check == "dkim") {
      co_await look_at_keys(job, seen);
    } else if (job.check == "servers") {
      auto servers = co_await look_at_servers(impl_, job.target, job.parts);
      seen.observations = std::move(servers.observations);
      seen.findings = std::move(servers.findings);
      seen.all = servers.all;
    } else {
      co_await look_at_domain(job, std::get<DomainName>(job.target), seen);
    }
    for (auto& observation : seen.observations) observation.plan = job.plan;
    hide(seen);
    co_return seen;
  }

 private:
  /// What lists say of themselves can hold their keys; it goes into the history, and from there to
  /// whoever is told. The findings' turn comes in Session::Impl::finish().
  void hide(Seen& seen) const {
    if (impl_.mask->empty()) return;
    for (auto& observation : seen.observations) {
      for (auto* text :
           {&observation.key.subject, &observation.standing.value, &observation.detail})
        *text = impl_.mask->apply(*text);
      if (!observation.parts) continue;
      for (auto* faults : {&observation.parts->faults, &observation.parts->silences}) {
        for (auto& fault : *faults) {
          for (auto* text : {&fault.name, &fault.detail}) *text = impl_.mask->apply(*text);
        }
      }
    }
  }

  static void add(Seen& seen, const WatchJob& job, const std::string& subject, std::string value,
                  std::vector<Finding> findings) {
    watch::Key key{seen.target, job.check, subject};
    auto& added =
        seen.observations.emplace_back(observation_of(std::move(key), std::move(value), findings));
    added.overdue = unanswered();
    std::move(findings.begin(), findings.end(), std::back_inserter(seen.findings));
  }

  Task<void> look_at_domain(const WatchJob& job, DomainName domain, Seen& seen) {
    if (job.check == "mx") {
      auto result = co_await checks::check_mx(impl_.context(), domain);
      std::vector<std::string> hosts;
      for (const auto& mx : result.hosts)
        hosts.push_back(fmt::format("{} {}", mx.preference, mx.host.key()));
      add(seen, job, "", joined(std::move(hosts)), std::move(result.findings));
    } else if (job.check == "spf") {
      auto result = co_await checks::lint_spf(impl_.context(), domain);
      add(seen, job, "", joined(std::move(result.records)), std::move(result.findings));
    } else if (job.check == "dmarc") {
      auto result = co_await checks::check_dmarc(impl_.context(), domain, {});
      add(seen, job, "", result.to_value()["record"].to_text(), std::move(result.findings));
    }
  }

  /// One item for each selector, so that one that is rolled over does not hide another.
  Task<void> look_at_keys(const WatchJob& job, Seen& seen) {
    for (const auto& selector : job.selectors) {
      const std::vector<std::string> one{selector};
      auto result =
          co_await checks::check_dkim_keys(impl_.context(), std::get<DomainName>(job.target), one);
      std::vector<std::string> records;
      for (const auto& key : result.keys) records.push_back(key.record);
      add(seen, job, selector, joined(std::move(records)), std::move(result.findings));
    }
  }

  Task<void> look_at_lists(const WatchJob& job, Seen& seen) {
    checks::DnsblOptions options;
    options.only = list_.lists_of(job);
    // What an hour old test says of a list is not enough to wake somebody.
    options.self_test = checks::SelfTest::always;
    const auto* ip = std::get_if<IpAddress>(&job.target);
    const checks::DnsblTarget target = ip != nullptr
                                           ? checks::DnsblTarget(*ip)
                                           : checks::DnsblTarget(std::get<DomainName>(job.target));
    auto result = co_await checks::check_dnsbl(impl_.context(), target, options);
    const auto values = result.to_value(*impl_.rulebook, impl_.options.language, false);
    seen.list_values = values["lists"];
    for (const auto& list : result.lists) {
      // Lists of domains beside those of addresses: each is asked what it is for.
      if (list.reason == checks::reason_not_for_addresses ||
          list.reason == checks::reason_not_for_domains)
        continue;
      seen.lists.emplace_back(list.zone, list.state);
      if (list.state == checks::ListState::skipped) continue;
      watch::Observation observation;
      observation.key = {seen.target, "dnsbl", list.zone};
      const auto* finding = finding_about(result.findings, list.zone);
      observation.known = list.state == checks::ListState::listed ||
                          list.state == checks::ListState::not_listed ||
                          list.state == checks::ListState::allowed;
      if (list.state == checks::ListState::error) observation.overdue = unanswered();
      if (list.state == checks::ListState::listed && finding != nullptr) {
        std::vector<std::string> codes;
        for (const auto& code : list.codes) codes.push_back(code.to_string());
        observation.standing = {true, finding->severity, joined(std::move(codes))};
        observation.detail = pack_finding(*finding);
      }
      seen.observations.push_back(std::move(observation));
    }
    // A name that no list is for: its addresses are looked at besides.
    if (ip == nullptr && result.queried == 0) co_return;
    std::move(result.findings.begin(), result.findings.end(), std::back_inserter(seen.findings));
  }

  static const Finding* finding_about(const std::vector<Finding>& findings,
                                      const std::string& zone) {
    for (const auto& finding : findings) {
      if (finding.data["list"].as_string() == zone) return &finding;
    }
    return nullptr;
  }

  Session::Impl& impl_;
  const WatchJobs& list_;
};

class Collector {
 public:
  Collector(Session::Impl& impl, WallTime started) : impl_(impl), started_(started) {}

  void add(Seen seen) {
    auto [place, is_new] = places_.try_emplace(seen.target, sights.samples.size());
    if (is_new) {
      sights.samples.push_back({seen.target, 0, 0, 0});
      auto report = new_report("watch", seen.target);
      report.started = started_;
      report.result = Value::object(
          {{"listed", 0}, {"answered", 0}, {"queried", 0}, {"lists", Value::array()}});
      sights.current.push_back(std::move(report));
    }
    auto& sample = sights.samples[place->second];
    auto& report = sights.current[place->second];
    if (!seen.all) sights.whole.erase(seen.plan);
    for (const auto& [zone, state] : seen.lists) count(zone, state, seen.plan);
    int listed = 0, answered = 0, queried = 0;
    for (auto& observation : seen.observations) {
      ++sample.asked;
      sample.answered += observation.is_answered() ? 1 : 0;
      sample.bad += observation.standing.bad ? 1 : 0;
      if (observation.key.check == "dnsbl") {
        ++queried;
        answered += observation.known ? 1 : 0;
        listed += observation.standing.bad ? 1 : 0;
      }
      sights.observations.push_back(std::move(observation));
    }
    auto& result = report.result;
    result.set("listed", result["listed"].as_integer() + listed);
    result.set("answered", result["answered"].as_integer() + answered);
    result.set("queried", result["queried"].as_integer() + queried);
    for (const auto& value : seen.list_values.as_array()) result.find("lists")->push(value);
    std::move(seen.findings.begin(), seen.findings.end(), std::back_inserter(report.findings));
  }

  /// After all jobs: they tell whether the name was asked about as one.
  void add(const WatchedName& watched) {
    Seen seen;
    seen.target = watched.name.to_string();
    const auto place = places_.find(seen.target);
    const bool as_name =
        place != places_.end() && sights.current[place->second].result["queried"].as_integer() > 0;
    seen.plan = watched.plan;
    seen.all = !watched.unanswered;
    seen.findings.push_back(finding_about(watched, as_name));
    auto& observation = seen.observations.emplace_back(
        observation_of({seen.target, "addresses", ""}, "", seen.findings));
    observation.plan = watched.plan;
    observation.overdue = unanswered();
    // With and without an address it is as good where it is watched as a name.
    if (!observation.standing.bad) observation.standing = {};
    add(std::move(seen));
  }

  Sights take() {
    for (auto& observation : sights.observations) {
      // What is the list's own trouble is told for the list.
      if (observation.key.check == "dnsbl" && lists_[observation.key.subject].answered == 0)
        observation.overdue.reset();
    }
    for (auto& report : sights.current) impl_.finish(report);
    for (auto& [zone, sight] : lists_) sights.lists.push_back(sight);
    return std::move(sights);
  }

  Sights sights;

 private:
  void count(const std::string& zone, checks::ListState state, const std::string& plan) {
    auto& sight = lists_[zone];
    sight.zone = zone;
    if (sight.plan.empty()) sight.plan = plan;
    switch (state) {
      case checks::ListState::listed:
      case checks::ListState::not_listed:
      case checks::ListState::allowed:
        ++sight.answered;
        break;
      case checks::ListState::broken:
        ++sight.broken;
        break;
      case checks::ListState::blocked:
        ++sight.blocked;
        break;
      case checks::ListState::error:
        ++sight.error;
        break;
      case checks::ListState::skipped:
        ++sight.skipped;
        break;
    }
  }

  Session::Impl& impl_;
  WallTime started_;
  std::map<std::string, std::size_t> places_;
  std::map<std::string, watch::ListSight> lists_;
};

}  // namespace

std::string text_of(const Target& target) {
  const auto* ip = std::get_if<IpAddress>(&target);
  return ip != nullptr ? ip->to_string() : std::get<DomainName>(target).to_string();
}

watch::Standing unanswered() {
  return {true, Severity::unknown, "unanswered"};
}

watch::Observation observation_of(watch::Key key, std::string value,
                                  const std::vector<Finding>& findings) {
  watch::Observation observation;
  observation.key = std::move(key);
  observation.standing.value = std::move(value);
  const Finding* about = nullptr;  // what says most about the whole
  const auto weight = [](const Finding& finding) {
    if (finding.severity != Severity::unknown) return finding.severity == Severity::ok ? 2 : 1;
    return leaves_rest_known(finding) ? 0 : 3;
  };
  for (const auto& finding : findings) {
    if (about == nullptr || weight(finding) > weight(*about)) about = &finding;
    observation.known = observation.known && weight(finding) != 3;
  }
  if (about != nullptr) observation.detail = pack_finding(*about);
  observation.parts = parts_of(findings, observation.key.target);
  if (const auto& faults = observation.parts->faults; !faults.empty()) {
    observation.standing.bad = true;
    observation.standing.severity = faults.front().severity;
  }
  return observation;
}

Result<Sights> look_at(Session::Impl& impl, const WatchPlan& plan) {
  const auto started = std::chrono::system_clock::now();
  WatchJobs list(impl);
  for (const auto& target : plan.targets) {
    if (const auto added = list.add(target); !added) return tl::unexpected(added.error());
  }
  std::vector<Seen> seen(list.jobs.size());
  Looker looker(impl, list);
  const Counted counted(impl, list.jobs.size());
  bool cut_short = false;
  const auto one = [&](std::size_t index) -> Task<void> {
    // Where answers come without a wait, from files, nobody else gets to notice.
    cut_short = cut_short || impl.cancelled();
    if (cut_short) co_return;
    auto result = co_await looker.look(list.jobs[index]);
    seen[index] = std::move(result);
    ++impl.progress.done;
  };
  if (!impl.run(for_each_index(list.jobs.size(), parallel_targets, one)) || cut_short)
    return tl::unexpected(cancelled_error(impl, "run.left.watch"));
  Collector collector(impl, started);
  for (const auto& target : plan.targets) collector.sights.whole.insert(target.plan);
  for (auto& each : seen) collector.add(std::move(each));
  for (const auto& name : list.names) collector.add(name);
  return collector.take();
}

std::string pack_finding(const Finding& finding) {
  std::string text;
  report::append_json(text, Value::object({{"id", finding.id},
                                           {"severity", to_string(finding.severity)},
                                           {"subject", finding.subject},
                                           {"data", finding.data}}));
  return text;
}

Finding unpack_finding(const std::string& text) {
  Finding finding;
  const auto value = parse_json(text);
  if (!value) return finding;
  finding.id = (*value)["id"].as_string();
  finding.subject = (*value)["subject"].as_string();
  finding.data = (*value)["data"];
  for (const auto severity :
       {Severity::ok, Severity::info, Severity::warning, Severity::critical, Severity::unknown}) {
    if (to_string(severity) == (*value)["severity"].as_string()) finding.severity = severity;
  }
  return finding;
}

}  // namespace maildiag::session
