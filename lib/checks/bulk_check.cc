#include <algorithm>
#include <utility>

#include "checks/bulk.h"
#include "checks/bulk_points.h"
#include "checks/dkim_message.h"
#include "checks/exchangers.h"

namespace maildiag::checks {

namespace {

constexpr std::size_t parallel_addresses = 10;

/// Several exchangers may have one address, and a person may name it twice; each is looked at once.
void add_address(BulkReport& report, const IpAddress& ip) {
  const auto known = [&](const BulkAddress& address) { return address.ip == ip; };
  if (report.addresses.size() == max_bulk_addresses ||
      std::any_of(report.addresses.begin(), report.addresses.end(), known))
    return;
  report.addresses.push_back({ip, {}, std::nullopt});
}

/// The addresses of the domain's mail exchangers, which often send, too.
Task<void> assume_addresses(Context context, BulkReport& report) {
  const auto exchangers = co_await find_exchangers(context, report.request.domain);
  for (const auto& host : exchangers.hosts) {
    for (const auto& ip : host.addresses) add_address(report, ip);
  }
  report.assumed = !report.addresses.empty();
}

Task<void> find_addresses(Context context, BulkReport& report) {
  auto& request = report.request;
  if (request.addresses.empty() && request.envelope.ip)
    request.addresses.push_back(*request.envelope.ip);
  for (const auto& ip : request.addresses) add_address(report, ip);
  if (report.addresses.empty()) co_await assume_addresses(context, report);
}

/// Reverse DNS of each address; SPF of the domain for it where no message shows an envelope.
Task<void> look_at_addresses(Context context, BulkReport& report) {
  const bool evaluate = !report.assumed && !(report.auth && report.auth->spf);
  const auto domain = report.request.domain.to_string();
  const auto one = [&](std::size_t index) -> Task<void> {
    auto& address = report.addresses[index];
    auto reverse = co_await check_ptr(context, address.ip, std::nullopt);
    address.reverse = std::move(reverse);
    if (!evaluate) co_return;
    SpfRequest request;
    request.ip = address.ip;
    request.sender = "postmaster@" + domain;
    request.helo = domain;
    auto spf = co_await check_spf(context, std::move(request));
    address.spf = std::move(spf);
  };
  co_await for_each_index(report.addresses.size(), parallel_addresses, one);
}

Task<Result<void>> look_at_message(Context context, BulkReport& report) {
  const auto& octets = *report.request.message;
  MessageRequest request;
  request.envelope = report.request.envelope;
  request.now = report.request.now;
  request.today = report.request.today;
  auto auth = co_await evaluate_message(context, octets, request);
  if (!auth) co_return tl::unexpected(auth.error());
  report.auth = std::move(*auth);
  auto arc = co_await check_arc(context, octets, report.request.now);
  if (!arc) co_return tl::unexpected(arc.error());
  report.arc = std::move(*arc);
  co_return Result<void>();
}

Task<void> look_at_records(Context context, BulkReport& report) {
  const auto domain = report.request.domain;
  if (report.addresses.empty() || report.assumed) {
    auto lint = co_await lint_spf(context, domain);
    report.lint = std::move(lint);
  }
  auto keys = co_await check_dkim_keys(context, domain, {});
  report.keys = std::move(keys);
}

}  // namespace

std::string_view to_string(BulkState state) {
  switch (state) {
    case BulkState::met:
      return "met";
    case BulkState::failed:
      return "failed";
    case BulkState::unknown:
      return "unknown";
    case BulkState::untested:
      break;
  }
  return "untested";
}

BulkState BulkReport::state_of(std::string_view check) const {
  for (const auto& point : points) {
    if (point.check == check) return point.state;
  }
  return BulkState::untested;
}

Value BulkReport::to_value(const rulebook::Rulebook& rulebook, Language language) const {
  auto sending = Value::array(), all = Value::array(), demands = Value::array();
  for (const auto& address : addresses) {
    auto entry = Value::object(
        {{"ip", address.ip.to_string()}, {"fcrdns", to_string(address.reverse.fcrdns)}});
    if (address.spf) entry.set("spf", to_string(address.spf->evaluation->result));
    sending.push(std::move(entry));
  }
  for (const auto& point : points)
    all.push(Value::object({{"check", point.check}, {"state", to_string(point.state)}}));
  for (const auto& requirement : rulebook.requirements())
    demands.push(Value::object({{"id", requirement.id},
                                {"provider", requirement.provider},
                                {"check", requirement.check},
                                {"state", to_string(state_of(requirement.check))},
                                {"senders", requirement.senders},
                                {"level", requirement.level},
                                {"since", requirement.since},
                                {"text", requirement.text.in(language)},
                                {"link", requirement.link}}));
  auto value = Value::object({{"domain", request.domain.to_string()},
                              {"addresses", std::move(sending)},
                              {"assumed", assumed},
                              {"sample", request.message.has_value()},
                              {"points", std::move(all)},
                              {"requirements", std::move(demands)}});
  if (keys) value.set("keys_found", keys->keys.size());
  return value;
}

Task<Result<BulkReport>> check_bulk(Context context, BulkRequest request) {
  BulkReport report;
  report.request = std::move(request);
  const auto domain = report.request.domain;
  auto dmarc = co_await check_dmarc(context, domain, DmarcScope{nullptr, false});
  report.dmarc = std::move(dmarc);
  if (report.request.message) {
    const auto done = co_await look_at_message(context, report);
    if (!done) co_return tl::unexpected(done.error());
  }
  co_await find_addresses(context, report);
  co_await look_at_addresses(context, report);
  if (!report.auth) co_await look_at_records(context, report);
  if (report.request.message) {
    const auto message = dkim::read_message(*report.request.message);
    bulk::judge(context, &*message, report);
  } else {
    bulk::judge(context, nullptr, report);
  }
  co_return report;
}

}  // namespace maildiag::checks
