#include "diagnose/own_hosts.h"

#include <algorithm>

#include "bounce/fields.h"
#include "bounce/returned_message.h"
#include "core/text.h"
#include "core/typed_domain.h"

namespace maildiag::diagnose {

std::string_view to_string(Passage passage) {
  switch (passage) {
    case Passage::own:
      return "own";
    case Passage::foreign:
      return "foreign";
    case Passage::unknown:
      break;
  }
  return "unknown";
}

std::optional<Passage> passage_from(std::string_view text) {
  for (const auto passage : {Passage::unknown, Passage::own, Passage::foreign}) {
    if (to_string(passage) == text) return passage;
  }
  return std::nullopt;
}

Result<OwnHosts> OwnHosts::parse(const std::vector<std::string>& texts) {
  OwnHosts own;
  for (const auto& text : texts) {
    if (const auto network = IpNetwork::parse(text)) {
      own.networks_.push_back(*network);
      continue;
    }
    const auto name = host_from_user(text);
    if (!name) {
      return fail_with(
          ErrorCode::usage,
          "--own: `{}` is neither a network (192.0.2.0/24) nor a host (mail.example.com)", text);
    }
    own.hosts_.push_back(name->key());
  }
  return own;
}

bool OwnHosts::has(const IpAddress& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&address](const IpNetwork& network) {
    return network.contains(address.unmapped());
  });
}

bool OwnHosts::has(std::string_view host) const {
  if (host.ends_with('.')) host.remove_suffix(1);
  return std::any_of(hosts_.begin(), hosts_.end(), [host](const std::string& own) {
    if (host.size() < own.size()) return false;
    const auto border = host.size() - own.size();
    return text::equals_ignore_case(host.substr(border), own) &&
           (border == 0 || host[border - 1] == '.');
  });
}

Passage OwnHosts::passage(const bounce::DeliveryFailure& failure,
                          const bounce::ReturnedMessage* returned) const {
  if (failure.sending_ip && has(*failure.sending_ip)) return Passage::own;
  if (has(failure.reporting_mta)) return Passage::own;
  std::vector<bounce::Hop> hops;
  if (returned != nullptr) {
    hops = bounce::read_hops(bounce::Fields::parse(bounce::split_header(returned->raw).header));
  }
  const bool ours = std::any_of(hops.begin(), hops.end(), [this](const bounce::Hop& hop) {
    return (hop.client && has(*hop.client)) || (hop.by_address && has(*hop.by_address)) ||
           has(hop.by) || has(hop.client_name);
  });
  if (ours) return Passage::own;
  // The address that the receiver saw is one hop; a relay or NAT of ours may stand behind it.
  return hops.empty() ? Passage::unknown : Passage::foreign;
}

bool is_bulk_mail(const bounce::ReturnedMessage& returned) {
  const auto header = bounce::Fields::parse(bounce::split_header(returned.raw).header);
  if (header.has("List-Id") || header.has("List-Unsubscribe")) return true;
  const auto precedence = text::trim(header.get("Precedence"));
  return text::equals_ignore_case(precedence, "bulk") ||
         text::equals_ignore_case(precedence, "list");
}

}  // namespace maildiag::diagnose
