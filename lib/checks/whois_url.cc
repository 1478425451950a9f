#include "checks/whois_url.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"
#include "core/typed_domain.h"

namespace maildiag::checks::whois {

namespace {

bool is_url_octet(char c) {
  constexpr std::string_view refused = "\"<>\\^`{|}";
  return c > 0x20 && c < 0x7f && refused.find(c) == std::string_view::npos;
}

/// The host without its port; empty: malformed.
std::string host_of(std::string_view authority) {
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return {};
  const auto colon = authority.find(':', bracket);
  if (colon != std::string_view::npos) {
    const auto port = authority.substr(colon + 1);
    constexpr std::size_t longest = 5;
    if (port.empty() || port.size() > longest ||
        !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return {};
  }
  const auto host = authority.substr(0, colon);
  if (const auto address = IpAddress::parse(host)) return address->to_string();
  const auto name = DomainName::from_user(host);
  return name && name->label_count() >= 2 && !ends_in_number(*name) ? name->key() : std::string();
}

/// Behind a translation to IPv4 (RFC 6052, RFC 3056) there could be any network.
bool is_translated(const IpAddress& address) {
  static const std::array translations{*IpNetwork::parse("64:ff9b::/96"),
                                       *IpNetwork::parse("2002::/16")};
  return std::any_of(translations.begin(), translations.end(),
                     [&address](const IpNetwork& network) { return network.contains(address); });
}

}  // namespace

std::optional<HttpsUrl> HttpsUrl::parse(std::string_view text) {
  constexpr std::string_view scheme = "https://";
  if (text.size() > max_url || !text::starts_with_ignore_case(text, scheme) ||
      !std::all_of(text.begin(), text.end(), is_url_octet))
    return std::nullopt;
  text.remove_prefix(scheme.size());
  const auto end = text.find_first_of("/?#");
  HttpsUrl url;
  url.authority = text.substr(0, end);
  url.path = end == std::string_view::npos ? "/" : text.substr(end, text.find('#') - end);
  if (!url.path.starts_with('/')) url.path.insert(0, 1, '/');
  if (url.authority.find('@') != std::string::npos) return std::nullopt;
  url.host = host_of(url.authority);
  if (url.host.empty()) return std::nullopt;
  return url;
}

std::optional<HttpsUrl> follow(const HttpsUrl& from, std::string_view location) {
  if (location.starts_with("//")) return HttpsUrl::parse("https:" + std::string(location));
  if (location.starts_with('/'))
    return HttpsUrl::parse("https://" + from.authority + std::string(location));
  return HttpsUrl::parse(location);
}

Task<HostAddresses> find_host(Context context, std::string host) {
  HostAddresses found;
  std::vector<IpAddress> all;
  if (const auto address = IpAddress::parse(host)) {
    all.push_back(*address);
  } else {
    const auto name = DomainName::from_user(host);
    if (!name) co_return found;
    constexpr std::array types = {dns::RecordType::a, dns::RecordType::aaaa};
    std::array<dns::Answer, types.size()> answers;
    const auto ask = [&context, &name, &types, &answers](std::size_t index) -> Task<void> {
      auto answer = co_await context.resolver.query(*name, types.at(index));
      answers.at(index) = std::move(answer);
    };
    co_await for_each_index(types.size(), types.size(), ask);
    for (const auto& answer : answers) {
      found.unanswered = found.unanswered || !answer.definite();
      for (const auto& record : answer.records) {
        if (const auto* ip = std::get_if<IpAddress>(&record.data)) all.push_back(*ip);
      }
    }
  }
  std::erase_if(all, is_translated);
  const auto first_special = std::stable_partition(
      all.begin(), all.end(),
      [](const IpAddress& address) { return !address.unmapped().is_special(); });
  found.private_only = !all.empty() && first_special == all.begin();
  found.addresses = std::move(all);
  if (found.addresses.size() > max_host_addresses) found.addresses.resize(max_host_addresses);
  co_return found;
}

}  // namespace maildiag::checks::whois
