#include "checks/generic_name.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag::checks {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

constexpr std::array access_words = std::to_array<std::string_view>(
    {"adsl",  "broadband", "cable",  "catv",   "client", "cpe",    "cust",    "customer",
     "dhcp",  "dial",      "dialin", "dialup", "dsl",    "dyn",    "dynamic", "dynamicip",
     "fiber", "ftth",      "pool",   "ppp",    "pppoe",  "resnet", "vdsl",    "xdsl"});

/// Runs of digits and runs of letters of the host part, in order.
std::vector<std::string> tokens(std::string_view text) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < text.size();) {
    const auto same_kind = is_digit(text[at]) ? is_digit : is_letter;
    const std::size_t start = at;
    while (at < text.size() && same_kind(text[at])) ++at;
    if (at > start) {
      result.emplace_back(text.substr(start, at - start));
    } else {
      ++at;
    }
  }
  return result;
}

std::string without_leading_zeros(const std::string& digits) {
  const auto first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

/// The octets of an IPv4 address stand one after the other in `numbers`, forwards or backwards.
bool carries_octets(const std::vector<std::string>& numbers, const IpAddress& ip) {
  std::vector<std::string> octets;
  for (std::size_t i = 0; i < ip.size(); ++i) octets.push_back(fmt::format("{}", ip.data()[i]));
  const auto contains = [&numbers](const std::vector<std::string>& wanted) {
    return std::search(numbers.begin(), numbers.end(), wanted.begin(), wanted.end()) !=
           numbers.end();
  };
  const std::vector<std::string> reversed(octets.rbegin(), octets.rend());
  return contains(octets) || contains(reversed);
}

/// The address as one unbroken string: hexadecimal, or decimal octets of three digits.
bool carries_run(std::string_view host, const IpAddress& ip) {
  std::string hexadecimal, decimal;
  for (std::size_t i = 0; i < ip.size(); ++i) {
    fmt::format_to(std::back_inserter(hexadecimal), "{:02x}", ip.data()[i]);
    fmt::format_to(std::back_inserter(decimal), "{:03}", ip.data()[i]);
  }
  if (host.find(hexadecimal) != std::string_view::npos) return true;
  if (ip.is_v4()) return host.find(decimal) != std::string_view::npos;
  // The lower half of an IPv6 address is enough: "2a01-e0a-1-2-xxxx.ipv6.example" carries all of it
  // in dashes.
  std::string plain;
  std::copy_if(host.begin(), host.end(), std::back_inserter(plain),
               [](char c) { return is_digit(c) || is_letter(c); });
  return plain.find(hexadecimal.substr(16)) != std::string::npos;
}

}  // namespace

bool looks_generic(const DomainName& name, const IpAddress& ip) {
  const auto labels = name.labels();
  if (labels.size() < 3) return false;  // a registered name itself
  std::string host;
  for (std::size_t i = 0; i + 2 < labels.size(); ++i) host += text::ascii_lower(labels[i]) + ".";
  if (carries_run(host, ip)) return true;
  const auto parts = tokens(host);
  std::vector<std::string> numbers;
  for (const auto& part : parts) {
    if (is_digit(part.front())) numbers.push_back(without_leading_zeros(part));
  }
  if (ip.is_v4() && carries_octets(numbers, ip)) return true;
  const bool access_line = std::ranges::any_of(parts, [](const std::string& part) {
    return std::ranges::find(access_words, part) != access_words.end();
  });
  return access_line && !numbers.empty();
}

}  // namespace maildiag::checks
