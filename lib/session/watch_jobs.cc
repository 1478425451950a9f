#include "session/watch_jobs.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "checks/list_choice.h"
#include "session/watch_observe.h"

namespace maildiag::session {

namespace {

/// Never by default: a server hears of it every run.
ServerParts parts_of(const WatchTarget& target) {
  return {target.wants("smtp", false), target.wants("tls", false)};
}

void add_new(std::vector<std::string>& texts, const std::vector<std::string>& more) {
  for (const auto& text : more) {
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
}

}  // namespace

Result<void> WatchJobs::add(const WatchTarget& target) {
  std::vector<Target> expanded;
  const auto done = expand_target(target.name, [&expanded](const Target& each) {
    expanded.push_back(each);
    return expanded.size() <= max_watched;
  });
  if (!done) return done;
  for (const auto& each : expanded) {
    if (const auto* name = std::get_if<DomainName>(&each)) {
      add_name(target, *name);
    } else {
      add_address(target, std::get<IpAddress>(each));
    }
  }
  if (addresses_.size() <= max_watched) return {};
  return too_many_watched();
}

std::vector<std::string> WatchJobs::lists_of(const WatchJob& job) const {
  if (!job.usual_lists || job.lists.empty()) return job.lists;
  auto all = job.lists;
  if (!impl_.lists.default_zones.empty()) {
    add_new(all, impl_.lists.default_zones);
    return all;
  }
  std::vector<std::string> usual;
  const checks::ListChoice choice(*impl_.rulebook, &impl_.lists, {});
  for (const auto& asked : choice.lists()) usual.emplace_back(asked.list->zone);
  add_new(all, usual);
  return all;
}

void WatchJobs::put(const WatchTarget& from, const Target& target, const char* check) {
  if (const auto* ip = std::get_if<IpAddress>(&target)) addresses_.insert(*ip);
  const auto [place, is_new] = places_.try_emplace(text_of(target) + " " + check, jobs.size());
  if (is_new) jobs.push_back({target, check, {}, {}, false, {}, from.plan});
  auto& job = jobs[place->second];
  add_new(job.selectors, from.selectors);
  add_new(job.lists, from.lists);
  job.usual_lists = job.usual_lists || from.lists.empty();
  const auto parts = parts_of(from);
  job.parts.smtp = job.parts.smtp || parts.smtp;
  job.parts.tls = job.parts.tls || parts.tls;
}

void WatchJobs::add_address(const WatchTarget& target, const IpAddress& address) {
  const auto ip = address.unmapped();
  if (target.wants("dnsbl", true)) put(target, ip, "dnsbl");
  if (target.wants("ptr", true)) put(target, ip, "ptr");
  if (parts_of(target).any()) put(target, ip, "servers");
}

void WatchJobs::add_name(const WatchTarget& target, const DomainName& name) {
  for (const auto* check : {"dnsbl", "mx", "spf", "dmarc"}) {
    if (target.wants(check, true)) put(target, name, check);
  }
  if (target.wants("dkim", !target.selectors.empty())) put(target, name, "dkim");
  if (parts_of(target).any()) put(target, name, "servers");
  const bool lists = target.wants("dnsbl", true) && has_list_of_addresses(target);
  const bool ptr = target.wants("ptr", false);
  if (lists || ptr) impl_.run(resolve(watched(name, target), target, lists, ptr));
}

bool WatchJobs::has_list_of_addresses(const WatchTarget& target) const {
  const checks::ListChoice choice(*impl_.rulebook, &impl_.lists, target.lists);
  return choice.any_serves(checks::TargetKind::ip4) || choice.any_serves(checks::TargetKind::ip6);
}

WatchedName& WatchJobs::watched(const DomainName& name, const WatchTarget& target) {
  const auto [place, is_new] = places_.try_emplace(name.to_string() + " addresses", names.size());
  if (is_new) names.push_back({name, target.plan, false, false, false, {}});
  return names[place->second];
}

Task<void> WatchJobs::resolve(WatchedName& watched, const WatchTarget& target, bool lists,
                              bool ptr) {
  watched.reverse_dns = watched.reverse_dns || ptr;
  watched.evidence.clear();  // of an earlier look: the same
  std::vector<IpAddress> addresses;
  for (const auto type : {dns::RecordType::a, dns::RecordType::aaaa}) {
    const auto answer = co_await impl_.resolver.query(watched.name, type);
    watched.unanswered = watched.unanswered || !answer.definite();
    watched.evidence.push_back(dns::to_evidence(answer));
    for (const auto& record : answer.records) {
      const auto* ip = std::get_if<IpAddress>(&record.data);
      if (ip == nullptr) continue;
      watched.found = true;
      addresses.push_back(*ip);
    }
  }
  const checks::ListChoice choice(*impl_.rulebook, &impl_.lists, target.lists);
  const auto is_served = [&choice](const IpAddress& ip) {
    return choice.any_serves(checks::kind_of(ip.unmapped()));
  };
  // Lists of IPv4 alone are a choice; that they say nothing of a name is none.
  const bool some = std::any_of(addresses.begin(), addresses.end(), is_served);
  for (const auto& ip : addresses) {
    if (lists && (is_served(ip) || !some)) put(target, ip, "dnsbl");
    if (ptr) put(target, ip, "ptr");
  }
}

Finding finding_about(const WatchedName& watched, bool asked_as_name) {
  Finding finding;
  finding.subject = watched.name.to_string();
  finding.data.set("target", finding.subject);
  if (watched.unanswered) {
    finding.id = "watch.addresses-unknown";
    finding.severity = Severity::unknown;
  } else if (watched.found) {
    finding.id = "watch.addresses-found";
    finding.severity = Severity::ok;
  } else {
    finding.id = "watch.without-address";
    finding.severity = asked_as_name && !watched.reverse_dns ? Severity::info : Severity::warning;
  }
  finding.evidence = watched.evidence;
  return finding;
}

}  // namespace maildiag::session
