#include "checks/reverse_zone.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "checks/whois_registration.h"
#include "checks/whois_servers.h"

namespace maildiag::checks {

namespace {

/// Name servers that are told.
constexpr std::size_t max_servers_told = 8;
/// Labels of in-addr.arpa and ip6.arpa themselves: everybody's, and nobody's answer.
constexpr std::size_t root_labels = 2;
/// Nibbles: no network beyond a /64 is delegated (RFC 6177), none above a /12 to anybody.
constexpr std::size_t longest_ip6 = 16, shortest_ip6 = 3;

/// Labels of the name that an alias leads to, above which no zone of its own is looked for: those
/// of RFC 2317 lie right above the name, wherever that is.
constexpr std::size_t max_alias_steps = 4;

/// Where a zone may begin, the deepest first.
std::vector<DomainName> candidates(const IpAddress& ip) {
  const auto name = *DomainName::parse(ip.ptr_name());
  std::vector<DomainName> names{name};  // RFC 2317: an alias leads into the zone
  const auto labels = name.label_count() - root_labels;
  const auto longest = ip.is_v4() ? labels - 1 : longest_ip6;
  const auto shortest = ip.is_v4() ? std::size_t{1} : shortest_ip6;
  for (auto count = longest; count >= shortest; --count)
    names.push_back(name.suffix(root_labels + count));
  return names;
}

/// RFC 1035 section 3.3.13: the first label is the local part.
std::string mailbox_of(const DomainName& name) {
  const auto labels = name.labels();
  if (labels.size() < 3) return {};
  return whois::clean_email(labels.front() + "@" + name.parent().to_string());
}

const dns::Record* soa_of(const dns::Answer& answer) {
  const auto found = std::find_if(
      answer.records.begin(), answer.records.end(),
      [](const dns::Record& record) { return std::holds_alternative<dns::SoaData>(record.data); });
  return found == answer.records.end() ? nullptr : &*found;
}

Finding make(std::string id, Severity severity, const ReverseZone& result) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  finding.subject = result.ip.to_string();
  Value servers = Value::array();
  for (const auto& server : result.name_servers) servers.push(server.to_string());
  finding.data.set("ip", finding.subject);
  finding.data.set("zone", result.zone ? result.zone->to_string() : std::string());
  finding.data.set("mailbox", result.mailbox);
  finding.data.set("name_servers", std::move(servers));
  return finding;
}

/// The deepest zone, or whose it is, may be what was not answered.
void add_unknown(const dns::Answer& answer, ReverseZone& result) {
  result.unanswered = true;
  auto finding = make("ptr.delegation-unknown", Severity::unknown, result);
  finding.data.set("zone", answer.question.name.to_string());
  finding.data.set("outcome", dns::to_string(answer.outcome));
  finding.evidence.push_back(dns::to_evidence(answer));
  result.findings.push_back(std::move(finding));
}

Task<void> read_zone(Context context, const dns::Record& soa, ReverseZone& result) {
  const auto& data = std::get<dns::SoaData>(soa.data);
  const auto zone = soa.name;
  result.zone = zone;
  result.primary = data.primary;
  result.mailbox = mailbox_of(data.mailbox);
  const auto answer = co_await context.resolver.query(zone, dns::RecordType::ns);
  if (!answer.definite()) {
    add_unknown(answer, result);
    co_return;
  }
  for (const auto& record : answer.records) {
    const auto* server = std::get_if<dns::NameData>(&record.data);
    if (server != nullptr && result.name_servers.size() < max_servers_told)
      result.name_servers.push_back(server->name);
  }
  std::sort(result.name_servers.begin(), result.name_servers.end());
  const auto own = [&context](const DomainName& host) {
    return whois::is_registry_host(context.rulebook, host);
  };
  result.at_registry = !result.name_servers.empty() &&
                       std::all_of(result.name_servers.begin(), result.name_servers.end(), own);
  auto finding = make(result.at_registry ? "ptr.not-delegated" : "ptr.delegation",
                      result.at_registry ? Severity::warning : Severity::info, result);
  finding.evidence.push_back(dns::to_evidence(answer));
  result.findings.push_back(std::move(finding));
}

/// RFC 2317 section 4: the zone of an alias's target is the holder's, and whoever holds the zone of
/// the alias only leads there. One after the other, up to the first that answers with a zone.
Task<std::vector<dns::Answer>> ask_above_alias(Context context, DomainName target) {
  std::vector<dns::Answer> answers;
  for (std::size_t i = 0; i < max_alias_steps && target.label_count() > root_labels; ++i) {
    target = target.parent();
    auto answer = co_await context.resolver.query(target, dns::RecordType::soa);
    const bool done = soa_of(answer) != nullptr || !answer.definite();
    answers.push_back(std::move(answer));
    if (done) break;
  }
  co_return answers;
}

}  // namespace

Value ReverseZone::to_value() const {
  if (!zone) return {};
  Value servers = Value::array();
  for (const auto& server : name_servers) servers.push(server.to_string());
  return Value::object({{"zone", zone->to_string()},
                        {"primary", primary.to_string()},
                        {"mailbox", mailbox},
                        {"name_servers", std::move(servers)},
                        {"at_registry", at_registry}});
}

Task<ReverseZone> find_reverse_zone(Context context, IpAddress ip) {
  ReverseZone result;
  result.ip = ip.unmapped();
  const auto names = candidates(result.ip);
  std::vector<dns::Answer> answers(names.size());
  const auto ask = [&context, &names, &answers](std::size_t index) -> Task<void> {
    auto answer = co_await context.resolver.query(names[index], dns::RecordType::soa);
    answers[index] = std::move(answer);
  };
  co_await for_each_index(names.size(), names.size(), ask);
  const auto aliased = answers.front();
  if (!aliased.cname_chain.empty() && aliased.definite() && soa_of(aliased) == nullptr) {
    auto above = co_await ask_above_alias(context, aliased.cname_chain.back());
    answers.insert(answers.begin() + 1, std::make_move_iterator(above.begin()),
                   std::make_move_iterator(above.end()));
  }
  for (const auto& answer : answers) {
    if (const auto* soa = soa_of(answer)) {
      co_await read_zone(context, *soa, result);
      result.findings.front().evidence.insert(result.findings.front().evidence.begin(),
                                              dns::to_evidence(answer));
      co_return result;
    }
    if (answer.definite()) continue;
    add_unknown(answer, result);
    co_return result;
  }
  co_return result;
}

}  // namespace maildiag::checks
