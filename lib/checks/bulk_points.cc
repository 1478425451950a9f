#include "checks/bulk_points.h"

#include <algorithm>
#include <utility>

#include "checks/bulk_headers.h"
#include "checks/dkim_finding.h"

namespace maildiag::checks::bulk {

namespace {

/// The worst of many addresses: failed > unknown > met.
BulkState combine(BulkState a, BulkState b) {
  if (a == BulkState::untested) return b;
  if (b == BulkState::untested) return a;
  for (const auto state : {BulkState::failed, BulkState::unknown}) {
    if (a == state || b == state) return state;
  }
  return BulkState::met;
}

BulkState state_of(SpfResult result) {
  if (result == SpfResult::pass) return BulkState::met;
  return result == SpfResult::temperror ? BulkState::unknown : BulkState::failed;
}

class Judge {
 public:
  Judge(Context context, const dkim::Message* message, BulkReport& report)
      : context_(context), message_(message), report_(report) {}

  void run() {
    const auto spf = judge_spf(), dkim = judge_dkim();
    for (const auto check : rulebook::known_sender_checks) {
      auto state = BulkState::untested;
      if (check == "spf") state = spf;
      if (check == "dkim") state = dkim;
      if (check == "spf-or-dkim") state = either(spf, dkim);
      if (check == "dmarc") state = judge_dmarc();
      if (check == "alignment") state = judge_alignment();
      if (check == "fcrdns") state = judge_reverse();
      if (check == "tls") state = judge_tls();
      if (check == "arc") state = judge_arc();
      if (check == "one-click") state = judge_unsubscribe();
      if (check == "format") state = judge_format();
      if (check == "own-from") state = judge_from();
      report_.points.push_back({check, state});
    }
    add_summary();
  }

 private:
  static BulkState either(BulkState a, BulkState b) {
    for (const auto state : {BulkState::met, BulkState::unknown, BulkState::untested}) {
      if (a == state || b == state) return state;
    }
    return BulkState::failed;
  }

  /// Providers that have this point, and whether one of them requires it.
  std::pair<std::string, bool> who_demands(std::string_view check) const {
    std::string names;
    bool required = false;
    for (const auto& requirement : context_.rulebook.requirements()) {
      if (requirement.check != check) continue;
      names += (names.empty() ? "" : ", ") + std::string(requirement.provider);
      required = required || requirement.level == "required";
    }
    return {names, required};
  }

  /// data {domain, providers}
  Value& add(std::string_view id, std::string_view check, BulkState state = BulkState::failed) {
    const auto [names, required] = who_demands(check);
    Finding finding;
    finding.id = std::string(id);
    finding.severity = state == BulkState::unknown ? Severity::unknown
                       : required                  ? Severity::critical
                                                   : Severity::warning;
    finding.subject = report_.request.domain.to_string();
    finding.data.set("domain", finding.subject);
    finding.data.set("providers", names);
    finding.data.set("check", check);
    report_.findings.push_back(std::move(finding));
    return report_.findings.back().data;
  }
  BulkState unanswered(std::string_view check) {
    add("bulk.unanswered", check, BulkState::unknown);
    return BulkState::unknown;
  }

  BulkState tell_spf(const SpfEvaluation& evaluation, const IpAddress& ip) {
    const auto state = state_of(evaluation.result);
    if (state == BulkState::unknown) return unanswered("spf");
    if (state == BulkState::failed) {
      auto& data = add("bulk.spf-failed", "spf");
      data.set("ip", ip.to_string());
      data.set("result", to_string(evaluation.result));
      data.set("identity", dkim::shown(evaluation.identity));
    }
    return state;
  }

  BulkState judge_spf() {
    if (report_.auth && report_.auth->spf)
      return tell_spf(*report_.auth->spf->evaluation, *report_.auth->envelope.ip);
    auto state = BulkState::untested;
    for (const auto& address : report_.addresses) {
      if (address.spf) state = combine(state, tell_spf(*address.spf->evaluation, address.ip));
    }
    if (state != BulkState::untested || !report_.lint) return state;
    return judge_record(*report_.lint);
  }

  /// Whether receivers can evaluate it. Whom it lets in is the owner's affair; what IPv6 clients
  /// alone meet depends on who sends, which the record does not tell, and on how the receiver
  /// counts: the addresses decide about that, where they are given.
  BulkState judge_record(const SpfReport& lint) {
    if (!lint.error) return BulkState::met;
    if (*lint.error == SpfResult::temperror) return unanswered("spf");
    add(*lint.error == SpfResult::none ? "bulk.spf-missing" : "bulk.spf-invalid", "spf");
    return BulkState::failed;
  }

  BulkState judge_dkim() {
    if (!report_.auth) return BulkState::untested;
    auto state = BulkState::failed;
    for (const auto& signature : report_.auth->dkim->signatures) {
      if (signature.result == DkimResult::pass) return BulkState::met;
      if (signature.result == DkimResult::temperror) state = BulkState::unknown;
    }
    if (state == BulkState::unknown) return unanswered("dkim");
    add("bulk.dkim-failed", "dkim").set("count", report_.auth->dkim->signatures.size());
    return state;
  }

  BulkState judge_dmarc() {
    const auto& dmarc = report_.dmarc;
    if (dmarc.policy) return BulkState::met;
    const bool asked = !dmarc.existence.question.name.is_root();
    if (dmarc.walk.failed() || (asked && !dmarc.existence.definite())) return unanswered("dmarc");
    add("bulk.dmarc-missing", "dmarc");
    return BulkState::failed;
  }

  BulkState judge_alignment() {
    if (!report_.auth) return BulkState::untested;
    const auto& auth = *report_.auth;
    if (auth.aligned_pass("spf") || auth.aligned_pass("dkim")) return BulkState::met;
    if (auth.dmarc == DmarcResult::temperror) return unanswered("alignment");
    if (auth.dmarc == DmarcResult::undecided) return BulkState::untested;
    std::string names;
    for (const auto& identifier : auth.identifiers) {
      if (!identifier.domain.empty())
        names += (names.empty() ? "" : ", ") + dkim::shown(identifier.domain);
    }
    add("bulk.not-aligned", "alignment").set("identifiers", names);
    return BulkState::failed;
  }

  BulkState judge_reverse() {
    auto state = BulkState::untested;
    for (const auto& address : report_.addresses) {
      const auto fcrdns = address.reverse.fcrdns;
      auto own = BulkState::met;
      if (fcrdns == Fcrdns::temperror) {
        own = unanswered("fcrdns");
      } else if (fcrdns != Fcrdns::pass) {
        own = BulkState::failed;
        auto& data = add("bulk.no-fcrdns", "fcrdns");
        data.set("ip", address.ip.to_string());
        data.set("result", to_string(fcrdns));
        // An MX that does not send needs no name.
        if (report_.assumed) report_.findings.back().severity = Severity::warning;
      }
      state = combine(state, own);
    }
    return state;
  }

  BulkState judge_tls() {
    if (!report_.request.tls) return BulkState::untested;
    if (!*report_.request.tls) add("bulk.no-tls", "tls");
    return *report_.request.tls ? BulkState::met : BulkState::failed;
  }

  BulkState judge_arc() {
    if (!report_.arc || report_.arc->status == ArcStatus::none) return BulkState::untested;
    if (report_.arc->status == ArcStatus::pass) return BulkState::met;
    if (report_.arc->status == ArcStatus::unknown) return unanswered("arc");
    add("bulk.arc-broken", "arc").set("reason", report_.arc->reason);
    report_.findings.back().severity = Severity::warning;  // for forwarders alone
    return BulkState::failed;
  }

  BulkState tell_fields(const std::vector<HeaderFault>& faults, std::string_view check) {
    for (const auto& fault : faults) {
      auto& data = add(fault.id, check);
      data.set("field", fault.field);
      data.set("times", fault.count);
      // Mail that nobody subscribed to, such as receipts, needs none.
      if (check == "one-click") report_.findings.back().severity = Severity::warning;
    }
    return faults.empty() ? BulkState::met : BulkState::failed;
  }

  BulkState judge_unsubscribe() {
    if (message_ == nullptr) return BulkState::untested;
    return tell_fields(find_unsubscribe_faults(*message_, *report_.auth->dkim), "one-click");
  }

  BulkState judge_format() {
    if (message_ == nullptr) return BulkState::untested;
    auto faults = find_format_faults(*message_);
    if (!report_.auth->authors.valid) faults.push_back({"bulk.bad-from", "from", 1});
    return tell_fields(faults, "format");
  }

  /// A provider's own domain in From is right only where the mail is authenticated for it.
  BulkState judge_from() {
    auto author = report_.request.domain;
    if (report_.auth && !report_.auth->authors.domains.empty())
      author = report_.auth->authors.domains.front();
    for (const auto& requirement : context_.rulebook.requirements()) {
      if (requirement.check != "own-from") continue;
      const auto* provider = context_.rulebook.provider(requirement.provider);
      const bool own = std::any_of(provider->domains.begin(), provider->domains.end(),
                                   [&](std::string_view name) {
                                     const auto domain = DomainName::parse(name);
                                     return domain && author.is_under(*domain);
                                   });
      if (!own) continue;
      if (!report_.auth) return BulkState::untested;
      const auto aligned = report_.auth->aligned_pass("spf") || report_.auth->aligned_pass("dkim");
      if (aligned) return BulkState::met;
      add("bulk.provider-in-from", "own-from").set("author", author.to_string());
      return BulkState::failed;
    }
    return BulkState::met;
  }

  void add_summary() {
    std::size_t met = 0;
    std::string untested;
    bool all = true;
    for (const auto& point : report_.points) {
      if (point.state == BulkState::met) ++met;
      if (point.state == BulkState::untested)
        untested += (untested.empty() ? "" : ", ") + std::string(point.check);
      all = all && (point.state == BulkState::met || point.state == BulkState::untested);
    }
    const auto note = [&](std::string_view id, Severity severity) -> Value& {
      auto& data = add(id, "");
      report_.findings.back().severity = severity;
      return data;
    };
    if (all) note("bulk.met", Severity::ok).set("count", met);
    if (!untested.empty()) note("bulk.untested", Severity::info).set("checks", untested);
    if (report_.assumed) note("bulk.addresses-assumed", Severity::info);
    if (report_.auth && report_.auth->authors.domains.size() == 1) {
      const auto& author = report_.auth->authors.domains.front();
      if (!author.is_under(report_.request.domain) && !report_.request.domain.is_under(author))
        note("bulk.other-author", Severity::warning).set("author", author.to_string());
    }
  }

  Context context_;
  const dkim::Message* message_;
  BulkReport& report_;
};

}  // namespace

void judge(Context context, const dkim::Message* message, BulkReport& report) {
  Judge(context, message, report).run();
}

}  // namespace maildiag::checks::bulk
