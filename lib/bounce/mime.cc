#include "bounce/mime.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <gmime/gmime.h>

#include "bounce/charset.h"
#include "bounce/gmime_handle.h"
#include "bounce/reader.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

/// Attachments that may be parts of a bounce; larger ones are files of people.
constexpr gint64 max_attached_bytes = 1L << 20;

std::string type_of(GMimeObject* object) {
  auto* type = g_mime_object_get_content_type(object);
  if (type == nullptr) return "text/plain";
  const char* major = g_mime_content_type_get_media_type(type);
  const char* minor = g_mime_content_type_get_media_subtype(type);
  return text::ascii_lower(
      fmt::format("{}/{}", major != nullptr ? major : "", minor != nullptr ? minor : ""));
}

std::string parameter_of(GMimeObject* object, const char* name) {
  auto* type = g_mime_object_get_content_type(object);
  const char* value = type == nullptr ? nullptr : g_mime_content_type_get_parameter(type, name);
  return value == nullptr ? "" : value;
}

/// What GMime does not have to decode stands in `octets` as it is; nullopt: it has to.
std::optional<std::string_view> plain_content(GMimeDataWrapper* content, std::string_view octets) {
  const auto encoding = g_mime_data_wrapper_get_encoding(content);
  if (encoding == GMIME_CONTENT_ENCODING_BASE64 ||
      encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ||
      encoding == GMIME_CONTENT_ENCODING_UUENCODE)
    return {};
  const auto* stream = g_mime_data_wrapper_get_stream(content);
  if (stream == nullptr || stream->bound_start < 0 || stream->bound_end < stream->bound_start)
    return {};
  const auto begin = static_cast<std::size_t>(stream->bound_start);
  const auto end = static_cast<std::size_t>(stream->bound_end);
  if (end > octets.size()) return {};
  return octets.substr(begin, end - begin);
}

/// `octets`: of the whole mail; `most`: of the result.
std::string decode_part(GMimePart* part, std::string_view octets, std::size_t most) {
  auto* content = g_mime_part_get_content(part);
  if (content == nullptr) return {};
  if (const auto plain = plain_content(content, octets)) return std::string(plain->substr(0, most));
  const Object<GMimeStream> memory(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, memory.get());
  const auto* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
  const auto size = std::min<std::size_t>(array->len, most);
  return {reinterpret_cast<const char*>(array->data), size};
}

bool is_report_type(std::string_view type) {
  return type == "message/delivery-status" || type == "message/global-delivery-status" ||
         type == "message/feedback-report" || type == "message/disposition-notification";
}

/// What mail programs make of the parts of a bounce that is forwarded: "bounce.eml", and
/// "ATT00001.dat" or "details.txt" of the delivery status.
bool is_attached_text(GMimePart* part, std::string_view type) {
  if (type != "application/octet-stream" && type != "application/eml") return false;
  auto* content = g_mime_part_get_content(part);
  auto* stream = content != nullptr ? g_mime_data_wrapper_get_stream(content) : nullptr;
  return stream != nullptr && g_mime_stream_length(stream) <= max_attached_bytes;
}

bool is_attached_mail(GMimePart* part) {
  const char* name = g_mime_part_get_filename(part);
  return name != nullptr && text::ascii_lower(name).ends_with(".eml");
}

bool is_closed(GMimeObject* multipart, std::string_view octets) {
  const char* boundary = g_mime_multipart_get_boundary(GMIME_MULTIPART(multipart));
  return boundary == nullptr ||
         octets.find(fmt::format("--{}--", boundary)) != std::string_view::npos;
}

/// Up to the line of the boundary. The line end in front of it is the boundary's (RFC 2046 section
/// 5.1.1): a CR left behind would break signatures.
std::string_view before_boundary(std::string_view body, const std::string& boundary) {
  const auto separator = "\n--" + boundary;
  for (auto at = body.find(separator); at != std::string_view::npos;
       at = body.find(separator, at + 1)) {
    // A boundary inside may begin with the same characters.
    const auto behind = body.substr(at + separator.size());
    const bool whole = behind.empty() || behind.starts_with("--") ||
                       std::string_view(" \t\r\n").find(behind.front()) != std::string_view::npos;
    if (!whole) continue;
    body = body.substr(0, at);
    if (body.ends_with('\r')) body.remove_suffix(1);
    break;
  }
  return body;
}

/// The octets with other names of these fields, as long as before; empty where there are none.
std::string renamed(std::string_view octets, const std::vector<std::size_t>& fields) {
  std::string result(fields.empty() ? std::string_view() : octets);
  for (const auto at : fields) result[at] = 'X';
  return result;
}

class Walker {
 public:
  Walker(std::string_view octets, Mail& mail) : octets_(octets), mail_(mail) {}

  /// `boundary`: of the multipart around; empty: none.
  Result<void> walk(GMimeObject* object, int depth, const std::string& boundary) {
    if (depth > max_mime_depth) {
      return fail_with(ErrorCode::bad_data, "MIME parts nested deeper than {}; not read",
                       max_mime_depth);
    }
    if (GMIME_IS_MULTIPART(object)) return walk_multipart(GMIME_MULTIPART(object), depth);
    Part part;
    part.type = type_of(object);
    part.depth = depth;
    if (is_message_type(part.type) || is_headers_type(part.type)) {
      read_message(object, part, boundary);
    } else if (GMIME_IS_PART(object) &&
               (part.type.starts_with("text/") || is_report_type(part.type))) {
      part.decoded = to_utf8(take_content(GMIME_PART(object)), parameter_of(object, "charset"));
    } else if (GMIME_IS_PART(object) && is_attached_text(GMIME_PART(object), part.type)) {
      part.decoded = take_content(GMIME_PART(object));
      if (is_attached_mail(GMIME_PART(object))) part.type = "message/rfc822";
    }
    mail_.parts.push_back(std::move(part));
    return {};
  }

 private:
  /// What the bounds leave of a part.
  std::string take_content(GMimePart* part) {
    const auto most = std::min(max_text_bytes, text_left_);
    auto content = most == 0 ? std::string() : decode_part(part, octets_, most);
    text_left_ -= content.size();
    return content;
  }

  Result<void> walk_multipart(GMimeMultipart* multipart, int depth) {
    const char* own = g_mime_multipart_get_boundary(multipart);
    const std::string boundary = own != nullptr ? own : "";
    const int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count; ++i) {
      if (auto walked = walk(g_mime_multipart_get_part(multipart, i), depth + 1, boundary); !walked)
        return walked;
    }
    return {};
  }

  /// A returned message is kept as it came: GMime would write it anew, and its signatures would
  /// break.
  void read_message(GMimeObject* object, Part& part, const std::string& boundary) {
    if (GMIME_IS_PART(object)) {
      part.decoded = take_content(GMIME_PART(object));
      return;
    }
    auto* fields = g_mime_object_get_header_list(object);
    const int count = g_mime_header_list_get_count(fields);
    if (count == 0) return;
    const auto offset =
        g_mime_header_get_offset(g_mime_header_list_get_header_at(fields, count - 1));
    if (offset < 0 || static_cast<std::size_t>(offset) >= octets_.size()) return;
    auto body = split_header(octets_.substr(static_cast<std::size_t>(offset))).body;
    if (!boundary.empty()) body = before_boundary(body, boundary);
    part.encoded = body;
    // RFC 2046 section 5.2.1 forbids it, some senders encode all the same.
    const char* encoding = g_mime_object_get_header(object, "Content-Transfer-Encoding");
    const auto method = g_mime_content_encoding_from_string(encoding != nullptr ? encoding : "");
    if (method == GMIME_CONTENT_ENCODING_BASE64 ||
        method == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) {
      GMimeEncoding state;
      g_mime_encoding_init_decode(&state, method);
      part.decoded.resize(g_mime_encoding_outlen(&state, body.size()) + 4);
      part.decoded.resize(
          g_mime_encoding_flush(&state, body.data(), body.size(), part.decoded.data()));
    }
  }

  std::string_view octets_;
  Mail& mail_;
  std::size_t text_left_ = max_all_text_bytes;
};

}  // namespace

bool is_message_type(std::string_view type) {
  return type == "message/rfc822" || type == "message/global" || type == "message/news";
}

bool is_headers_type(std::string_view type) {
  return type == "text/rfc822-headers" || type == "message/global-headers" ||
         type == "text/rfc822-header" || type == "message/rfc822-headers";
}

Result<Mail> parse_mail(std::string_view octets) {
  const auto dear_fields = check_bounds(octets);
  if (!dear_fields) return tl::unexpected(dear_fields.error());
  start_gmime();
  const auto harmless = renamed(octets, *dear_fields);
  const auto seen = harmless.empty() ? octets : std::string_view(harmless);
  const Object<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(seen.data(), seen.size()));
  const Object<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Object<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  if (!message) return fail_with(ErrorCode::bad_data, "not a mail: it has no header");
  Mail mail;
  mail.header = Fields::parse(octets);
  mail.open_line = !octets.ends_with('\n') && !octets.ends_with('\r');
  mail.cut_off = text::trim(split_header(octets).body).empty();
  auto* root = g_mime_message_get_mime_part(message.get());
  if (root == nullptr) return mail;
  if (GMIME_IS_MULTIPART(root)) mail.cut_off = mail.cut_off || !is_closed(root, octets);
  mail.type = type_of(root);
  mail.report_type = text::ascii_lower(parameter_of(root, "report-type"));
  if (auto walked = Walker(octets, mail).walk(root, 0, ""); !walked)
    return tl::unexpected(walked.error());
  return mail;
}

}  // namespace maildiag::bounce
