#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "checks/whois_ask.h"
#include "checks/whois_fetch.h"
#include "checks/whois_record.h"
#include "checks/whois_text.h"
#include "checks/whois_url.h"
#include "core/charset.h"

namespace maildiag::checks::whois {

namespace {

using Clock = std::chrono::steady_clock;

Evidence evidence_of(const net::WhoisRequest& request, const net::WhoisReply& reply) {
  const auto outcome = reply.fault == net::Fault::none ? fmt::format("{} B", reply.text.size())
                                                       : std::string(to_string(reply.fault));
  const auto question = clean_text(request.question);
  Evidence evidence;
  evidence.data = Value::object(
      {{"kind", "whois"},
       {"server", request.server},
       {"question", question},
       {"fault", to_string(reply.fault)},
       {"octets", reply.text.size()},
       {"text", fmt::format("whois -h {} \"{}\" -> {}", request.server, question, outcome)}});
  return evidence;
}

/// One server of the chain.
struct Step {
  DomainName server;
  std::string question, charset;
};

/// Asks one server. Its text, as UTF-8; nullopt: the answer says why not.
Task<std::optional<std::string>> ask_server(Context context, Step step, Clock::time_point deadline,
                                            Answer& answer) {
  net::WhoisRequest request;
  request.server = step.server.key();
  answer.server = request.server;
  auto host = co_await find_host(context, request.server);
  request.addresses = std::move(host.addresses);
  request.reach = net::Reach::public_only;
  request.question = step.question;
  request.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  answer.outcome = WhoisOutcome::failed;
  if (request.addresses.empty()) {
    answer.reason = no_address(context.rulebook, host);
    co_return std::nullopt;
  }
  if (request.timeout.count() <= 0) {
    answer.reason = std::string(to_string(net::Fault::timeout));
    co_return std::nullopt;
  }
  request.connect_timeout = std::min(request.connect_timeout, request.timeout);
  const auto asked = request;
  const auto reply = co_await context.network->whois(std::move(request));
  answer.evidence.push_back(evidence_of(asked, reply));
  if (reply.fault == net::Fault::offline && host.private_only) {
    answer.reason = no_address(context.rulebook, host);
    co_return std::nullopt;
  }
  if (reply.fault != net::Fault::none) {
    answer.outcome =
        reply.fault == net::Fault::offline ? WhoisOutcome::offline : WhoisOutcome::failed;
    answer.reason = clean_text(reply.reason.empty() ? to_string(reply.fault) : reply.reason);
    co_return std::nullopt;
  }
  co_return to_utf8(reply.text, step.charset);
}

void read_answer(Context context, const std::string& text, const WhoisText& parsed,
                 const Target& target, Answer& answer) {
  answer.outcome = WhoisOutcome::failed;
  switch (judge_whois(text)) {
    case WhoisVerdict::rate_limited:
      answer.outcome = WhoisOutcome::rate_limited;
      return;
    case WhoisVerdict::not_found:
      answer.outcome = WhoisOutcome::not_found;
      return;
    case WhoisVerdict::record:
      break;
  }
  if (auto found = read_record(parsed, target)) {
    answer.outcome = WhoisOutcome::found;
    answer.registration = std::move(*found);
  } else {
    answer.reason = words(context.rulebook, "whois.reason.no-record");
  }
}

template <class T>
void fill(T& known, const T& more) {
  if (known == T()) known = more;
}

/// What the registry left out, in the registrar's words.
void add_missing(Registration& known, const Registration& more) {
  fill(known.registrar, more.registrar);
  fill(known.registrar_id, more.registrar_id);
  fill(known.registered, more.registered);
  fill(known.changed, more.changed);
  fill(known.expires, more.expires);
  fill(known.name_servers, more.name_servers);
  fill(known.status, more.status);
  fill(known.is_signed, more.is_signed);
  if (known.abuse.empty()) known.abuse = more.abuse;
  if (known.technical.empty()) known.technical = more.technical;
}

/// One step on from a thin registry. Whatever it comes to, what the registry said stands.
Task<void> ask_registrar(Context context, Step step, Target target, bool korean,
                         Clock::time_point deadline, Answer& answer) {
  Answer beside;
  const auto text = co_await ask_server(context, step, deadline, beside);
  answer.evidence.insert(answer.evidence.end(), beside.evidence.begin(), beside.evidence.end());
  if (!text) co_return;
  read_answer(context, *text, parse_whois(*text, korean), target, beside);
  if (beside.outcome == WhoisOutcome::found) add_missing(answer.registration, beside.registration);
}

}  // namespace

Task<Answer> ask_whois(Context context, Servers servers, Target target, bool korean,
                       std::chrono::milliseconds timeout) {
  Answer answer;
  answer.source = "whois";
  answer.outcome = WhoisOutcome::failed;
  const auto deadline = Clock::now() + timeout;
  const auto first = DomainName::from_user(servers.whois);
  if (!first) co_return answer;
  Step step{*first, servers.question, servers.charset};
  const auto step_to = [&](const DomainName& server) {
    return Step{server, question_for(context.rulebook, server, target),
                charset_of(context.rulebook, server)};
  };
  std::set<std::string> asked;
  for (;;) {
    asked.insert(step.server.key());
    const auto text = co_await ask_server(context, step, deadline, answer);
    if (!text) co_return answer;
    const auto parsed = parse_whois(*text, korean);
    const auto next = find_referral(parsed);
    if (!next) {
      read_answer(context, *text, parsed, target, answer);
      const auto registrar = find_registrar_server(parsed);
      const bool more = answer.outcome == WhoisOutcome::found && registrar &&
                        std::holds_alternative<DomainName>(target) && asked.size() < max_servers &&
                        !asked.contains(registrar->key());
      if (more) {
        auto last = step_to(*registrar);
        co_await ask_registrar(context, std::move(last), target, korean, deadline, answer);
      }
      co_return answer;
    }
    if (asked.size() == max_servers || asked.contains(next->key())) {
      answer.outcome = WhoisOutcome::failed;
      answer.reason =
          words(context.rulebook, asked.size() == max_servers ? "whois.reason.referrals"
                                                              : "whois.reason.referral-loop");
      co_return answer;
    }
    step = step_to(*next);
  }
}

}  // namespace maildiag::checks::whois
