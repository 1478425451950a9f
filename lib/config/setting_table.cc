#include "config/setting_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include <maildiag/ranges.h>

#include "core/domain_name.h"
#include "core/ip_address.h"
#include "core/text.h"
#include "core/typed_domain.h"
#include "dns/backends.h"

namespace maildiag::config {

namespace {

constexpr std::string_view taken;  // an empty complaint

std::optional<double> number_of(const std::string& text, const Range<double>& range) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || !std::isfinite(number)) return std::nullopt;
  if (!range.holds(number)) return std::nullopt;
  return number;
}

template <class Count>
std::optional<Count> count_of(const std::string& text, const Range<Count>& range) {
  Count number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || !range.holds(number)) return std::nullopt;
  return number;
}

std::string_view apply_nameservers(Configuration& to, const Texts& texts) {
  const auto good = [](const auto& text) { return dns::ServerAddress::parse(text).has_value(); };
  if (texts.empty() || !std::all_of(texts.begin(), texts.end(), good))
    return "an address, or address#port, of a DNS server (examples: 192.0.2.53, ::1#5353)";
  to.session.nameservers = texts;
  return taken;
}

std::string_view apply_timeout(Configuration& to, const Texts& texts) {
  const auto seconds = number_of(texts.front(), timeout_seconds);
  if (!seconds) return "a number of seconds from 0.05 to 60";
  to.session.timeout = *seconds;
  return taken;
}

std::string_view apply_tries(Configuration& to, const Texts& texts) {
  const auto tries = count_of(texts.front(), query_tries);
  if (!tries) return "a whole number from 1 to 20";
  to.session.tries = *tries;
  return taken;
}

std::string_view apply_window(Configuration& to, const Texts& texts) {
  const auto window = count_of(texts.front(), query_window);
  if (!window) return "a whole number from 1 to 10000";
  to.session.window = *window;
  return taken;
}

std::string_view apply_rate(Configuration& to, const Texts& texts) {
  const auto rate = number_of(texts.front(), list_rate);
  if (!rate) return "a number of questions a second from 0 (no limit) to 1000000";
  to.session.rate = *rate;
  return taken;
}

std::string_view apply_lang(Configuration& to, const Texts& texts) {
  const auto language = language_from(texts.front());
  if (!language) return "en or ko";
  to.session.language = *language;
  return taken;
}

std::string_view apply_color(Configuration& to, const Texts& texts) {
  const auto& choice = texts.front();
  if (choice != "auto" && choice != "always" && choice != "never") return "auto, always or never";
  to.color = choice;
  return taken;
}

/// Each layer's directories lie over those of the layers below: their rules win by id.
std::string_view apply_rules(Configuration& to, const Texts& texts) {
  const auto empty = [](const std::string& text) { return text.empty(); };
  if (std::any_of(texts.begin(), texts.end(), empty)) return "the path of a directory";
  auto& directories = to.session.rule_directories;
  directories.insert(directories.end(), texts.begin(), texts.end());
  return taken;
}

bool is_host_or_network(const std::string& text) {
  return IpNetwork::parse(text).has_value() || host_from_user(text).has_value();
}

std::string_view apply_own(Configuration& to, const Texts& texts) {
  if (!std::all_of(texts.begin(), texts.end(), is_host_or_network))
    return "a host or a network (examples: mail.example.com, 192.0.2.0/24)";
  to.own = texts;
  return taken;
}

/// "zen.dq.spamhaus.net" stands for the zone with its key in front, as "{key}.zen..." does.
bool is_zone(const std::string& text) {
  constexpr std::string_view placeholder = "{key}.";
  return DomainName::from_user(text.starts_with(placeholder) ? text.substr(placeholder.size())
                                                             : text)
      .has_value();
}

std::string_view apply_lists(Configuration& to, const Texts& texts) {
  if (!std::all_of(texts.begin(), texts.end(), is_zone))
    return "the zone of a list (example: zen.spamhaus.org)";
  to.session.default_lists = texts;
  return taken;
}

std::string_view apply_source(Configuration& to, const Texts& texts) {
  std::array<bool, 2> seen{};
  for (const auto& text : texts) {
    const auto address = IpAddress::parse(text);
    if (!address || std::exchange(seen.at(address->is_v6() ? 1 : 0), true))
      return "an IP address of this machine, at most one of each family";
  }
  to.session.sources = texts;
  return taken;
}

std::string_view apply_ca_file(Configuration& to, const Texts& texts) {
  if (texts.front().empty()) return "the path of a file of certificates (PEM)";
  to.session.ca_file = texts.front();
  return taken;
}

std::string_view apply_ehlo(Configuration& to, const Texts& texts) {
  if (!ehlo_name(texts.front()))
    return "a host name, or an address in brackets (examples: mail.example.com, [192.0.2.1])";
  to.session.helo_name = texts.front();
  return taken;
}

constexpr std::array rows{
    SettingRow{"nameserver", Kind::texts, "MAILDIAG_NAMESERVER", apply_nameservers,
               [](const Configuration& of) { return Value::strings(of.session.nameservers); }},
    SettingRow{"timeout", Kind::number, "MAILDIAG_TIMEOUT", apply_timeout,
               [](const Configuration& of) { return Value(of.session.timeout); }},
    SettingRow{"tries", Kind::count, "MAILDIAG_TRIES", apply_tries,
               [](const Configuration& of) { return Value(of.session.tries); }},
    SettingRow{"window", Kind::count, "MAILDIAG_WINDOW", apply_window,
               [](const Configuration& of) { return Value(of.session.window); }},
    SettingRow{"rate", Kind::number, "MAILDIAG_RATE", apply_rate,
               [](const Configuration& of) {
                 return of.session.rate < 0 ? Value() : Value(of.session.rate);
               }},
    SettingRow{"source", Kind::texts, "MAILDIAG_SOURCE", apply_source,
               [](const Configuration& of) { return Value::strings(of.session.sources); }},
    SettingRow{"ehlo", Kind::text, "MAILDIAG_EHLO", apply_ehlo,
               [](const Configuration& of) { return Value(of.session.helo_name); }},
    SettingRow{"ca-file", Kind::text, "MAILDIAG_CA_FILE", apply_ca_file,
               [](const Configuration& of) { return Value(of.session.ca_file); }},
    SettingRow{"lang", Kind::text, "MAILDIAG_LANG", apply_lang,
               [](const Configuration& of) { return Value(to_string(of.session.language)); }},
    SettingRow{"color", Kind::text, "MAILDIAG_COLOR", apply_color,
               [](const Configuration& of) { return Value(of.color); }},
    SettingRow{"rules", Kind::texts, "MAILDIAG_RULES", apply_rules,
               [](const Configuration& of) { return Value::strings(of.session.rule_directories); }},
    SettingRow{"own", Kind::texts, "MAILDIAG_OWN", apply_own,
               [](const Configuration& of) { return Value::strings(of.own); }},
    SettingRow{default_lists_key, Kind::texts, "MAILDIAG_DNSBL_LISTS", apply_lists,
               [](const Configuration& of) { return Value::strings(of.session.default_lists); }},
};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::span<const SettingRow> setting_rows() {
  return rows;
}

const SettingRow* find_setting(std::string_view key) {
  const auto* row = std::find_if(rows.begin(), rows.end(),
                                 [key](const SettingRow& each) { return each.key == key; });
  return row == rows.end() ? nullptr : row;
}

Texts wrong_ones(const SettingRow& row, const Texts& texts) {
  Texts wrong;
  for (const auto& text : texts) {
    Configuration scratch;
    if (!row.apply(scratch, {text}).empty()) wrong.push_back(text);
  }
  return wrong.empty() ? texts : wrong;
}

std::optional<std::string> ehlo_name(const std::string& text) {
  const bool literal = text.starts_with('[') && text.ends_with(']') && IpAddress::parse(text);
  if (literal) return text;
  const auto name = DomainName::from_user(text);
  return name ? std::optional(name->to_string()) : std::nullopt;
}

bool is_list_key(std::string_view key) {
  constexpr std::size_t shortest = 6, longest = 63;
  return key.size() >= shortest && key.size() <= longest &&
         std::all_of(key.begin(), key.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

bool is_list_key_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace maildiag::config
