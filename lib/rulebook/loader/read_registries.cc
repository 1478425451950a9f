#include <charconv>
#include <cstdint>
#include <optional>

#include "core/domain_name.h"
#include "core/ip_address.h"
#include "rulebook/loader/readers.h"

namespace maildiag::rulebook {
namespace {

constexpr std::string_view https = "https://";
constexpr std::string_view target_place = "{target}";

std::optional<std::uint32_t> read_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// "681" or "4608-4865".
bool is_number_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = read_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : read_number(text.substr(dash + 1));
  return first && last && *first <= *last;
}

bool is_host(std::string_view text) {
  const auto name = DomainName::from_user(text);
  return name && name->key() == text;
}

template <class Good>
void check_each(TableReader& reader, std::string_view key, Strings values, Good good,
                std::string_view form) {
  for (const auto value : values) {
    if (!good(value)) reader.fault(key, "\"{}\" is no {}", value, form);
  }
}

void check_servers(TableReader& reader, const Registry& registry) {
  if (registry.rdap.empty() && registry.whois.empty())
    reader.fault({}, "needs `rdap` or `whois`, or nobody could be asked");
  const bool secure = registry.rdap.starts_with(https) && registry.rdap.ends_with('/') &&
                      registry.rdap.size() > https.size() + 1;
  if (!registry.rdap.empty() && !secure)
    reader.fault("rdap", "is no https URL that ends in a slash");
  if (!registry.whois.empty() && !is_host(registry.whois))
    reader.fault("whois", "is no host name in lower case");
  for (const auto& [key, text] :
       {std::pair("question", registry.question), std::pair("as_question", registry.as_question)}) {
    if (!text.empty() && text.find(target_place) == std::string_view::npos)
      reader.fault(key, "lacks {}", target_place);
  }
}

}  // namespace

void read_registry(TableReader& reader, Shelves& shelves, int layer) {
  Registry registry;
  registry.id = reader.id();
  registry.name = reader.text("name", Need::required);
  registry.rdap = reader.text("rdap", Need::optional);
  registry.whois = reader.text("whois", Need::optional);
  registry.question = reader.text("question", Need::optional);
  registry.as_question = reader.text("as_question", Need::optional);
  registry.charset = reader.text("charset", Need::optional);
  registry.networks = reader.strings("networks", Need::optional);
  registry.as_numbers = reader.strings("as_numbers", Need::optional);
  registry.domains = reader.strings("domains", Need::optional);
  registry.hosts = reader.strings("hosts", Need::optional);
  // Where it is known from: for who maintains the file.
  reader.text("source", reader.shipped() ? Need::required : Need::optional);
  check_servers(reader, registry);
  const auto is_network = [](std::string_view text) { return IpNetwork::parse(text).has_value(); };
  check_each(reader, "networks", registry.networks, is_network, "network such as 203.0.0.0/8");
  check_each(reader, "as_numbers", registry.as_numbers, is_number_range,
             "number or range such as 4608-4865");
  check_each(reader, "domains", registry.domains, is_host, "domain in lower case, as A-labels");
  check_each(reader, "hosts", registry.hosts, is_host, "domain in lower case");
  reader.finish();
  shelves.registries.put(reader, registry, reader.arena().copy(reader.origin()), layer);
}

}  // namespace maildiag::rulebook
