#include "checks/spf_session.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "core/text.h"

namespace maildiag::checks::spf {
namespace {

/// Longer identities are no addresses (RFC 5321 section 4.5.3.1 allows 64 + 1 + 255).
constexpr std::size_t max_identity = 1024;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Section 4.3: multi-label, well-formed, not an address; U-labels become A-labels (RFC 8616
/// section 4).
std::optional<DomainName> checked_domain(std::string_view text) {
  if (text.size() > max_identity || text.starts_with('[')) return std::nullopt;
  auto name = is_ascii(text) ? to_domain_name(text) : DomainName::from_user(text);
  if (!name || name->label_count() < 2) return std::nullopt;
  // "192.0.2.1" is no domain: no top-level label is all digits (RFC 3696 section 2).
  if (name->labels().back().find_first_not_of("0123456789") == std::string::npos)
    return std::nullopt;
  return name;
}

/// The text that macros show: A-labels, no final dot, the case as given.
std::string domain_text(std::string_view given, const std::optional<DomainName>& name) {
  if (name && !is_ascii(given)) return name->to_string();
  if (!given.empty() && given.back() == '.') given.remove_suffix(1);
  return std::string(given.substr(0, max_identity));
}

}  // namespace

Evidence brief_evidence(const dns::Answer& answer) {
  if (answer.records.size() <= max_evidence_records) return dns::to_evidence(answer);
  auto brief = answer;
  brief.records.resize(max_evidence_records);
  return dns::to_evidence(brief);
}

Session::Session(Context context, const SpfRequest& request, VoidReading reading)
    : context_(context), reading_(reading) {
  const std::string_view sender = request.sender;
  const auto at = sender.rfind('@');
  // Section 2.4: without a reverse-path postmaster@HELO is checked; section 4.3: without a
  // local-part, postmaster is meant.
  const std::string_view domain = sender.empty()                 ? std::string_view(request.helo)
                                  : at == std::string_view::npos ? sender
                                                                 : sender.substr(at + 1);
  const auto local_part = at == std::string_view::npos ? std::string_view() : sender.substr(0, at);
  identity = checked_domain(domain);
  values.local_part =
      local_part.empty() ? "postmaster" : std::string(local_part.substr(0, max_identity));
  unicode_local_part = !is_ascii(values.local_part);
  values.sender_domain = domain_text(domain, identity);
  values.domain = values.sender_domain;
  // Section 5: an IPv4-mapped address is an IPv4 one.
  values.ip = request.ip.unmapped();
  values.helo = request.helo.substr(0, max_identity);
  values.receiver = request.receiver;
  values.now = std::chrono::duration_cast<std::chrono::seconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count();
}

Task<Lookup> Session::ask(DomainName name, dns::RecordType type, dns::Answer& answer) {
  if (++asked_ > max_queries) co_return Lookup::error;
  auto received = co_await context_.resolver.query(std::move(name), type);
  answer = std::move(received);
  queries.push_back({step, brief_evidence(answer)});
  if (!answer.definite()) co_return Lookup::error;
  co_return answer.found() ? Lookup::found : Lookup::none;
}

Task<Lookup> Session::ask_addresses(DomainName name, std::vector<IpAddress>& addresses) {
  dns::Answer answer;
  const auto type = values.ip.is_v4() ? dns::RecordType::a : dns::RecordType::aaaa;
  const auto lookup = co_await ask(std::move(name), type, answer);
  for (const auto& record : answer.records) {
    if (const auto* address = std::get_if<IpAddress>(&record.data)) addresses.push_back(*address);
  }
  co_return lookup;
}

bool Session::count_void(Lookup lookup) {
  if (lookup != Lookup::none) return true;
  ++void_queries;
  // Section 4.6.4 limits the *terms* whose questions come back empty.
  if (!term_void_) ++void_lookups;
  term_void_ = true;
  return void_lookups <= max_spf_void_lookups;
}

Task<bool> Session::count_address_void(DomainName name, Lookup lookup) {
  if (lookup == Lookup::none && reading_ == VoidReading::any_address && values.ip.is_v6()) {
    dns::Answer answer;
    const auto other = co_await ask(std::move(name), dns::RecordType::a, answer);
    if (other == Lookup::found) co_return true;
  }
  co_return count_void(lookup);
}

bool Session::begin_term(bool asks_dns) {
  term_void_ = false;
  if (asks_dns) ++lookups;
  return lookups <= max_spf_lookups;
}

Task<std::vector<DomainName>> Session::ptr_names() {
  if (ptr_names_) co_return *ptr_names_;
  std::vector<DomainName> names;
  const auto reverse = DomainName::parse(values.ip.ptr_name());
  if (reverse) {
    dns::Answer answer;
    ptr_lookup_ = co_await ask(*reverse, dns::RecordType::ptr, answer);
    for (const auto& record : answer.records) {
      const auto* name = std::get_if<dns::NameData>(&record.data);
      if (name != nullptr && names.size() < max_ptr_names) names.push_back(name->name);
    }
  }
  ptr_names_ = names;
  co_return names;
}

Task<bool> Session::confirmed(DomainName name) {
  std::vector<IpAddress> addresses;
  const auto lookup = co_await ask_addresses(std::move(name), addresses);
  if (lookup != Lookup::found) co_return false;
  co_return std::find(addresses.begin(), addresses.end(), values.ip) != addresses.end();
}

Task<void> Session::validate_name() {
  values.validated = "unknown";
  const auto domain = to_domain_name(values.domain);
  auto names = co_await ptr_names();
  // Section 7.3: the domain itself first, then a name under it, then any.
  const auto rank = [&](const DomainName& name) {
    if (!domain || !name.is_under(*domain)) return 2;
    return name == *domain ? 0 : 1;
  };
  std::stable_sort(names.begin(), names.end(),
                   [&](const DomainName& a, const DomainName& b) { return rank(a) < rank(b); });
  for (const auto& name : names) {
    const bool is_confirmed = co_await confirmed(name);
    if (!is_confirmed) continue;
    std::string joined;
    for (const auto& label : name.labels()) joined += (joined.empty() ? "" : ".") + label;
    values.validated = joined;
    co_return;
  }
}

}  // namespace maildiag::checks::spf
