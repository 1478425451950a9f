/// A URL as libcurl reads it: no other parser may understand one differently from who connects.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/curl_library.h"

namespace maildiag::net {

class UrlParts {
 public:
  /// The library outlives it.
  explicit UrlParts(const CurlLibrary& curl);
  bool parse(const std::string& text);
  /// REQUIRES: parse() was true.
  std::optional<std::string> get(CURLUPart part, unsigned flags = 0) const;

 private:
  const CurlLibrary& curl_;
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> handle_;
};

}  // namespace maildiag::net
