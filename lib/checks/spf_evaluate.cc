#include <algorithm>
#include <utility>
#include <variant>

#include "checks/spf.h"
#include "checks/spf_finding.h"
#include "checks/spf_record.h"
#include "checks/spf_session.h"

namespace maildiag::checks {

using namespace spf;

namespace {

/// Steps kept for people: a record of 64 KiB has thousands of ip4 terms.
constexpr std::size_t max_trace = 500;
/// Room for those of nearly every domain.
constexpr std::size_t usual_trace = 16;

enum class Match { no, yes, temperror, permerror };

SpfResult result_of(Qualifier qualifier) {
  switch (qualifier) {
    case Qualifier::pass:
      return SpfResult::pass;
    case Qualifier::fail:
      return SpfResult::fail;
    case Qualifier::softfail:
      return SpfResult::softfail;
    case Qualifier::neutral:
      return SpfResult::neutral;
  }
  return SpfResult::neutral;
}

class Evaluator {
 public:
  Evaluator(Context context, const SpfRequest& request, VoidReading reading)
      : session_(context, request, reading) {}

  Task<SpfEvaluation> run() {
    out_.identity = session_.values.sender_domain;
    if (session_.identity) {
      out_.trace.reserve(usual_trace);
      Frame first{session_.values.domain, *session_.identity, 0, true};
      out_.result = co_await check_host(std::move(first));
    } else {
      out_.problem = {"bad-identity", out_.identity, ""};
    }
    if (out_.result == SpfResult::fail && explanation_) co_await explain();
    finish();
    co_return std::move(out_);
  }

 private:
  /// One run of check_host(): whose record, how deep, and whether its exp= and terms speak for the
  /// whole.
  struct Frame {
    std::string domain;
    DomainName name;
    int depth = 0;
    bool top = true;
  };

  Task<SpfResult> check_host(Frame frame) {
    dns::Answer answer;
    const auto lookup = co_await session_.ask(frame.name, dns::RecordType::txt, answer);
    if (lookup == Lookup::error) co_return temperror(frame, "");
    const auto records = select_records(answer);
    if (records.empty()) {
      if (frame.top && frame.depth == 0) {
        out_.absence = absence_of(answer);
        out_.alias = alias_target(answer);
      }
      co_return SpfResult::none;
    }
    if (records.size() > 1) co_return permerror("several-records", frame, "");
    if (frame.top && frame.depth == 0) out_.record = records.front();
    const auto record = parse_record(records.front());
    if (!record.errors.empty()) {
      const auto& error = record.errors.front();
      co_return permerror(to_string(error.problem), frame, error.term);
    }
    for (const auto& directive : record.directives) {
      auto match = Match::no;
      if (directive.asks_dns()) {
        match = co_await evaluate(directive, frame);
      } else {
        match = evaluate_here(directive, frame);
      }
      if (match == Match::no) continue;
      if (frame.top) decide(directive.text, frame);
      if (match == Match::temperror) co_return SpfResult::temperror;
      if (match == Match::permerror) co_return SpfResult::permerror;
      // Section 6.2: only the exp= beside the term that decided.
      if (frame.top && record.explanation) explanation_ = Explanation{*record.explanation, frame};
      co_return result_of(directive.qualifier);
    }
    if (record.redirect) {
      const auto result = co_await redirect(*record.redirect, frame);
      if (result) co_return *result;
    }
    if (frame.top) decide("default", frame);
    co_return SpfResult::neutral;
  }

  /// Section 6.1. nullopt: the term does not apply (RFC 8616 section 4).
  Task<std::optional<SpfResult>> redirect(const Modifier& modifier, Frame frame) {
    const auto step = begin_step(frame, modifier.text);
    if (frame.top) decide(modifier.text, frame);
    if (!session_.begin_term(true))
      co_return end_step(step, permerror("too-many-lookups", frame, modifier.text));
    const auto target = co_await expand_target(modifier.macro, frame);
    if (!target) {
      end_step(step, "no match");
      co_return std::nullopt;
    }
    set_expanded(step, *target);
    deciding_.push_back(step);
    const auto name = to_domain_name(*target);
    auto result = SpfResult::none;
    if (name) {
      Frame next{*target, *name, frame.depth + 1, frame.top};
      result = co_await check_host(std::move(next));
    }
    if (result == SpfResult::none)
      result = permerror("redirect-without-record", frame, modifier.text);
    co_return end_step(step, result);
  }

  /// A term that asks nobody, as most do: no coroutine for it.
  Match evaluate_here(const Directive& directive, const Frame& frame) {
    const auto step = begin_step(frame, directive.text);
    deciding_.push_back(step);
    if (!session_.begin_term(false))
      return end_term(step, broken("too-many-lookups", directive, frame));
    const bool matches =
        directive.mechanism == Mechanism::all || directive.network->contains(session_.values.ip);
    if (!matches) deciding_.pop_back();
    return end_term(step, matches ? Match::yes : Match::no);
  }

  Task<Match> evaluate(const Directive& directive, const Frame& frame) {
    const auto step = begin_step(frame, directive.text);
    const auto kept = deciding_.size();
    deciding_.push_back(step);
    if (!session_.begin_term(true))
      co_return end_term(step, broken("too-many-lookups", directive, frame));
    const auto match = co_await match_directive(directive, frame, step);
    if (match == Match::no) deciding_.resize(kept);
    co_return end_term(step, match);
  }

  Task<Match> match_directive(const Directive& directive, const Frame& frame, int step) {
    std::optional<std::string> target;
    if (directive.target) {
      if (directive.target->uses('p')) {
        target = co_await expand_target(*directive.target, frame);
      } else {
        target = expand_here(*directive.target, frame);
      }
      if (!target) co_return Match::no;
      set_expanded(step, *target);
    }
    auto name = directive.target ? to_domain_name(*target) : frame.name;
    if (directive.mechanism == Mechanism::include)
      co_return co_await match_include(directive, frame, std::move(*target), std::move(name));
    // Section 4.8 leaves a name that cannot be asked open; like 4.3, it is one that does not exist.
    if (!name) co_return Match::no;
    switch (directive.mechanism) {
      case Mechanism::a:
        co_return co_await match_addresses(directive, std::move(*name), frame);
      case Mechanism::mx:
        co_return co_await match_mx(directive, std::move(*name), frame);
      case Mechanism::exists:
        co_return co_await match_exists(directive, *name, frame);
      default:
        co_return co_await match_ptr(directive, *name, frame);
    }
  }

  /// Section 5.2.
  Task<Match> match_include(const Directive& directive, const Frame& frame, std::string target,
                            std::optional<DomainName> name) {
    auto result = SpfResult::none;
    if (name) {
      Frame next{std::move(target), std::move(*name), frame.depth + 1, false};
      result = co_await check_host(std::move(next));
    }
    switch (result) {
      case SpfResult::pass:
        co_return Match::yes;
      case SpfResult::temperror:
        co_return Match::temperror;
      case SpfResult::permerror:
        co_return Match::permerror;
      case SpfResult::none:
        co_return broken("include-without-record", directive, frame);
      default:
        co_return Match::no;
    }
  }

  /// Section 5.3, and the hosts of section 5.4.
  Task<Match> match_addresses(const Directive& directive, DomainName name, const Frame& frame) {
    std::vector<IpAddress> addresses;
    const auto lookup = co_await session_.ask_addresses(name, addresses);
    if (lookup == Lookup::error) co_return unanswered(directive, frame);
    const auto& ip = session_.values.ip;
    const auto prefix = ip.is_v4() ? directive.prefix4 : directive.prefix6;
    for (const auto& address : addresses) {
      if (address.family() == ip.family() && IpNetwork(address, prefix).contains(ip))
        co_return Match::yes;
    }
    if (lookup == Lookup::found) co_return Match::no;
    const bool within = co_await session_.count_address_void(name, lookup);
    co_return within ? Match::no : broken("too-many-void-lookups", directive, frame);
  }

  Task<Match> match_mx(const Directive& directive, DomainName name, const Frame& frame) {
    dns::Answer answer;
    const auto lookup = co_await session_.ask(std::move(name), dns::RecordType::mx, answer);
    if (lookup == Lookup::error) co_return unanswered(directive, frame);
    if (!session_.count_void(lookup)) co_return broken("too-many-void-lookups", directive, frame);
    // Section 4.6.4: more than ten hosts is an error whether or not an early one would match.
    if (answer.records.size() > max_mx_hosts) co_return broken("too-many-mx", directive, frame);
    for (const auto& record : answer.records) {
      const auto* mx = std::get_if<dns::MxData>(&record.data);
      if (mx == nullptr || mx->exchange.is_root()) continue;  // RFC 7505: a null MX is no host
      const auto match = co_await match_addresses(directive, mx->exchange, frame);
      if (match != Match::no) co_return match;
    }
    co_return Match::no;
  }

  /// Section 5.7: A records, whatever the client's family.
  Task<Match> match_exists(const Directive& directive, DomainName name, const Frame& frame) {
    dns::Answer answer;
    const auto lookup = co_await session_.ask(std::move(name), dns::RecordType::a, answer);
    if (lookup == Lookup::error) co_return unanswered(directive, frame);
    if (!session_.count_void(lookup)) co_return broken("too-many-void-lookups", directive, frame);
    co_return lookup == Lookup::found ? Match::yes : Match::no;
  }

  /// Section 5.5. Errors are no matches; the empty answers for a stranger's PTR names are not the
  /// domain's fault.
  Task<Match> match_ptr(const Directive& directive, DomainName name, const Frame& frame) {
    const auto names = co_await session_.ptr_names();
    if (!session_.count_void(session_.ptr_lookup()))
      co_return broken("too-many-void-lookups", directive, frame);
    for (const auto& each : names) {
      if (!each.is_under(name)) continue;
      const bool is_confirmed = co_await session_.confirmed(each);
      if (is_confirmed) co_return Match::yes;
    }
    co_return Match::no;
  }

  /// nullopt: the term matches nothing (RFC 8616 section 4).
  Task<std::optional<std::string>> expand_target(const MacroString& macro, const Frame& frame) {
    if (!depends_on_unicode(macro) && macro.uses('p')) {
      session_.values.domain = frame.domain;
      co_await session_.validate_name();
    }
    co_return expand_here(macro, frame);
  }

  /// The same where %{p} does not occur, or is known.
  std::optional<std::string> expand_here(const MacroString& macro, const Frame& frame) {
    if (depends_on_unicode(macro)) return std::nullopt;
    session_.values.domain = frame.domain;
    return expand_name(macro, session_.values);
  }

  bool depends_on_unicode(const MacroString& macro) const {
    return session_.unicode_local_part && (macro.uses('s') || macro.uses('l'));
  }

  /// Section 6.2: whatever goes wrong, there is no explanation.
  Task<void> explain() {
    const auto& frame = explanation_->frame;
    const auto step = begin_step(frame, explanation_->modifier.text);
    const auto target = co_await expand_target(explanation_->modifier.macro, frame);
    const auto name = target ? to_domain_name(*target) : std::nullopt;
    if (target) set_expanded(step, *target);
    if (name) {
      dns::Answer answer;
      const auto lookup = co_await session_.ask(*name, dns::RecordType::txt, answer);
      if (lookup == Lookup::found && answer.records.size() == 1)
        co_await expand_text(answer.records.front());
    }
    end_step(step, out_.explanation.empty() ? "none" : "text");
  }

  Task<void> expand_text(const dns::Record& record) {
    const auto* txt = std::get_if<dns::TxtData>(&record.data);
    if (txt == nullptr) co_return;
    const auto macro = parse_macro_string(txt->joined(), MacroUse::explanation);
    if (!macro) co_return;
    session_.values.domain = explanation_->frame.domain;
    if (macro->uses('p')) co_await session_.validate_name();
    out_.explanation = expand_explanation(*macro, session_.values);
  }

  Match broken(std::string_view code, const Directive& directive, const Frame& frame) {
    permerror(code, frame, directive.text);
    return Match::permerror;
  }
  Match unanswered(const Directive& directive, const Frame& frame) {
    temperror(frame, directive.text);
    return Match::temperror;
  }

  SpfResult permerror(std::string_view code, const Frame& frame, std::string_view term) {
    // The innermost comes first and is the reason; what it does further out follows from it.
    if (out_.problem.code.empty())
      out_.problem = {std::string(code), frame.domain, std::string(term)};
    return SpfResult::permerror;
  }
  SpfResult temperror(const Frame& frame, std::string_view term) {
    permerror("dns-error", frame, term);
    return SpfResult::temperror;
  }

  void decide(const std::string& term, const Frame& frame) {
    out_.mechanism = term;
    out_.domain = frame.domain;
  }

  /// -2: not kept.
  int begin_step(const Frame& frame, const std::string& term) {
    session_.step = -2;
    if (out_.trace.size() < max_trace) {
      session_.step = static_cast<int>(out_.trace.size());
      out_.trace.push_back({frame.depth, frame.domain, term, {}, {}, 0, {}});
    }
    return session_.step;
  }
  void set_expanded(int step, const std::string& target) {
    if (step >= 0) out_.trace[static_cast<std::size_t>(step)].expanded = target;
  }
  void end_step(int step, std::string_view outcome) {
    if (step < 0) return;
    auto& entry = out_.trace[static_cast<std::size_t>(step)];
    entry.outcome = outcome;
    if (outcome == "permerror" || outcome == "temperror") entry.outcome += ": " + out_.problem.code;
    entry.lookups = session_.lookups;
  }
  Match end_term(int step, Match match) {
    end_step(step, match == Match::yes         ? "match"
                   : match == Match::no        ? "no match"
                   : match == Match::temperror ? "temperror"
                                               : "permerror");
    return match;
  }
  SpfResult end_step(int step, SpfResult result) {
    end_step(step, to_string(result));
    return result;
  }

  void finish() {
    out_.lookups = session_.lookups;
    out_.void_lookups = session_.void_lookups;
    out_.void_queries = session_.void_queries;
    out_.strict_permerror =
        out_.result != SpfResult::permerror && out_.void_queries > max_spf_void_lookups;
    for (auto& query : session_.queries) {
      if (query.step == -1) {
        out_.evidence.push_back(std::move(query.evidence));
        continue;
      }
      const bool decides =
          std::find(deciding_.begin(), deciding_.end(), query.step) != deciding_.end();
      if (decides) out_.evidence.push_back(query.evidence);
      if (query.step >= 0)
        out_.trace[static_cast<std::size_t>(query.step)].queries.push_back(
            std::move(query.evidence));
    }
  }

  struct Explanation {
    Modifier modifier;
    Frame frame;
  };

  Session session_;
  SpfEvaluation out_;
  std::vector<int> deciding_;  ///< the steps that led to the result
  std::optional<Explanation> explanation_;
};

}  // namespace

Task<SpfEvaluation> evaluate_spf(Context context, SpfRequest request) {
  Evaluator evaluator(context, request, VoidReading::asked_type);
  auto evaluation = co_await evaluator.run();
  if (evaluation.problem.code == "too-many-void-lookups" && request.ip.unmapped().is_v6()) {
    Evaluator lenient(context, request, VoidReading::any_address);
    const auto other = co_await lenient.run();
    if (other.result != evaluation.result) evaluation.lenient_result = other.result;
  }
  co_return evaluation;
}

}  // namespace maildiag::checks
