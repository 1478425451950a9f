#include <algorithm>
#include <utility>
#include <variant>

#include "checks/mta_sts.h"
#include "checks/mta_sts_finding.h"
#include "checks/spf_finding.h"
#include "core/text.h"

namespace maildiag::checks {

using namespace mta_sts;

namespace {

constexpr long http_ok = 200;
/// Addresses of a policy host that are tried.
constexpr std::size_t max_addresses = 8;

Task<void> resolve_host(Context context, PolicyFetch& fetch) {
  for (const auto type : {dns::RecordType::a, dns::RecordType::aaaa}) {
    auto answer = co_await context.resolver.query(fetch.host, type);
    fetch.answers.push_back(std::move(answer));
  }
}

/// RFC 8461 section 3.3: HTTPS with a certificate that is good for the host, no redirects.
Task<void> fetch_policy(Context context, PolicyFetch& fetch) {
  co_await resolve_host(context, fetch);
  if (!fetch.has_address() || context.network == nullptr) co_return;
  net::HttpRequest request;
  request.url = fetch.url;
  request.reach = net::Reach::public_only;
  request.accept = "text/plain";
  request.max_body = max_policy_octets;
  request.addresses = fetch.addresses();
  fetch.reply = co_await context.network->fetch(std::move(request));
  const auto& reply = *fetch.reply;
  if (reply.tls && !reply.tls->chain.empty())
    fetch.certificate = Certificate::from_der(reply.tls->chain.front());
  if (reply.fault == net::Fault::none && reply.status == http_ok)
    fetch.policy = parse_policy(reply.body);
}

Task<void> ask_nonsense(Context context, MtaStsReport& report) {
  const auto& found = report.found;
  if (!found.answer.definite() || !found.records.empty() || found.answer.cname_chain.empty())
    co_return;
  const auto name = found.domain.child("_maildiag-no-such-name");
  if (name) report.nonsense = co_await context.resolver.query(*name, dns::RecordType::txt);
}

void match_hosts(const Exchangers& route, MtaStsReport& report) {
  if (!report.fetch.policy) return;
  const auto& patterns = report.fetch.policy->patterns;
  for (const auto& host : route.hosts) {
    const auto covers = [&host](const std::string& pattern) { return matches(pattern, host.name); };
    report.hosts.push_back({host.name, std::any_of(patterns.begin(), patterns.end(), covers)});
  }
}

Value policy_value(const Policy& policy) {
  return Value::object({{"usable", policy.usable()},
                        {"mode", policy.mode ? Value(to_string(*policy.mode)) : Value()},
                        {"max_age", policy.max_age ? Value(*policy.max_age) : Value()},
                        {"mx", Value::strings(policy.patterns)}});
}

}  // namespace

bool PolicyFetch::has_address() const {
  return std::any_of(answers.begin(), answers.end(),
                     [](const dns::Answer& answer) { return answer.found(); });
}

std::vector<IpAddress> PolicyFetch::addresses() const {
  std::vector<IpAddress> addresses;
  for (const auto& answer : answers) {
    for (const auto& record : answer.records) {
      const auto* ip = std::get_if<IpAddress>(&record.data);
      if (ip != nullptr && addresses.size() < max_addresses) addresses.push_back(*ip);
    }
  }
  return addresses;
}

bool PolicyFetch::inside() const {
  return reply && reply->fault == net::Fault::offline && !reply->reason.empty();
}

bool PolicyFetch::untried() const {
  return has_address() && !inside() && (!reply || reply->fault == net::Fault::offline);
}

bool PolicyFetch::unknown() const {
  if (untried() || inside()) return true;
  if (!reply)
    return std::any_of(answers.begin(), answers.end(),
                       [](const dns::Answer& answer) { return !answer.definite(); });
  using net::Fault;
  return reply->fault == Fault::refused || reply->fault == Fault::unreachable ||
         reply->fault == Fault::timeout || reply->fault == Fault::closed || is_own(reply->fault);
}

std::optional<Mode> MtaStsReport::mode() const {
  if (!record || !record->usable() || !fetch.policy || !fetch.policy->usable()) return std::nullopt;
  return fetch.policy->mode;
}

bool MtaStsReport::enforced(const DomainName& host) const {
  return mode() == Mode::enforce && std::any_of(hosts.begin(), hosts.end(), [&](const Host& each) {
           return each.name == host;
         });
}

Value MtaStsReport::to_value(WallTime now) const {
  auto value = Value::object(
      {{"record", record ? Value(spf::shown(record->text, spf::max_shown_record)) : Value()},
       {"id", record && !record->id.empty() ? Value(record->id) : Value()},
       {"url", fetch.url},
       {"status", Value()},
       {"policy", fetch.policy ? policy_value(*fetch.policy) : Value()}});
  if (fetch.reply && fetch.reply->status > 0) value.set("status", fetch.reply->status);
  if (fetch.certificate) value.set("certificate", fetch.certificate->to_value(now));
  Value list = Value::array();
  for (const auto& host : hosts)
    list.push(Value::object({{"host", host.name.to_string()}, {"covered", host.covered}}));
  value.set("hosts", std::move(list));
  return value;
}

Task<MtaStsReport> check_mta_sts(Context context, MtaStsQuestion question) {
  MtaStsReport report;
  const auto& domain = question.domain;
  const tls_text::Recogniser recogniser{is_record, looks_like_record};
  report.found = co_await tls_text::find_records(context, domain, "_mta-sts", recogniser);
  if (report.found.records.size() == 1) report.record = parse_record(report.found.records.front());
  co_await ask_nonsense(context, report);
  if (const auto host = domain.child("mta-sts")) {
    report.fetch.host = *host;
    report.fetch.url = "https://" + host->key() + "/.well-known/mta-sts.txt";
    co_await fetch_policy(context, report.fetch);
  }
  match_hosts(question.route, report);
  add_record(report, report.findings);
  add_fetch(report, question.now, report.findings);
  add_policy(report, report.findings);
  co_return report;
}

}  // namespace maildiag::checks
