#include <utility>

#include <fmt/format.h>

#include "checks/whois_ask.h"
#include "checks/whois_fetch.h"
#include "checks/whois_rdap.h"
#include "core/json_parse.h"
#include "core/text.h"

namespace maildiag::checks::whois {

namespace {

/// An RDAP error object (RFC 9083 section 6), or at least RDAP's media type: a 404 of any other
/// kind tells of a wrong address, not of the registry's data.
bool is_rdap_error(const net::HttpReply& reply) {
  if (text::contains_ignore_case(reply.content_type, "application/rdap+json")) return true;
  const auto object = parse_json(reply.body);
  return object &&
         (object->find("errorCode") != nullptr || object->find("rdapConformance") != nullptr);
}

void read_reply(Context context, const net::HttpReply& reply, const Target& target,
                Answer& answer) {
  constexpr long ok = 200, not_found = 404, too_many = 429;
  if (reply.status == too_many) {
    answer.outcome = WhoisOutcome::rate_limited;
    answer.retry_after = clean_text(reply.retry_after);
  } else if (reply.status == not_found && is_rdap_error(reply)) {
    answer.outcome = WhoisOutcome::not_found;
  } else if (reply.status != ok) {
    answer.reason = fmt::format("HTTP {}", reply.status);
  } else {
    const auto object = parse_json(reply.body);
    auto found = object ? read_rdap(*object, target) : std::nullopt;
    if (found) {
      answer.outcome = WhoisOutcome::found;
      answer.registration = std::move(*found);
    } else {
      answer.reason = words(context.rulebook, "whois.reason.no-rdap");
    }
  }
}

}  // namespace

Task<Answer> ask_rdap(Context context, std::string base, Target target,
                      std::chrono::milliseconds timeout) {
  Answer answer;
  answer.source = "rdap";
  answer.outcome = WhoisOutcome::failed;
  auto url = base + rdap_path(target);
  std::string accept = "application/rdap+json, application/json;q=0.9";
  auto fetched =
      co_await fetch_public(context, std::move(url), std::move(accept), max_rdap, timeout);
  answer.server = std::move(fetched.host);
  answer.evidence = std::move(fetched.evidence);
  if (fetched.answered) {
    read_reply(context, fetched.reply, target, answer);
  } else {
    answer.outcome = fetched.offline ? WhoisOutcome::offline : WhoisOutcome::failed;
    answer.reason = std::move(fetched.reason);
  }
  co_return answer;
}

}  // namespace maildiag::checks::whois
