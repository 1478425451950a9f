#include "checks/spf_lint_probe.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "checks/spf_finding.h"
#include "checks/spf_session.h"

namespace maildiag::checks::spf {
namespace {

class TermProbe {
 public:
  TermProbe(Context context, const Directive& directive, std::string domain)
      : context_(context), directive_(directive), domain_(std::move(domain)) {
    cost_.lookups = 1;
  }

  Task<TermCost> run(DomainName target) {
    if (directive_.mechanism == Mechanism::mx) {
      co_await probe_mx(std::move(target));
    } else {
      const auto lookup = co_await probe_host(target);
      cost_.leads_nowhere = lookup == Lookup::none;
      cost_.matches_all = directive_.mechanism == Mechanism::exists && lookup == Lookup::found;
    }
    cost_.faults.lookups = cost_.lookups;
    cost_.faults.voids = cost_.voids;
    cost_.ipv6.add_hosts(directive_.text, std::move(hosts_));
    co_return std::move(cost_);
  }

 private:
  Task<Lookup> ask(DomainName name, dns::RecordType type, dns::Answer& answer) {
    auto received = co_await context_.resolver.query(std::move(name), type);
    answer = std::move(received);
    if (!answer.definite()) co_return Lookup::error;
    co_return answer.found() ? Lookup::found : Lookup::none;
  }

  Finding& add(std::string_view id, Severity severity, const DomainName& target) {
    cost_.findings.push_back(make_finding(id, severity, domain_, directive_.text));
    cost_.findings.back().data.set("target", target.to_string());
    return cost_.findings.back();
  }

  void add_error(const DomainName& target, const dns::Answer& answer) {
    cost_.faults.temperror = true;
    add("dns-error", Severity::unknown, target).evidence.push_back(brief_evidence(answer));
  }

  void add_void(const DomainName& target) {
    cost_.voids = 1;  // section 4.6.4 counts terms
    add("void-lookup", Severity::warning, target);
  }

  /// A name without A and without AAAA records is void for every client.
  Task<Lookup> probe_host(DomainName name) {
    dns::Answer answer;
    const auto four = co_await ask(name, dns::RecordType::a, answer);
    auto six = four;
    // exists: A records, whatever the client's family (section 5.7).
    const bool both = four != Lookup::error && directive_.mechanism != Mechanism::exists;
    if (both) six = co_await ask(name, dns::RecordType::aaaa, answer);
    hosts_.found = hosts_.found || six == Lookup::found;
    hosts_.none = hosts_.none || six == Lookup::none;
    if (six == Lookup::error && four == Lookup::found) {
      // What IPv4 clients meet is known.
      hosts_.unanswered.push_back({name, brief_evidence(answer)});
      co_return Lookup::found;
    }
    if (six == Lookup::error) add_error(name, answer);
    const auto any = four == Lookup::found ? four : six;
    if (any == Lookup::none) add_void(name);
    co_return any;
  }

  Task<void> probe_mx(DomainName name) {
    dns::Answer answer;
    const auto lookup = co_await ask(name, dns::RecordType::mx, answer);
    if (lookup == Lookup::error) co_return add_error(name, answer);
    cost_.leads_nowhere = hosts_.none = lookup == Lookup::none;
    if (cost_.leads_nowhere) add_void(name);
    if (answer.records.size() > max_mx_hosts) {
      cost_.faults.permerror = true;
      auto& finding = add("too-many-mx", Severity::critical, name);
      finding.data.set("count", answer.records.size());
      finding.data.set("limit", max_mx_hosts);
      co_return;
    }
    for (const auto& record : answer.records) {
      const auto* mx = std::get_if<dns::MxData>(&record.data);
      if (mx == nullptr || mx->exchange.is_root()) continue;
      co_await probe_host(mx->exchange);
    }
  }

  Context context_;
  const Directive& directive_;
  std::string domain_;
  TermCost cost_;
  Ipv6Path::Hosts hosts_;
};

}  // namespace

void Faults::add(const Faults& other) {
  permerror = permerror || other.permerror;
  temperror = temperror || other.temperror;
  lookups = std::min(max_spf_tree_lookups, lookups + other.lookups);
  voids = std::min(max_spf_tree_lookups, voids + other.voids);
}

Task<TermCost> probe_term(Context context, const Directive& directive, std::string domain,
                          DomainName target) {
  TermProbe probe(context, directive, std::move(domain));
  co_return co_await probe.run(std::move(target));
}

}  // namespace maildiag::checks::spf
