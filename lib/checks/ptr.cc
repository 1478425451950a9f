#include "checks/ptr.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "checks/generic_name.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

/// Names that are confirmed; real hosts have one or two. Beyond it nothing is said of the others.
constexpr std::size_t max_ptr_names = 20;

dns::RecordType address_type(const IpAddress& ip) {
  return ip.is_v4() ? dns::RecordType::a : dns::RecordType::aaaa;
}

Value name_texts(const std::vector<DomainName>& names) {
  Value texts = Value::array();
  for (const auto& name : names) texts.push(name.to_string());
  return texts;
}

Value address_texts(const dns::Answer& answer) {
  Value texts = Value::array();
  for (const auto& record : answer.records) {
    if (const auto* ip = std::get_if<IpAddress>(&record.data)) texts.push(ip->to_string());
  }
  return texts;
}

bool has_address(const dns::Answer& answer, const IpAddress& ip) {
  return std::ranges::any_of(answer.records, [&ip](const dns::Record& record) {
    const auto* address = std::get_if<IpAddress>(&record.data);
    return address != nullptr && *address == ip;
  });
}

/// What the forward lookups of the PTR names say together.
struct Confirmation {
  std::optional<DomainName> confirmed;  ///< the first name that resolves back
  bool unanswered = false;
  bool any_address = false;
  Value addresses = Value::array();
  std::vector<Evidence> evidence;
};

Task<Confirmation> confirm(Context context, std::vector<DomainName> names, IpAddress ip) {
  Confirmation result;
  // A list that is cut cannot prove a mismatch.
  result.unanswered = names.size() > max_ptr_names;
  if (result.unanswered) names.resize(max_ptr_names);
  for (const auto& name : names) {
    const auto answer = co_await context.resolver.query(name, address_type(ip));
    result.evidence.push_back(dns::to_evidence(answer));
    if (!answer.definite()) {
      result.unanswered = true;
    } else if (has_address(answer, ip)) {
      result.confirmed = name;
      break;
    } else if (answer.found()) {
      result.any_address = true;
      const auto found = address_texts(answer);
      for (const auto& text : found.as_array()) result.addresses.push(text);
    }
  }
  co_return result;
}

Finding finding_about(std::string id, Severity severity, const IpAddress& ip) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  finding.subject = ip.to_string();
  finding.data.set("ip", ip.to_string());
  return finding;
}

void judge_names(PtrResult& result, const Confirmation& confirmation, const IpAddress& ip,
                 const Evidence& ptr_evidence) {
  std::string id = "ptr.ok";
  Severity severity = Severity::ok;
  result.fcrdns = Fcrdns::pass;
  if (!confirmation.confirmed) {
    if (confirmation.unanswered) {
      id = "ptr.unknown";
      severity = Severity::unknown;
      result.fcrdns = Fcrdns::temperror;
    } else {
      id = confirmation.any_address ? "ptr.fcrdns-mismatch" : "ptr.name-unresolvable";
      severity = Severity::critical;
      result.fcrdns = Fcrdns::fail;
    }
  }
  Finding finding = finding_about(id, severity, ip);
  finding.data.set("name", confirmation.confirmed.value_or(result.names.front()).to_string());
  finding.data.set("names", name_texts(result.names));
  finding.data.set("addresses", confirmation.addresses);
  finding.evidence.push_back(ptr_evidence);
  finding.evidence.insert(finding.evidence.end(), confirmation.evidence.begin(),
                          confirmation.evidence.end());
  result.findings.push_back(std::move(finding));
}

void judge_style(PtrResult& result, const DomainName& name, const IpAddress& ip) {
  if (result.names.size() > 1) {
    Finding finding = finding_about("ptr.several", Severity::info, ip);
    finding.data.set("count", result.names.size());
    finding.data.set("names", name_texts(result.names));
    result.findings.push_back(std::move(finding));
  }
  result.generic = looks_generic(name, ip);
  if (result.generic) {
    Finding finding = finding_about("ptr.generic", Severity::warning, ip);
    finding.data.set("name", name.to_string());
    result.findings.push_back(std::move(finding));
  }
}

Task<void> check_names(Context context, IpAddress ip, PtrResult& result) {
  const auto ptr_name = *DomainName::parse(ip.ptr_name());
  const auto answer = co_await context.resolver.query(ptr_name, dns::RecordType::ptr);
  const auto evidence = dns::to_evidence(answer);
  for (const auto& record : answer.records) {
    const auto* target = std::get_if<dns::NameData>(&record.data);
    if (target != nullptr && !target->name.is_root()) result.names.push_back(target->name);
  }
  if (!answer.definite() || result.names.empty()) {
    const bool missing = answer.definite();
    result.fcrdns = missing ? Fcrdns::none : Fcrdns::temperror;
    Finding finding = finding_about(missing ? "ptr.missing" : "ptr.unknown",
                                    missing ? Severity::critical : Severity::unknown, ip);
    finding.data.set("name", ptr_name.to_string());
    finding.data.set("outcome", dns::to_string(answer.outcome));
    finding.evidence.push_back(evidence);
    result.findings.push_back(std::move(finding));
    co_return;
  }
  std::ranges::sort(result.names, {}, &DomainName::key);
  const auto confirmation = co_await confirm(context, result.names, ip);
  judge_names(result, confirmation, ip, evidence);
  judge_style(result, confirmation.confirmed.value_or(result.names.front()), ip);
}

/// For a HELO name without an address of the client's type. Postfix's reject_unknown_helo_hostname,
/// whose kind of check is the usual one, is content with any of the other records.
Task<void> look_for_other_records(Context context, DomainName name, IpAddress ip,
                                  Finding& finding) {
  const std::array types{ip.is_v4() ? dns::RecordType::aaaa : dns::RecordType::a,
                         dns::RecordType::mx};
  Value others = Value::array();
  bool unanswered = false;
  for (const auto type : types) {
    const auto answer = co_await context.resolver.query(name, type);
    finding.evidence.push_back(dns::to_evidence(answer));
    unanswered = unanswered || !answer.definite();
    for (const auto& record : answer.records) {
      if (const auto* address = std::get_if<IpAddress>(&record.data))
        others.push(fmt::format("{} {}", dns::to_string(type), address->to_string()));
      const auto* mx = std::get_if<dns::MxData>(&record.data);
      if (mx != nullptr && !mx->exchange.is_root())
        others.push(fmt::format("{} {}", dns::to_string(type), mx->exchange.to_string()));
    }
  }
  const bool found = !others.as_array().empty();
  finding.id = found ? "helo.other-records" : unanswered ? "helo.unknown" : "helo.unresolvable";
  finding.severity = found        ? Severity::warning
                     : unanswered ? Severity::unknown
                                  : Severity::critical;
  finding.data.set("type", dns::to_string(address_type(ip))).set("others", std::move(others));
}

/// RFC 5321 section 4.1.2: letters, digits and inner hyphens, though DNS has names of any octets.
bool is_helo_label(std::string_view label) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !label.empty() && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, plain);
}

/// A full name that the Internet can have: of two labels at least, none of the local network.
bool is_helo_name(const std::optional<DomainName>& name) {
  if (!name || name->label_count() < 2) return false;
  const auto labels = name->labels();
  const auto last = text::ascii_lower(labels.back());
  return last != "local" && last != "localdomain" && std::ranges::all_of(labels, is_helo_label);
}

/// RFC 5321 section 4.1.1.1: the argument of EHLO is a fully qualified name, or an address literal
/// where the host has no name.
Task<Finding> check_helo(Context context, IpAddress ip, std::string helo) {
  Finding finding = finding_about("helo.ok", Severity::ok, ip);
  finding.data.set("helo", helo);
  if (helo.starts_with('[')) {
    const auto literal = IpAddress::parse(helo);
    const bool same = literal && literal->unmapped() == ip;
    finding.id = same ? "helo.literal" : "helo.invalid";
    finding.severity = same ? Severity::warning : Severity::critical;
    co_return finding;
  }
  const auto name = DomainName::from_user(helo);
  if (!is_helo_name(name)) {
    finding.id = "helo.invalid";
    finding.severity = Severity::critical;
    co_return finding;
  }
  const auto answer = co_await context.resolver.query(*name, address_type(ip));
  finding.evidence.push_back(dns::to_evidence(answer));
  finding.data.set("addresses", address_texts(answer));
  if (!answer.definite()) {
    finding.id = "helo.unknown";
    finding.severity = Severity::unknown;
  } else if (!answer.found()) {
    auto looking = look_for_other_records(context, *name, ip, finding);
    co_await std::move(looking);
  } else if (!has_address(answer, ip)) {
    finding.id = "helo.mismatch";
    finding.severity = Severity::warning;
  }
  co_return finding;
}

}  // namespace

std::string_view to_string(Fcrdns value) {
  switch (value) {
    case Fcrdns::pass:
      return "pass";
    case Fcrdns::fail:
      return "fail";
    case Fcrdns::none:
      return "none";
    case Fcrdns::temperror:
      break;
  }
  return "temperror";
}

Value PtrResult::to_value() const {
  return Value::object(
      {{"ptr", name_texts(names)}, {"fcrdns", to_string(fcrdns)}, {"generic", generic}});
}

Task<PtrResult> check_ptr(Context context, IpAddress ip, std::optional<std::string> helo) {
  ip = ip.unmapped();
  PtrResult result;
  co_await check_names(context, ip, result);
  if (helo && !helo->empty()) {
    auto finding = co_await check_helo(context, ip, *helo);
    result.findings.push_back(std::move(finding));
  }
  co_return result;
}

}  // namespace maildiag::checks
