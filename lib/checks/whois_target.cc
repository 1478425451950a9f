#include "checks/whois_target.h"

#include <charconv>

#include <fmt/format.h>

#include "core/text.h"
#include "core/typed_domain.h"

namespace maildiag::checks::whois {

namespace {

std::optional<std::uint32_t> read_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

std::optional<Target> read_number_target(std::string_view text) {
  if (const auto network = IpNetwork::parse(text)) return *network;
  constexpr std::string_view as = "AS";
  if (!text::starts_with_ignore_case(text, as)) return std::nullopt;
  if (const auto number = read_number(text.substr(as.size()))) return AsNumber{*number};
  return std::nullopt;
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  text = text::trim(text);
  if (const auto number = read_number_target(text)) return number;
  const auto domain = domain_from_user(text);
  if (!domain || domain->is_root()) return std::nullopt;
  // "AS3" with an invisible character, which internationalised names lose, is no domain either.
  if (const auto number = read_number_target(domain->key())) return number;
  return *domain;
}

std::string to_string(const Target& target) {
  if (const auto* domain = std::get_if<DomainName>(&target)) return domain->key();
  if (const auto* number = std::get_if<AsNumber>(&target))
    return fmt::format("AS{}", number->value);
  const auto& network = std::get<IpNetwork>(target);
  const bool single = network.prefix() == 8 * network.address().size();
  return single ? network.address().to_string() : network.to_string();
}

std::string_view kind_of(const Target& target) {
  if (std::holds_alternative<DomainName>(target)) return "domain";
  return std::holds_alternative<AsNumber>(target) ? "as-number" : "network";
}

std::optional<AsRange> parse_as_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = read_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : read_number(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return AsRange{*first, *last};
}

bool is_elsewhere(std::string_view range, const Target& target) {
  // "211.200.0.0 - 211.205.255.255 (/14+/15)"
  range = text::trim(range.substr(0, range.find('(')));
  if (const auto* number = std::get_if<AsNumber>(&target)) {
    std::string digits;
    for (const char c : range) {
      if ((c >= '0' && c <= '9') || c == '-') digits += c;
    }
    const auto found = parse_as_range(digits);
    return found && (number->value < found->first || number->value > found->last);
  }
  const auto* network = std::get_if<IpNetwork>(&target);
  if (network == nullptr) return false;
  const auto& address = network->address();
  if (const auto dash = range.find('-'); dash != std::string_view::npos) {
    const auto first = IpAddress::parse(text::trim(range.substr(0, dash)));
    const auto last = IpAddress::parse(text::trim(range.substr(dash + 1)));
    return first && last && (address < *first || address > *last);
  }
  bool elsewhere = false;
  for (const auto part : text::split(range, ',')) {
    const auto one = IpNetwork::parse(text::trim(part));
    if (!one || one->contains(address)) return false;
    elsewhere = true;
  }
  return elsewhere;
}

}  // namespace maildiag::checks::whois
