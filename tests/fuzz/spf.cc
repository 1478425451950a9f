// SPF: every CVE of libspf2 was in the expansion of macros.
#include "checks/spf.h"

#include <algorithm>
#include <string>
#include <vector>

#include "checks/spf_macro.h"
#include "checks/spf_record.h"
#include "core/domain_name.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "fuzz/zone_lines.h"
#include "support/check_context.h"

namespace maildiag::fuzz {

namespace {

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

// Lines: local-part, sender's domain, HELO, client address, current domain; then the macro-string.
void spf_macro(std::string_view octets) {
  using namespace checks::spf;
  MacroValues values;
  values.local_part = take_line(octets);
  values.sender_domain = take_line(octets);
  values.helo = take_line(octets);
  values.ip = IpAddress::parse(take_line(octets)).value_or(*IpAddress::parse("2001:db8::cb01"));
  values.domain = take_line(octets);
  for (const auto use : {MacroUse::name, MacroUse::modifier, MacroUse::explanation}) {
    const auto macro = parse_macro_string(octets, use);
    if (!macro) continue;
    const auto name = expand_name(*macro, values);
    require(name.size() <= max_query_name || !to_domain_name(name),
            "a name to query has at most 253 octets");
    require(name.size() <= 2 * max_expansion, "an expansion is bounded");
    require(name == expand_name(*macro, values), "an expansion depends on nothing else");
    const auto explanation = expand_explanation(*macro, values);
    require(explanation.size() <= max_explanation, "an explanation is bounded");
    require(printable(explanation), "an explanation is printable ASCII");
    if (const auto query = to_domain_name(name))
      require(query->to_string().size() <= 4 * max_query_name, "a name is bounded");
  }
  if (parse_domain_spec(octets))
    require(parse_macro_string(octets, MacroUse::name).has_value(),
            "a domain-spec is a macro-string");
}

void spf_record(std::string_view octets) {
  using namespace checks::spf;
  const auto text = is_spf_record(octets) ? std::string(octets) : "v=spf1 " + std::string(octets);
  const auto record = parse_record(text);
  require(record.errors.size() <= max_syntax_errors, "errors are bounded");
  require(record.directives.size() + record.others.size() <= record.terms.size(),
          "each term is read once");
  for (const auto& directive : record.directives) {
    require(directive.position < record.terms.size(), "a directive is one of the terms");
    require(directive.prefix4 <= 32 && directive.prefix6 <= 128, "prefix lengths are in range");
  }
  for (const auto& error : record.errors)
    require(error.position < record.terms.size(), "an error is in one of the terms");
  if (const auto change = checks::suggest_spf(text, *IpAddress::parse("192.0.2.77"))) {
    require(is_spf_record(change->record) && parse_record(change->record).errors.empty(),
            "what is suggested is a record");
  }
}

// Lines: sender, HELO, client address; then the zone (zone_lines.h).
void spf_evaluate(std::string_view octets) {
  checks::SpfRequest request;
  request.sender = take_line(octets);
  request.helo = take_line(octets);
  request.ip = IpAddress::parse(take_line(octets)).value_or(*IpAddress::parse("192.0.2.1"));
  const auto backend = read_zone(octets);
  const auto ask = [&](checks::Context context) { return checks::evaluate_spf(context, request); };
  const auto result = test::run_check<checks::SpfEvaluation>(backend, ask);
  require(result.lookups <= checks::max_spf_lookups + 1, "terms that ask DNS are limited");
  require(result.void_lookups <= checks::max_spf_void_lookups + 1, "void lookups are limited");
  require(result.result != checks::SpfResult::temperror, "there was no DNS error");
  require(result.explanation.empty() || result.result == checks::SpfResult::fail,
          "only a fail is explained");
  require(printable(result.explanation), "an explanation is printable ASCII");
  require(backend->asked().size() <= 200, "questions are bounded");
}

}  // namespace maildiag::fuzz
