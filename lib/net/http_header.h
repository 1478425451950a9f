/// The header of an HTTP answer, a line at a time as libcurl hands them on.
#pragma once

#include <cstddef>
#include <string_view>

#include "net/http.h"

namespace maildiag::net {

class HttpHeader {
 public:
  /// Keeps what HttpReply has a place for. False: that is more than max_http_header octets, and
  /// nothing of this line is kept.
  bool take(std::string_view line, HttpReply& reply);
  bool too_large() const { return octets_ > max_http_header; }

 private:
  std::size_t octets_ = 0;
};

}  // namespace maildiag::net
