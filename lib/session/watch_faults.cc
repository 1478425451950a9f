#include "session/watch_faults.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "session/watch_observe.h"

namespace maildiag::session {

namespace {

/// Of one observation: each is told by itself, and a hostile zone may have thousands.
constexpr std::size_t max_faults = 64;

/// What a finding is about: a host's addresses of one kind rather than one of them, of which a pool
/// has others in each run. See watch::hides().
std::string place_of(const Finding& finding) {
  const auto host = finding.data["host"].to_text();
  if (host.empty() || host == finding.subject) return finding.subject;
  return host + (finding.subject.find(':') == std::string::npos ? " IPv4" : " IPv6");
}

watch::Fault fault_of(const Finding& finding) {
  auto name = fmt::format("{} {}", place_of(finding), finding.id);
  // One record may have several such.
  if (const auto term = finding.data["term"].to_text(); !term.empty()) name += " " + term;
  std::replace(name.begin(), name.end(), '\n', ' ');
  return {std::move(name), finding.severity, pack_finding(finding)};
}

}  // namespace

void add_faults(const std::vector<Finding>& findings, watch::Observation& observation) {
  std::vector<const Finding*> bad;
  for (const auto& finding : findings) {
    if (finding.severity == Severity::unknown) {
      const auto place = place_of(finding);
      observation.unanswered.push_back(place == observation.key.target ? "" : place);
      if (observation.silences.size() < max_faults)
        observation.silences.push_back(fault_of(finding));
    } else if (exit_status(finding.severity) != 0) {
      bad.push_back(&finding);
    }
  }
  std::stable_sort(bad.begin(), bad.end(), [](const Finding* a, const Finding* b) {
    return exit_status(a->severity) > exit_status(b->severity);
  });
  auto& standing = observation.standing.faults.emplace();
  for (const auto* finding : bad) {
    if (standing.size() == max_faults) break;
    // Several findings of one name are one fault, as bad as the worst of them.
    auto fault = fault_of(*finding);
    if (standing.emplace(fault.name, fault.severity).second)
      observation.faults.push_back(std::move(fault));
  }
}

}  // namespace maildiag::session
