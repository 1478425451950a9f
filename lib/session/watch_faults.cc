#include "session/watch_faults.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "session/watch_observe.h"

namespace maildiag::session {

namespace {

/// Of one check: each is told by itself, and a hostile zone may have thousands.
constexpr std::size_t max_faults = 64;

std::string kind_of(const std::string& address) {
  const auto ip = IpAddress::parse(address);
  return !ip ? "" : ip->is_v4() ? " IPv4" : " IPv6";
}

/// What a finding is about: a host's addresses of one kind rather than one of them, of which a pool
/// has others in each run.
std::string place_of(const Finding& finding) {
  const auto host = finding.data["host"].to_text();
  return host.empty() ? finding.subject : host + kind_of(finding.data["ip"].to_text());
}

std::string name_of(const Finding& finding) {
  auto name = fmt::format("{} {}", place_of(finding), finding.id);
  // One record may have several such.
  if (const auto term = finding.data["term"].to_text(); !term.empty()) name += " " + term;
  return name;
}

watch::Fault fault_of(const Finding& finding) {
  return {name_of(finding), finding.severity, pack_finding(finding)};
}

/// What the names of faults begin with that nobody could look for; see Parts::hidden.
std::vector<std::string> hidden_by(const Finding& unknown, const std::string& domain) {
  const auto place = place_of(unknown);
  if (unknown.id == "mx.ptr-unknown")
    return {place + " mx.ptr-missing", place + " mx.fcrdns-mismatch"};
  if (unknown.id == "smtp.certificate-unverified") return {place + " smtp.certificate-untrusted"};
  if (unknown.id == "dmarc.report-unknown")
    return {place + " dmarc.report-unauthorised", place + " dmarc.report-malformed"};
  if (unknown.id != "mx.host-unknown" && unknown.id != "smtp.host-unknown") return {""};
  const auto missing = unknown.data["unanswered"].to_text();
  if (missing == "AAAA") return {place + " IPv6 "};
  const auto no_ipv4 = domain + " mx.no-ipv4";
  if (missing == "A") return {place + " IPv4 ", no_ipv4};
  return {place + " ", no_ipv4};
}

bool is_fault(const Finding& finding) {
  return finding.severity != Severity::unknown && exit_status(finding.severity) != 0;
}

}  // namespace

bool leaves_rest_known(const Finding& unknown) {
  return unknown.data["partial"].as_bool();
}

watch::Parts parts_of(const std::vector<Finding>& findings, const std::string& domain) {
  watch::Parts parts;
  std::set<std::string> silent;
  for (const auto& finding : findings) {
    if (finding.severity == Severity::unknown) {
      for (auto& words : hidden_by(finding, domain)) parts.hidden.push_back(std::move(words));
      if (leaves_rest_known(finding) && silent.size() < max_faults &&
          silent.insert(name_of(finding)).second)
        parts.silences.push_back(fault_of(finding));
    } else if (is_fault(finding)) {
      parts.faults.push_back(fault_of(finding));
    }
  }
  // Of one name the worst; and the same ones in every run where there are too many.
  auto& faults = parts.faults;
  std::stable_sort(faults.begin(), faults.end(), [](const watch::Fault& a, const watch::Fault& b) {
    const int first = exit_status(a.severity), second = exit_status(b.severity);
    return first != second ? first > second : a.name < b.name;
  });
  std::set<std::string> names;
  std::erase_if(faults, [&](const auto& fault) { return !names.insert(fault.name).second; });
  if (faults.size() > max_faults) {
    faults.resize(max_faults);
    parts.hidden.emplace_back();
  }
  return parts;
}

}  // namespace maildiag::session
