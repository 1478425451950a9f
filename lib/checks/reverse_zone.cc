#include "checks/reverse_zone.h"

#include <algorithm>
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

Task<void> read_zone(Context context, const dns::Record& soa, ReverseZone& result) {
  const auto& data = std::get<dns::SoaData>(soa.data);
  const auto zone = soa.name;
  result.zone = zone;
  result.primary = data.primary;
  result.mailbox = mailbox_of(data.mailbox);
  const auto answer = co_await context.resolver.query(zone, dns::RecordType::ns);
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
  for (const auto& answer : answers) {
    if (const auto* soa = soa_of(answer)) {
      co_await read_zone(context, *soa, result);
      result.findings.front().evidence.insert(result.findings.front().evidence.begin(),
                                              dns::to_evidence(answer));
      co_return result;
    }
    if (answer.definite()) continue;
    // The deepest zone may be this one.
    result.unanswered = true;
    auto finding = make("ptr.delegation-unknown", Severity::unknown, result);
    finding.data.set("zone", answer.question.name.to_string());
    finding.data.set("outcome", dns::to_string(answer.outcome));
    finding.evidence.push_back(dns::to_evidence(answer));
    result.findings.push_back(std::move(finding));
    co_return result;
  }
  co_return result;
}

}  // namespace maildiag::checks
