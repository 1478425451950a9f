#include <optional>

#include <fmt/format.h>

#include "core/ip_address.h"
#include "net/curl_library.h"
#include "net/post.h"

namespace maildiag::net {

namespace {

using std::string_view;

/// Longer ones are refused by receivers, and libcurl would take 8 MB.
constexpr std::size_t max_url = 2048;

/// libcurl's own parser reads it: no other may understand a URL differently from who connects.
class Parts {
 public:
  explicit Parts(const CurlLibrary& curl)
      : curl_(curl), handle_(owned(curl.new_url(), curl.url_cleanup)) {}

  bool parse(const std::string& text) {
    return handle_ && curl_.url_set(handle_.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
  }

  std::optional<std::string> get(CURLUPart part) const {
    char* raw = nullptr;
    if (curl_.url_get(handle_.get(), part, &raw, 0) != CURLUE_OK) return std::nullopt;
    const auto value = owned(raw, curl_.free);
    return std::string(value.get());
  }

 private:
  const CurlLibrary& curl_;
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> handle_;
};

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

tl::unexpected<Error> refuse(string_view why) {
  return fail(ErrorCode::configuration, fmt::format("no URL to post to: {}", why));
}

}  // namespace

Result<PostUrl> PostUrl::read(string_view text) {
  if (text.empty() || text.size() > max_url)
    return refuse(fmt::format("it must have 1 to {} characters", max_url));
  if (has_control_characters(text))
    return refuse("it has a blank or a character that must be percent-encoded");
  CurlLibrary curl;
  if (!curl.load()) return refuse(MAILDIAG_LIBCURL " is not installed: install libcurl4");
  Parts parts(curl);
  const std::string url(text);
  if (!parts.parse(url)) return refuse("write https://HOST/PATH");
  const auto scheme = parts.get(CURLUPART_SCHEME), host = parts.get(CURLUPART_HOST);
  if (!scheme || !host || host->empty()) return refuse("write https://HOST/PATH");
  if (*scheme != "https" && *scheme != "http") return refuse("only https can be posted to");
  if (*scheme == "http" && !is_loopback(*host))
    return refuse("http is not encrypted: use https, or the address 127.0.0.1 or [::1]");
  auto masked = fmt::format("{}://{}{}", *scheme, parts.get(CURLUPART_USER) ? "****@" : "", *host);
  if (const auto port = parts.get(CURLUPART_PORT)) masked += ":" + *port;
  if (parts.get(CURLUPART_PATH).value_or("/") != "/" || parts.get(CURLUPART_QUERY))
    masked += "/****";
  return PostUrl(url, std::move(masked));
}

}  // namespace maildiag::net
