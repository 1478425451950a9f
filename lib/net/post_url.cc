#include <fmt/format.h>

#include "core/ip_address.h"
#include "net/post.h"
#include "net/url_parts.h"

namespace maildiag::net {

namespace {

using std::string_view;

/// Longer ones are refused by receivers, and libcurl would take 8 MB.
constexpr std::size_t max_url = 2048;

bool is_loopback(const std::string& host) {
  const auto parsed = IpAddress::parse(host);
  if (!parsed) return false;
  const auto ip = parsed->unmapped();
  return ip.is_v4() ? *ip.data() == 127 : ip == IpAddress::parse("::1");
}

bool has_control_characters(string_view text) {
  for (const auto c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet <= ' ' || octet >= 0x7F) return true;
  }
  return false;
}

}  // namespace

Result<PostUrl> PostUrl::read(string_view text) {
  if (text.empty() || text.size() > max_url)
    return fail_with(ErrorCode::configuration, "no URL to post to: it must have 1 to {} characters",
                     max_url);
  if (has_control_characters(text))
    return fail_with(
        ErrorCode::configuration,
        "no URL to post to: it has a blank or a character that must be percent-encoded");
  CurlLibrary curl;
  if (!curl.load())
    return fail_with(ErrorCode::configuration,
                     "no URL to post to: {} is not installed: install libcurl4", MAILDIAG_LIBCURL);
  UrlParts parts(curl);
  const std::string url(text);
  if (!parts.parse(url))
    return fail_with(ErrorCode::configuration, "no URL to post to: write https://HOST/PATH");
  const auto scheme = parts.get(CURLUPART_SCHEME), host = parts.get(CURLUPART_HOST);
  // libcurl has decoded what was percent-encoded in it.
  if (!scheme || !host || host->empty() || has_control_characters(*host))
    return fail_with(ErrorCode::configuration, "no URL to post to: write https://HOST/PATH");
  if (*scheme != "https" && *scheme != "http")
    return fail_with(ErrorCode::configuration, "no URL to post to: only https can be posted to");
  if (*scheme == "http" && !is_loopback(*host))
    return fail_with(
        ErrorCode::configuration,
        "no URL to post to: http is not encrypted: use https, or the address 127.0.0.1 or [::1]");
  auto masked = fmt::format("{}://{}{}", *scheme, parts.get(CURLUPART_USER) ? "****@" : "", *host);
  if (const auto port = parts.get(CURLUPART_PORT)) masked += ":" + *port;
  if (parts.get(CURLUPART_PATH).value_or("/") != "/" || parts.get(CURLUPART_QUERY))
    masked += "/****";
  return PostUrl(url, std::move(masked));
}

}  // namespace maildiag::net
