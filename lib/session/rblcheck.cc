#include <variant>

#include <fmt/format.h>

#include "checks/dnsbl.h"
#include "core/result.h"
#include "session/impl.h"
#include "session/targets.h"

namespace maildiag {

namespace {

/// A name stands for itself on domain lists and for its addresses on the others.
struct Item {
  std::string text;
  checks::DnsblTarget target;
  std::string host;  ///< the name that the address was found under; empty: given as an address
  const char* trouble = nullptr;   ///< finding id: the name's addresses could not be had
  std::vector<Evidence> evidence;  ///< of the address lookups then
};

class Sweep {
 public:
  Sweep(Session::Impl& impl, const DnsblCheckOptions& options, const ReportSink& sink)
      : impl_(impl), sink_(sink), hide_clean_(options.hide_clean) {
    checks_.only = options.lists;
    checks_.self_test =
        options.self_test == "never" ? checks::SelfTest::never : checks::SelfTest::automatic;
  }

  bool add(const std::string& text, const session::Target& target) {
    if (const auto* ip = std::get_if<IpAddress>(&target)) {
      return push({ip->to_string(), *ip, "", nullptr, {}});
    }
    return add_name(text, std::get<DomainName>(target));
  }

  bool flush() {
    const bool go_on = session::run_chunk<Item>(
        items_, [this](Item item) { return check(std::move(item)); }, sink_);
    items_.clear();
    return go_on;
  }

 private:
  bool push(Item item) {
    items_.push_back(std::move(item));
    return items_.size() < session::chunk_size || flush();
  }

  bool asks_domains() const {
    return asks([](const rulebook::DnsList& list) { return list.domain; });
  }
  bool asks_addresses() const {
    return asks([](const rulebook::DnsList& list) { return list.ip4 || list.ip6; });
  }

  /// Whether a chosen list (any, if none was named) is of a kind; a zone that no file knows may be
  /// of both.
  template <class Kind>
  bool asks(Kind kind) const {
    if (checks_.only.empty()) return true;
    for (const auto& zone : checks_.only) {
      const auto lists = impl_.rulebook->lists();
      const auto known =
          std::find_if(lists.begin(), lists.end(),
                       [&zone](const rulebook::DnsList& list) { return list.zone == zone; });
      if (known == lists.end() || kind(*known)) return true;
    }
    return false;
  }

  bool add_name(const std::string& text, const DomainName& name) {
    if (asks_domains() && !push({text, name, "", nullptr, {}})) return false;
    if (!asks_addresses()) return true;
    std::vector<IpAddress> addresses;
    bool unanswered = false;
    std::vector<Evidence> evidence;
    run_task(resolve(name, addresses, unanswered, evidence));
    for (const auto& ip : addresses) {
      if (!push({ip.to_string(), ip, text, nullptr, {}})) return false;
    }
    if (unanswered) return push({text, name, "", "dnsbl.host-unknown", evidence});
    return !addresses.empty() || push({text, name, "", "dnsbl.host-without-address", evidence});
  }

  Task<void> resolve(DomainName name, std::vector<IpAddress>& addresses, bool& unanswered,
                     std::vector<Evidence>& evidence) {
    for (const auto type : {dns::RecordType::a, dns::RecordType::aaaa}) {
      const auto answer = co_await impl_.resolver.query(name, type);
      unanswered = unanswered || !answer.definite();
      evidence.push_back(dns::to_evidence(answer));
      for (const auto& record : answer.records) {
        if (const auto* ip = std::get_if<IpAddress>(&record.data)) addresses.push_back(*ip);
      }
    }
  }

  /// Nothing on address lists can be said of a name without addresses; where domain lists were
  /// asked it is only a note.
  Finding address_trouble(const Item& item) const {
    Finding finding;
    finding.id = item.trouble;
    const bool unknown = finding.id == "dnsbl.host-unknown";
    finding.severity = unknown          ? Severity::unknown
                       : asks_domains() ? Severity::info
                                        : Severity::warning;
    finding.subject = item.text;
    finding.data.set("target", item.text);
    finding.evidence = item.evidence;
    return finding;
  }

  Task<Report> check(Item item) {
    Report report = session::new_report("rblcheck", item.text);
    if (item.trouble != nullptr) {
      report.result =
          checks::DnsblResult{}.to_value(*impl_.rulebook, impl_.options.language, hide_clean_);
      report.findings.push_back(address_trouble(item));
      impl_.finish(report);
      co_return report;
    }
    auto result = co_await checks::check_dnsbl(impl_.context(), item.target, checks_);
    report.result = result.to_value(*impl_.rulebook, impl_.options.language, hide_clean_);
    if (!item.host.empty()) report.result.set("host", item.host);
    report.findings = std::move(result.findings);
    impl_.finish(report);
    co_return report;
  }

  Session::Impl& impl_;
  const ReportSink& sink_;
  checks::DnsblOptions checks_;
  bool hide_clean_;
  std::vector<Item> items_;
};

}  // namespace

namespace {

/// Zones as the list files write them: lower case, no final dot, each once. Keyed ones keep their
/// "{key}".
Result<std::vector<std::string>> normalise_zones(const std::vector<std::string>& zones) {
  std::vector<std::string> result;
  for (const auto& text : zones) {
    const auto name = DomainName::from_user(text);
    if (!name && text.find("{key}") == std::string::npos) {
      return fail(
          ErrorCode::usage,
          fmt::format("--list: `{}` is not the zone of a list (example: zen.spamhaus.org)", text));
    }
    auto zone = name ? name->key() : text;
    if (std::find(result.begin(), result.end(), zone) == result.end())
      result.push_back(std::move(zone));
  }
  return result;
}

}  // namespace

void Session::rblcheck(const std::vector<std::string>& targets, const DnsblCheckOptions& options,
                       const ReportSink& sink, const ErrorSink& errors) {
  auto zones = normalise_zones(options.lists);
  if (!zones) return errors(zones.error());
  auto normalised = options;
  normalised.lists = std::move(*zones);
  Sweep sweep(*impl_, normalised, sink);
  for (const auto& text : targets) {
    bool go_on = true;
    const auto expanded = session::expand_target(
        text, [&](const session::Target& target) { return go_on = sweep.add(text, target); });
    if (!expanded) errors(expanded.error());
    if (!go_on) return;
  }
  sweep.flush();
}

}  // namespace maildiag
