#include "checks/whois.h"

#include <algorithm>
#include <array>
#include <utility>

#include <asio/this_coro.hpp>

#include "checks/public_suffix.h"
#include "checks/whois_access.h"
#include "checks/whois_finding.h"

namespace maildiag::checks {

using namespace whois;

namespace {

using std::chrono::milliseconds;

/// For each of the two ways; a registry that is slower is as good as none.
constexpr milliseconds patience{15'000};
/// Beside another purpose.
constexpr milliseconds side_patience{4'000};

Value contact_value(const Registration& registration) {
  const auto contact = reverse_contact(registration);
  return Value::object(
      {{"name", contact.name}, {"email", contact.email}, {"phone", contact.phone}});
}

/// In no registry, whoever would be asked.
bool is_unregistered(const Target& target) {
  if (const auto* network = std::get_if<IpNetwork>(&target)) return network->address().is_special();
  const auto* number = std::get_if<AsNumber>(&target);
  if (number == nullptr) return false;
  // RFC 7607, 6793, 5398, 6996, 7300.
  constexpr std::array<AsRange, 4> reserved = {
      {{0, 0}, {23456, 23456}, {64496, 131071}, {4200000000U, 4294967295U}}};
  return std::any_of(reserved.begin(), reserved.end(), [number](const AsRange& range) {
    return number->value >= range.first && number->value <= range.last;
  });
}

/// Of a host its registered domain; the registry knows no other. Of an IPv4-mapped address the IPv4
/// one.
Target registered(Target target) {
  if (const auto* network = std::get_if<IpNetwork>(&target)) {
    const auto ip = network->address().unmapped();
    const auto more_bits = static_cast<unsigned>(8 * (network->address().size() - ip.size()));
    return network->prefix() < more_bits ? *network : IpNetwork(ip, network->prefix() - more_bits);
  }
  const auto* domain = std::get_if<DomainName>(&target);
  if (domain == nullptr || domain->label_count() < 2) return target;
  return PublicSuffixes().registered_domain(*domain);
}

/// RDAP first; port 43 where that tells nothing.
Task<whois::Answer> ask_registry(Context context, Servers servers, Target target, bool korean) {
  whois::Answer first;
  if (!servers.rdap.empty()) {
    first = co_await ask_rdap(context, servers.rdap, target, patience);
    const bool told =
        first.outcome == WhoisOutcome::found || first.outcome == WhoisOutcome::not_found;
    if (told || first.outcome == WhoisOutcome::rate_limited) co_return first;
  }
  auto second = co_await ask_whois(context, servers, target, korean, patience);
  second.evidence.insert(second.evidence.begin(), first.evidence.begin(), first.evidence.end());
  const bool told = second.outcome == WhoisOutcome::found ||
                    second.outcome == WhoisOutcome::not_found ||
                    second.outcome == WhoisOutcome::rate_limited;
  // Where nobody told anything, the registry's first server is the one to speak of.
  if (told || servers.rdap.empty() || first.outcome == WhoisOutcome::offline) co_return second;
  first.evidence = std::move(second.evidence);
  co_return first;
}

void take_entry(const Cache::Entry& entry, WhoisReport& report) {
  report.outcome = entry.found ? WhoisOutcome::found : WhoisOutcome::not_found;
  report.registration = entry.registration;
  report.registry = entry.registry;
  report.source = entry.source;
  report.server = entry.server;
  report.asked = entry.asked;
  report.from_cache = true;
}

/// Sets what the cache knows; false: nothing, or it was not to be asked.
bool take_cached(Context context, const std::string& key, WallTime now, WhoisReport& report) {
  if (context.whois == nullptr) return false;
  context.whois->load_once();
  if (context.whois->fresh) return false;
  const auto* entry = context.whois->cache.find(key, now);
  if (entry != nullptr) take_entry(*entry, report);
  return entry != nullptr;
}

void keep(Context context, const std::string& key, const WhoisReport& report) {
  const bool told =
      report.outcome == WhoisOutcome::found || report.outcome == WhoisOutcome::not_found;
  if (context.whois == nullptr || !told) return;
  context.whois->cache.keep(key, {report.outcome == WhoisOutcome::found, report.registration,
                                  report.source, report.server, report.registry, report.asked});
}

Servers servers_for(Context context, const Target& target) {
  static const Bootstrap none;
  return find_servers(context.rulebook, context.whois != nullptr ? context.whois->bootstrap : none,
                      target);
}

void take_answer(whois::Answer answer, WhoisReport& report) {
  report.outcome = answer.outcome;
  report.registration = std::move(answer.registration);
  report.source = std::move(answer.source);
  report.server = std::move(answer.server);
}

std::string key_of(Context context, const Target& target) {
  return to_string(target) + (context.whois != nullptr ? context.whois->scope : std::string());
}

Task<void> look_up(Context context, WallTime now, WhoisReport& report) {
  const auto key = key_of(context, report.target);
  if (take_cached(context, key, now, report)) {
    add_registration(report, {}, now);
    co_return;
  }
  report.asked = now;
  const auto servers = servers_for(context, report.target);
  report.registry = servers.name;
  whois::Answer answer;
  if (context.network != nullptr) {
    const bool korean = context.whois != nullptr && context.whois->korean;
    answer = co_await ask_registry(context, servers, report.target, korean);
  }
  auto told = answer;
  take_answer(std::move(answer), report);
  keep(context, key, report);
  add_registration(report, told, now);
}

/// Waits while another task asks the same; then the cache knows it, unless it was in vain. False:
/// nobody asks.
Task<bool> wait_for_others(WhoisAccess& access, std::string key) {
  const auto found = access.under_way.find(key);
  if (found == access.under_way.end()) co_return false;
  const auto event = found->second;
  co_await event->wait();
  co_return true;
}

/// Asks by RDAP, once for all who wait for it.
Task<void> ask_beside(Context context, std::string key, WallTime now, WhoisReport& report) {
  auto& access = *context.whois;
  const auto servers = servers_for(context, report.target);
  if (servers.rdap.empty() || access.side_lookups == 0) co_return;
  --access.side_lookups;
  const auto executor = co_await asio::this_coro::executor;
  const auto event = std::make_shared<dns::Event>(executor);
  access.under_way.insert_or_assign(key, event);
  auto answer = co_await ask_rdap(context, servers.rdap, report.target, side_patience);
  access.under_way.erase(key);
  event->set();
  report.asked = now;
  report.registry = servers.name;
  const auto told = answer;
  take_answer(std::move(answer), report);
  keep(context, key, report);
  add_holder_unknown(report, told, std::get<IpNetwork>(report.target).address());
}

}  // namespace

Value WhoisReport::to_value() const {
  auto value = Value::object({{"target", to_string(target)},
                              {"kind", kind_of(target)},
                              {"outcome", to_string(outcome)},
                              {"registry", registry},
                              {"source", source},
                              {"server", server},
                              {"asked", to_rfc3339(asked)},
                              {"from_cache", from_cache},
                              {"registration", Value()}});
  if (outcome == WhoisOutcome::found) value.set("registration", registration.to_value());
  if (!reverse) return value;
  value.set("reverse", reverse->to_value());
  value.set("ask", Value());
  if (outcome == WhoisOutcome::found) value.set("ask", contact_value(registration));
  return value;
}

Task<WhoisReport> check_whois(Context context, Target target, WallTime now) {
  WhoisReport report;
  report.target = registered(std::move(target));
  report.asked = now;
  if (is_unregistered(report.target)) {
    report.outcome = WhoisOutcome::not_found;
    add_special(report);
  } else {
    co_await look_up(context, now, report);
  }
  const auto* network = std::get_if<IpNetwork>(&report.target);
  if (network == nullptr || network->prefix() != 8 * network->address().size()) co_return report;
  const auto ip = network->address();
  auto reverse = co_await find_reverse_zone(context, ip);
  report.findings.insert(report.findings.end(), reverse.findings.begin(), reverse.findings.end());
  report.reverse = std::move(reverse);
  if (report.outcome == WhoisOutcome::found) add_holder(report, ip);
  co_return report;
}

Task<std::vector<Finding>> find_holder(Context context, IpAddress ip) {
  ip = ip.unmapped();
  const auto bits = static_cast<unsigned>(8 * ip.size());
  WhoisReport report;
  report.target = IpNetwork(ip, bits);
  if (context.network == nullptr || context.whois == nullptr || is_unregistered(report.target))
    co_return report.findings;
  const auto now = std::chrono::system_clock::now();
  const auto key = key_of(context, report.target);
  const bool waited = co_await wait_for_others(*context.whois, key);
  if (!take_cached(context, key, now, report) && !waited)
    co_await ask_beside(context, key, now, report);
  if (report.outcome == WhoisOutcome::found) add_holder(report, ip);
  co_return report.findings;
}

}  // namespace maildiag::checks
