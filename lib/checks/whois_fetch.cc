#include "checks/whois_fetch.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "checks/whois_registration.h"

namespace maildiag::checks::whois {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Evidence evidence_of(const HttpsUrl& url, const net::HttpReply& reply) {
  const auto ms = duration_cast<milliseconds>(reply.total).count();
  const auto outcome = reply.status != 0 ? fmt::format("HTTP {}", reply.status)
                                         : std::string(to_string(reply.fault));
  const auto shown = clean_text(url.text());
  Evidence evidence;
  evidence.data =
      Value::object({{"kind", "http"},
                     {"url", shown},
                     {"status", reply.status},
                     {"fault", to_string(reply.fault)},
                     {"location", clean_text(reply.location)},
                     {"ms", ms},
                     {"text", fmt::format("GET {} -> {} ({} ms)", shown, outcome, ms)}});
  return evidence;
}

/// One request of the chain; false: there was none, and `result` says why.
Task<bool> fetch_one(Context context, HttpsUrl url, net::HttpRequest request, Fetched& result) {
  result.host = url.host;
  auto host = co_await find_host(context, url.host);
  if (host.addresses.empty()) {
    result.reason = no_address(context.rulebook, host);
    co_return false;
  }
  if (request.timeout.count() <= 0) {
    result.reason = to_string(net::Fault::timeout);
    co_return false;
  }
  request.url = url.text();
  request.reach = net::Reach::public_only;
  request.addresses = std::move(host.addresses);
  request.connect_timeout = std::min(request.connect_timeout, request.timeout);
  result.reply = co_await context.network->fetch(std::move(request));
  const auto& reply = result.reply;
  result.evidence.push_back(evidence_of(url, reply));
  if (reply.fault == net::Fault::none) co_return true;
  if (reply.fault == net::Fault::offline && host.private_only) {
    result.reason = no_address(context.rulebook, host);
    co_return false;
  }
  result.offline = reply.fault == net::Fault::offline;
  result.reason = clean_text(reply.reason.empty() ? to_string(reply.fault) : reply.reason);
  co_return false;
}

}  // namespace

Value words(const rulebook::Rulebook& rulebook, std::string_view label) {
  return Value::object(
      {{"en", rulebook.label(label, Language::en)}, {"ko", rulebook.label(label, Language::ko)}});
}

Value no_address(const rulebook::Rulebook& rulebook, const HostAddresses& host) {
  if (host.private_only) return words(rulebook, "whois.reason.private-address");
  return words(rulebook,
               host.unanswered ? "whois.reason.host-unanswered" : "whois.reason.host-unknown");
}

Task<Fetched> fetch_public(Context context, std::string url, std::string accept,
                           std::size_t max_body, milliseconds timeout) {
  Fetched result;
  const auto deadline = Clock::now() + timeout;
  auto next = HttpsUrl::parse(url);
  for (int hops = 0; next; ++hops) {
    net::HttpRequest request;
    request.accept = accept;
    request.max_body = max_body;
    request.timeout = duration_cast<milliseconds>(deadline - Clock::now());
    const bool came = co_await fetch_one(context, *next, std::move(request), result);
    if (!came) co_return result;
    result.answered = !is_redirect(result.reply.status);
    if (result.answered) co_return result;
    if (hops == max_redirects) {
      result.reason = words(context.rulebook, "whois.reason.redirects");
      co_return result;
    }
    next = follow(*next, result.reply.location);
  }
  result.reason = words(context.rulebook, "whois.reason.redirect-refused");
  co_return result;
}

}  // namespace maildiag::checks::whois
