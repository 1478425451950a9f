#include "checks/dmarc_report.h"

#include <utility>
#include <variant>

#include "checks/dmarc_walk.h"
#include "core/tag_list.h"

namespace maildiag::checks::dmarc {

namespace {

constexpr std::size_t parallel_destinations = 5;

/// A record authorises if it is a tag list with v=DMARC1 first, whatever else it says; what is none
/// is dropped. Several that are good authorise like one.
Authorisation read_authority(const dns::Answer& answer) {
  auto state = Authorisation::missing;
  for (const auto& record : answer.records) {
    const auto* txt = std::get_if<dns::TxtData>(&record.data);
    if (txt == nullptr) continue;
    const auto text = txt->joined();
    if (!is_record(text)) continue;
    if (parse_tag_list(text).ok()) return Authorisation::authorised;
    state = Authorisation::malformed;
  }
  return state;
}

Task<void> check_destination(Context context, DomainName domain,
                             std::optional<DomainName> organization, Destination& destination) {
  const DomainName host = *destination.uri.host;
  const auto walk = co_await walk_tree(context, host);
  destination.organizational_domain = organizational_domain(walk);
  if (host == domain || (organization && destination.organizational_domain == organization)) {
    destination.authority.state = Authorisation::not_needed;
    co_return;
  }
  if (!organization || !destination.organizational_domain) {
    destination.authority.name = walk.steps.empty() ? host : walk.steps.back().name;
    if (!walk.steps.empty()) destination.authority.answer = walk.steps.back().answer;
    co_return;  // unknown: whether they differ is not known
  }
  auto authority = co_await ask_authority(context, domain, host);
  destination.authority = std::move(authority);
}

}  // namespace

std::string_view to_string(Authorisation state) {
  switch (state) {
    case Authorisation::not_needed:
      return "not-needed";
    case Authorisation::authorised:
      return "authorised";
    case Authorisation::missing:
      return "missing";
    case Authorisation::malformed:
      return "malformed";
    case Authorisation::unknown:
      return "unknown";
  }
  return "unknown";
}

Task<Authority> ask_authority(Context context, DomainName domain, DomainName host) {
  Authority authority;
  const auto below = host.child("_report._dmarc");
  const auto name = below ? below->prepend(domain) : std::nullopt;
  if (!name) {
    authority.state = Authorisation::missing;  // too long a name: nothing can stand there
    authority.answer.outcome = dns::Outcome::nxdomain;
    co_return authority;
  }
  authority.name = *name;
  auto answer = co_await context.resolver.query(authority.name, dns::RecordType::txt);
  authority.answer = std::move(answer);
  authority.state =
      authority.answer.definite() ? read_authority(authority.answer) : Authorisation::unknown;
  co_return authority;
}

Task<std::vector<Destination>> check_destinations(Context context, DomainName domain,
                                                  std::vector<ReportUri> uris) {
  std::vector<Destination> destinations;
  for (auto& uri : uris) {
    if (uri.host) destinations.push_back({std::move(uri), std::nullopt, {}});
  }
  if (destinations.empty()) co_return destinations;
  const auto walk = co_await walk_tree(context, domain);
  const auto organization = organizational_domain(walk);
  const auto check = [&context, &domain, &organization,
                      &destinations](std::size_t index) -> Task<void> {
    co_await check_destination(context, domain, organization, destinations[index]);
  };
  co_await for_each_index(destinations.size(), parallel_destinations, check);
  co_return destinations;
}

}  // namespace maildiag::checks::dmarc
