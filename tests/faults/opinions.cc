#include "faults/opinions.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "checks/dkim.h"
#include "checks/dmarc.h"
#include "checks/dnsbl.h"
#include "checks/dnsbl_sweep.h"
#include "checks/message_auth.h"
#include "checks/mx.h"
#include "checks/ptr.h"
#include "checks/spf.h"
#include "checks/tls_domain.h"
#include "support/dkim_world.h"

namespace maildiag::faults {
namespace {

using checks::Context;
using Run = std::function<Task<Opinions>(Context)>;

constexpr const char* incomplete = "(incomplete)";

std::string known(std::string_view word) {
  // Either says that the list is of no use today; which, hangs on what it answers first.
  if (word == "blocked" || word == "broken") return "unusable";
  return word == "temperror" || word == "error" || word == "undecided" || word == "open"
             ? unknown
             : std::string(word);
}

Run ptr_check(const World& world, Dice& dice) {
  return [ip = dice.pick(world.addresses),
          helo = dice.pick(world.hosts)](Context context) -> Task<Opinions> {
    const auto found = co_await checks::check_ptr(context, ip, helo);
    Opinions opinions{{"fcrdns", known(to_string(found.fcrdns))}};
    add_findings(opinions, found.findings);
    co_return opinions;
  };
}

Run mx_check(const World& world, Dice& dice) {
  return [domain = dice.pick(world.domains)](Context context) -> Task<Opinions> {
    const auto found = co_await checks::check_mx(context, test::raw_name(domain));
    Opinions opinions;
    if (found.null_mx) opinions["null MX"] = "yes";
    for (const auto& host : found.hosts) {
      for (const auto& address : host.addresses) {
        opinions[host.host.key() + " " + address.ip.to_string()] = known(to_string(address.fcrdns));
      }
    }
    add_findings(opinions, found.findings);
    co_return opinions;
  };
}

Run spf_check(const World& world, Dice& dice) {
  checks::SpfRequest request;
  request.ip = dice.pick(world.addresses);
  request.sender = "user@" + dice.pick(world.domains);
  request.helo = dice.pick(world.hosts);
  return [request](Context context) -> Task<Opinions> {
    const auto report = co_await checks::check_spf(context, request);
    Opinions opinions{{"spf", known(to_string(report.evaluation->result))}};
    add_findings(opinions, report.findings);
    co_return opinions;
  };
}

Run spf_lint(const World& world, Dice& dice) {
  return [domain = dice.pick(world.domains)](Context context) -> Task<Opinions> {
    const auto report = co_await checks::lint_spf(context, test::raw_name(domain));
    Opinions opinions;
    add_findings(opinions, report.findings);
    co_return opinions;
  };
}

Run dkim_keys(const World&, Dice& dice) {
  auto selectors =
      dice.chance(80) ? std::vector<std::string>{"s1", "s2"} : std::vector<std::string>{};
  return [selectors](Context context) -> Task<Opinions> {
    const auto report =
        co_await checks::check_dkim_keys(context, test::raw_name("example.com"), selectors);
    Opinions opinions;
    add_findings(opinions, report.findings);
    co_return opinions;
  };
}

Run message_check(const World& world, Dice& dice) {
  checks::MessageRequest request;
  request.envelope.ip = dice.pick(world.addresses);
  request.envelope.helo = dice.pick(world.hosts);
  request.envelope.sender = "user@" + dice.pick(world.domains);
  request.now = std::chrono::system_clock::from_time_t(test::dkim_now);
  return [request, message = world.message](Context context) -> Task<Opinions> {
    const auto auth = co_await checks::evaluate_message(context, message, request);
    Opinions opinions{{"dmarc", known(to_string(auth->dmarc))}};
    if (auth->spf) opinions["spf"] = known(to_string(auth->spf->evaluation->result));
    if (auth->spf_helo) opinions["helo"] = known(to_string(auth->spf_helo->evaluation->result));
    for (const auto& signature : auth->dkim->signatures) {
      opinions["dkim"] = known(to_string(signature.result));
    }
    add_findings(opinions, auth->findings);
    co_return opinions;
  };
}

Run dmarc_check(const World& world, Dice& dice) {
  auto domain = dice.pick(world.domains);
  if (dice.chance(40)) domain = "sub." + domain;
  return [domain](Context context) -> Task<Opinions> {
    const auto report = co_await checks::check_dmarc(context, test::raw_name(domain), {});
    Opinions opinions;
    if (report.policy) opinions["policy"] = std::string(to_string(*report.policy));
    add_findings(opinions, report.findings);
    co_return opinions;
  };
}

void add_lists(Opinions& opinions, const std::string& target, const checks::DnsblResult& result) {
  for (const auto& list : result.lists) {
    opinions[target + " on " + list.zone] = known(to_string(list.state));
  }
  add_findings(opinions, result.findings);
}

Run list_check(const World& world, Dice& dice) {
  checks::DnsblOptions options;
  options.only = world.lists;
  return [options, ip = dice.pick(world.addresses)](Context context) -> Task<Opinions> {
    const auto result = co_await checks::check_dnsbl(context, ip, options);
    Opinions opinions;
    add_lists(opinions, ip.to_string(), result);
    co_return opinions;
  };
}

/// Every target comes back once, in order, with a word about each list.
Run sweep_check(const World& world, Dice& dice) {
  checks::DnsblOptions options;
  options.only = world.lists;
  auto targets = std::make_shared<std::vector<checks::SweepInput>>();
  for (auto count = dice.between(1, 20); count > 0; --count) {
    if (dice.chance(15)) {
      const auto& host = dice.pick(world.hosts);
      targets->push_back({host, test::raw_name(host)});
    } else {
      const auto& ip = dice.pick(world.addresses);
      targets->push_back({ip.to_string(), ip});
    }
  }
  return [options, targets](Context context) -> Task<Opinions> {
    Opinions opinions;
    std::size_t given = 0;
    std::vector<std::string> order, expected;
    for (const auto& target : *targets) expected.push_back(target.text);
    checks::SweepCalls calls;
    calls.input = [&]() -> std::optional<checks::SweepInput> {
      if (given == targets->size()) return std::nullopt;
      return (*targets)[given++];
    };
    calls.output = [&](checks::SweepItem item) {
      order.push_back(item.host.empty() ? item.text : item.host);
      opinions[item.text + " trouble"] = item.trouble == checks::NameTrouble::unanswered ? unknown
                                         : item.trouble == checks::NameTrouble::none     ? "none"
                                                                                     : "no address";
      add_lists(opinions, item.text, item.result);
      return true;
    };
    const auto choice =
        std::make_shared<checks::ListChoice>(context.rulebook, context.lists, options.only);
    const auto end = co_await checks::sweep_lists(context, options, choice, {}, calls);
    order.erase(std::unique(order.begin(), order.end()), order.end());
    expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
    opinions["complete"] = end.complete && order == expected ? "yes" : "no";
    co_return opinions;
  };
}

Run tls_check(const World& world, Dice& dice) {
  return [domain = dice.pick(world.domains)](Context context) -> Task<Opinions> {
    checks::TlsQuestion question;
    question.domain = test::raw_name(domain);
    question.now = std::chrono::system_clock::from_time_t(test::dkim_now);
    const auto report = co_await checks::check_tls(context, std::move(question));
    Opinions opinions;
    add_findings(opinions, report.all_findings());
    co_return opinions;
  };
}

}  // namespace

CheckRun choose_check(const World& world, Dice& dice) {
  switch (dice.below(11)) {
    case 0:
      return {"ptr", ptr_check(world, dice)};
    case 1:
      return {"mx", mx_check(world, dice)};
    case 2:
    case 3:
      return {"spf", spf_check(world, dice)};
    case 4:
      return {"spf lint", spf_lint(world, dice)};
    case 5:
      return {"dkim keys", dkim_keys(world, dice)};
    case 6:
      // One way to pass is enough: it does not tell what it does not know of the other.
      return {"message", message_check(world, dice), false};
    case 7:
      return {"dmarc", dmarc_check(world, dice)};
    case 8:
      return {"list", list_check(world, dice)};
    case 9:
      return {"sweep", sweep_check(world, dice)};
    default:
      return {"tls", tls_check(world, dice)};
  }
}

void add_findings(Opinions& opinions, const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    if (finding.severity == Severity::unknown || finding.id.ends_with("error")) {
      opinions[incomplete] = unknown;
    } else if (finding.severity != Severity::info) {
      // "-record" knows the same, and what to publish besides.
      constexpr std::string_view more = "-record";
      auto id = finding.id;
      if (id.ends_with(more)) id.resize(id.size() - more.size());
      opinions[id + " " + finding.subject] =
          finding.severity == Severity::ok ? "well" : "ill";  // how ill hangs on what else is known
    }
  }
}

std::vector<std::string> contradictions(const Opinions& truth, const Opinions& seen,
                                        bool tells_all) {
  std::vector<std::string> all;
  bool complete = tells_all;
  for (const auto& [subject, opinion] : seen) {
    if (opinion == unknown) {
      complete = false;
      continue;
    }
    const auto expected = truth.find(subject);
    if (expected == truth.end()) {
      all.push_back(subject + ": " + opinion + "; nobody says so who is not disturbed");
    } else if (expected->second != opinion) {
      all.push_back(subject + ": " + opinion + ", but it is " + expected->second);
    }
  }
  for (const auto& [subject, opinion] : truth) {
    if (!complete || seen.contains(subject)) continue;
    all.push_back(subject + ": nothing, but it is " + opinion);
  }
  return all;
}

}  // namespace maildiag::faults
