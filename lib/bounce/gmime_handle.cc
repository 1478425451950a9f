#include "bounce/gmime_handle.h"

namespace maildiag::bounce {
namespace {

using Text = std::unique_ptr<char, FreedBy<g_free>>;

}  // namespace

/// GMime's tables are set up once a process and stay: taking them down and up again costs, and
/// GObject types never go.
void start_gmime() {
  struct Library {
    Library() { g_mime_init(); }
    ~Library() { g_mime_shutdown(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
  };
  static const Library library;
}

ContentType read_content_type(const std::string& value) {
  start_gmime();
  ContentType read;
  const Object<GMimeContentType> type(g_mime_content_type_parse(nullptr, value.c_str()));
  read.message = g_mime_content_type_is_type(type.get(), "message", "*") != FALSE;
  read.digest = g_mime_content_type_is_type(type.get(), "multipart", "digest") != FALSE;
  if (const char* boundary = g_mime_content_type_get_parameter(type.get(), "boundary"))
    read.boundary = boundary;
  return read;
}

std::string decoded_field(const std::string& value) {
  start_gmime();
  const Text unfolded(g_mime_utils_header_unfold(value.c_str()));
  const Text decoded(g_mime_utils_header_decode_text(nullptr, unfolded.get()));
  return decoded.get();
}

}  // namespace maildiag::bounce
