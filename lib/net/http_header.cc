#include "net/http_header.h"

#include "core/text.h"

namespace maildiag::net {

bool HttpHeader::take(std::string_view line, HttpReply& reply) {
  octets_ += line.size();
  if (too_large()) return false;
  const auto keep = [line](std::string_view name, std::string& value) {
    if (text::starts_with_ignore_case(line, name))
      value = text::sanitize(text::trim(line.substr(name.size())));
  };
  keep("content-type:", reply.content_type);
  keep("location:", reply.location);
  keep("retry-after:", reply.retry_after);
  keep("server:", reply.server);
  keep("strict-transport-security:", reply.strict_transport_security);
  return true;
}

}  // namespace maildiag::net
