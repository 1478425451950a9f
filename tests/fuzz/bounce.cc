#include <string>

#include "bounce/mime.h"
#include "bounce/reader.h"
#include "core/text.h"
#include "fuzz/targets.h"

namespace maildiag::fuzz {

void bounce_mime(std::string_view octets) {
  const auto mail = bounce::parse_mail(octets);
  if (mail) {
    require(mail->parts.size() <= bounce::max_mime_parts, "parts are bounded");
    for (const auto& part : mail->parts) {
      require(part.depth <= bounce::max_mime_depth, "depth is bounded");
      // A returned header is raw octets.
      if (part.type.starts_with("text/") && !bounce::is_headers_type(part.type))
        require(text::to_valid_utf8(part.decoded) == part.decoded, "text is UTF-8");
    }
  }
  const auto read = bounce::read_bounce(octets);
  if (!read) return;
  require(read->failures.size() <= bounce::max_failures, "failures are bounded");
}

void bounce_reply(std::string_view octets) {
  const auto read = bounce::read_reply(octets);
  require(read.failures.size() <= bounce::max_failures, "failures are bounded");
  for (const auto& failure : read.failures)
    require(failure.reply.text.size() <= bounce::max_reply_bytes, "a reply is bounded");
}

}  // namespace maildiag::fuzz
