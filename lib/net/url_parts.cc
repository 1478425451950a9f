#include "net/url_parts.h"

namespace maildiag::net {

UrlParts::UrlParts(const CurlLibrary& curl)
    : curl_(curl), handle_(owned(curl.new_url(), curl.url_cleanup)) {}

bool UrlParts::parse(const std::string& text) {
  return handle_ && curl_.url_set(handle_.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
}

std::optional<std::string> UrlParts::get(CURLUPart part, unsigned flags) const {
  char* raw = nullptr;
  if (curl_.url_get(handle_.get(), part, &raw, flags) != CURLUE_OK) return std::nullopt;
  const auto value = owned(raw, curl_.free);
  return std::string(value.get());
}

}  // namespace maildiag::net
