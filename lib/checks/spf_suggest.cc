#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "checks/spf.h"
#include "checks/spf_finding.h"
#include "checks/spf_record.h"

namespace maildiag::checks {

using namespace spf;

namespace {

/// Where a new term has to stand: before the first one that could decide otherwise than by a pass.
std::size_t insertion_point(const Record& record) {
  std::size_t point = 0;
  for (const auto& directive : record.directives) {
    if (directive.qualifier != Qualifier::pass || directive.mechanism == Mechanism::all)
      return directive.position;
    point = directive.position + 1;
  }
  return point;
}

SpfSuggestion build(std::string_view old, const std::vector<std::string>& terms, std::string term) {
  // The version as it was written, and single spaces.
  SpfSuggestion suggestion{std::string(old.substr(0, 6)), std::move(term), 0};
  for (const auto& each : terms) suggestion.record += " " + each;
  suggestion.octets = static_cast<int>(suggestion.record.size()) - static_cast<int>(old.size());
  return suggestion;
}

}  // namespace

std::optional<SpfSuggestion> suggest_spf(std::string_view record, const IpAddress& address) {
  const auto ip = address.unmapped();
  const std::string name = ip.is_v4() ? "ip4:" : "ip6:";
  const auto full = static_cast<unsigned>(8 * ip.size());
  const auto term = name + ip.to_string();
  // A new record closes with softfail: nobody knows yet who else sends for the domain.
  if (record.empty()) {
    SpfSuggestion fresh{"v=spf1 " + term + " ~all", term, 0};
    fresh.octets = static_cast<int>(fresh.record.size());
    return fresh;
  }
  if (!is_spf_record(record)) return std::nullopt;
  const auto parsed = parse_record(record);
  if (!parsed.errors.empty()) return std::nullopt;

  auto terms = parsed.terms;
  const auto point = insertion_point(parsed);
  for (const auto& directive : parsed.directives) {
    if (directive.position >= point || !directive.network) continue;
    const auto& network = *directive.network;
    if (network.contains(ip)) return SpfSuggestion{std::string(record), directive.text, 0};
    // Two neighbours that fill a range of two exactly: nothing else is authorised by it.
    const IpNetwork pair(ip, full - 1);
    if (network.address().family() == ip.family() && network.prefix() == full &&
        pair.contains(network.address())) {
      terms[directive.position] = name + pair.to_string();
      return build(record, terms, terms[directive.position]);
    }
  }
  terms.insert(terms.begin() + static_cast<std::ptrdiff_t>(point), term);
  return build(record, terms, term);
}

Task<SpfAdvice> advise_spf(Context context, DomainName domain, IpAddress ip) {
  SpfRequest request;
  request.ip = ip;
  request.sender = "postmaster@" + domain.to_string();
  const auto evaluation = co_await evaluate_spf(context, request);
  SpfAdvice advice;
  auto& finding = advice.finding;
  const auto about = [&](std::string_view name, Severity severity) {
    finding = make_finding(name, severity, domain.to_string());
    finding.data.set("ip", ip.to_string());
  };
  if (evaluation.result == SpfResult::pass) {
    about("suggest-permitted", Severity::ok);
    finding.data.set("mechanism", shown(evaluation.mechanism));
    advice.suggestion = SpfSuggestion{evaluation.record, evaluation.mechanism, 0};
  } else if (evaluation.result == SpfResult::temperror) {
    about("suggest-unknown", Severity::unknown);
  } else if (evaluation.result != SpfResult::permerror) {
    advice.suggestion = suggest_spf(evaluation.record, ip);
  }
  if (!finding.id.empty()) co_return advice;
  if (!advice.suggestion) {
    about("suggest-after-correction", Severity::info);
    finding.data.set("problem", evaluation.problem.code);
    finding.data.set("problem_domain", shown(evaluation.problem.domain));
    co_return advice;
  }
  about("suggest-term", Severity::info);
  finding.data.set("suggestion", advice.suggestion->record);
  finding.data.set("suggested_term", advice.suggestion->term);
  finding.data.set("suggestion_octets", advice.suggestion->octets);
  co_return advice;
}

}  // namespace maildiag::checks
