#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <maildiag/ranges.h>

#include "core/text.h"
#include "dns/backends.h"

namespace maildiag::dns {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// resolv.conf(5) caps these in silence (RES_MAXRETRANS, RES_MAXRETRY of glibc's <resolv.h>). There
/// a time-out of 0 is one of a second; no attempt at all would answer nothing.
constexpr Range<unsigned> libc_timeout{1, 30}, libc_attempts{1, 5};

/// "timeout:3" with the prefix "timeout:".
std::optional<unsigned> option_value(std::string_view option, std::string_view prefix,
                                     const Range<unsigned>& range) {
  if (!option.starts_with(prefix)) return std::nullopt;
  const auto digits = option.substr(prefix.size());
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return std::clamp(parse_number<unsigned>(digits).value_or(range.most), range.least, range.most);
}

void read_options(const std::vector<std::string_view>& words, ResolvConf& conf) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (const auto seconds = option_value(words[i], "timeout:", libc_timeout))
      conf.timeout_seconds = seconds;
    if (const auto attempts = option_value(words[i], "attempts:", libc_attempts))
      conf.attempts = attempts;
  }
}

}  // namespace

Result<ServerAddress> ServerAddress::parse(std::string_view text) {
  ServerAddress server;
  auto address = text;
  if (const auto hash = address.find('#'); hash != std::string_view::npos) {
    const auto port = parse_number<std::uint16_t>(address.substr(hash + 1));
    if (!port || *port == 0) {
      return fail_with(ErrorCode::usage, "\"{}\": not a port after '#'", text);
    }
    server.port = *port;
    address = address.substr(0, hash);
  }
  bool has_scope = false;
  if (const auto percent = address.find('%'); percent != std::string_view::npos) {
    has_scope = true;
    server.scope = address.substr(percent + 1);
    address = address.substr(0, percent);
  }
  const auto parsed = IpAddress::parse(address);
  const bool scope_fits = !has_scope || (!server.scope.empty() && parsed && parsed->is_v6());
  if (!parsed || !scope_fits) {
    return fail_with(ErrorCode::usage,
                     "\"{}\": not the address of a name server; write ADDRESS or "
                     "ADDRESS#PORT, e.g. 192.0.2.1#53",
                     text);
  }
  server.address = *parsed;
  return server;
}

std::string ServerAddress::to_string() const {
  return fmt::format("{}{}{}#{}", address.to_string(), scope.empty() ? "" : "%", scope, port);
}

ResolvConf parse_resolv_conf(std::string_view text) {
  ResolvConf conf;
  for (const auto line : text::split_lines(text)) {
    const auto content = text::collapse_spaces(line.substr(0, line.find_first_of("#;")));
    const auto words = text::split(content, ' ');
    if (words.size() >= 2 && words[0] == "nameserver") {
      if (auto server = ServerAddress::parse(words[1])) conf.servers.push_back(std::move(*server));
    } else if (words[0] == "options") {
      read_options(words, conf);
    }
  }
  return conf;
}

}  // namespace maildiag::dns
