#include "bounce/charset.h"

#include <algorithm>
#include <optional>

#include <gmime/gmime-encodings.h>

#include "core/text.h"

namespace maildiag::bounce {
namespace {

std::string transfer_decode(std::string_view octets, GMimeContentEncoding encoding) {
  GMimeEncoding state;
  g_mime_encoding_init_decode(&state, encoding);
  std::string out(g_mime_encoding_outlen(&state, octets.size()) + 4, '\0');
  out.resize(g_mime_encoding_flush(&state, octets.data(), octets.size(), out.data()));
  return out;
}

struct EncodedWord {
  std::string octets;
  std::string_view charset;
  std::size_t length = 0;
};

/// RFC 2047 section 2 has 75; programs that do not count write more. Where a word has no end, no
/// more than this is looked through for it.
constexpr std::size_t max_encoded_word = 4096;

/// REQUIRES: `text` starts with "=?".
std::optional<EncodedWord> read_encoded_word(std::string_view text) {
  text = text.substr(0, max_encoded_word);
  const auto first = text.find('?', 2);
  if (first == std::string_view::npos || first > 80 || first + 3 > text.size() ||
      text[first + 2] != '?')
    return {};
  const auto end = text.find("?=", first + 3);
  if (end == std::string_view::npos) return {};
  EncodedWord word;
  word.charset = text.substr(2, first - 2);
  word.charset = word.charset.substr(0, word.charset.find('*'));  // a language (RFC 2231 section 5)
  word.length = end + 2;
  auto body = std::string(text.substr(first + 3, end - first - 3));
  const char kind = text[first + 1];
  if (kind == 'B' || kind == 'b') {
    word.octets = transfer_decode(body, GMIME_CONTENT_ENCODING_BASE64);
  } else if (kind == 'Q' || kind == 'q') {
    std::replace(body.begin(), body.end(), '_', ' ');
    word.octets = transfer_decode(body, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  } else {
    return {};
  }
  return word;
}

}  // namespace

std::string decode_words(std::string_view value) {
  std::string out;
  std::string pending;  // of the same charset: a character may be split over two words
  std::string_view pending_charset;
  const auto flush = [&] {
    if (!pending.empty()) out += to_utf8(pending, pending_charset);
    pending.clear();
  };
  for (std::size_t at = 0; at < value.size();) {
    const auto start = value.find("=?", at);
    const auto plain = value.substr(at, start == std::string_view::npos ? start : start - at);
    // Blanks between two encoded words are not shown (RFC 2047 section 6.2).
    if (pending.empty() || !text::trim(plain).empty() || start == std::string_view::npos) {
      flush();
      out += to_utf8(plain, "");
    }
    if (start == std::string_view::npos) break;
    if (auto word = read_encoded_word(value.substr(start))) {
      if (!pending.empty() && word->charset != pending_charset) flush();
      pending_charset = word->charset;
      pending += word->octets;
      at = start + word->length;
    } else {
      flush();
      out += "=?";
      at = start + 2;
    }
  }
  flush();
  return text::to_valid_utf8(out);
}

}  // namespace maildiag::bounce
