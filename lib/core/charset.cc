#include "core/charset.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iconv.h>
#include <optional>
#include <utility>

#include "core/text.h"
#include "core/utf8.h"

namespace maildiag {
namespace {

/// What mail says -> what iconv is asked for. The Korean names all mean CP949 in practice, a
/// superset of EUC-KR.
constexpr std::array<std::pair<std::string_view, const char*>, 62> charsets{{
    {"euc-kr", "CP949"},
    {"euckr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"ks_c_5601-1989", "CP949"},
    {"ksc5601", "CP949"},
    {"ksc_5601", "CP949"},
    {"ks_c_5601", "CP949"},
    {"korean", "CP949"},
    {"windows-949", "CP949"},
    {"cp949", "CP949"},
    {"ms949", "CP949"},
    {"uhc", "CP949"},
    {"iso-2022-kr", "ISO-2022-KR"},
    {"johab", "JOHAB"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"windows-31j", "CP932"},
    {"cp932", "CP932"},
    {"ms932", "CP932"},
    {"x-sjis", "CP932"},
    {"euc-jp", "EUC-JP"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"cp936", "GB18030"},
    {"gb18030", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"iso-8859-1", "CP1252"},
    {"latin1", "CP1252"},
    {"windows-1252", "CP1252"},
    {"iso-8859-2", "ISO-8859-2"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-9", "ISO-8859-9"},
    {"iso-8859-15", "ISO-8859-15"},
    {"windows-1250", "CP1250"},
    {"windows-1251", "CP1251"},
    {"windows-1253", "CP1253"},
    {"windows-1254", "CP1254"},
    {"windows-1255", "CP1255"},
    {"windows-1256", "CP1256"},
    {"windows-1257", "CP1257"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-16", "ISO-8859-16"},
    {"tis-620", "TIS-620"},
    {"windows-874", "CP874"},
    {"windows-1258", "CP1258"},
    {"utf-16", "UTF-16"},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
}};

const char* iconv_name(std::string_view charset) {
  const auto wanted = text::ascii_lower(text::trim(charset));
  const auto* found = std::find_if(charsets.begin(), charsets.end(),
                                   [&](const auto& entry) { return entry.first == wanted; });
  return found == charsets.end() ? nullptr : found->second;
}

class Converter {
 public:
  explicit Converter(const char* from) : handle_(iconv_open("UTF-8", from)) {}
  ~Converter() {
    if (ok()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool ok() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  /// nullopt: the octets do not fit, and `replace` is false.
  std::optional<std::string> convert(std::string_view octets, bool replace) {
    std::string out;
    out.reserve(octets.size() * 3 / 2);
    std::array<char, 4096> buffer{};
    auto* in = const_cast<char*>(octets.data());  // iconv's interface; it does not write there
    std::size_t left = octets.size();
    while (left > 0) {
      auto* to = buffer.data();
      std::size_t room = buffer.size();
      const auto result = iconv(handle_, &in, &left, &to, &room);
      out.append(buffer.data(), buffer.size() - room);
      if (result != static_cast<std::size_t>(-1) || errno == E2BIG) continue;
      if (!replace) return {};
      out += "\xEF\xBF\xBD";
      ++in;
      --left;
    }
    return out;
  }

 private:
  iconv_t handle_;
};

std::optional<std::string> convert(std::string_view octets, const char* from, bool replace) {
  Converter converter(from);
  return converter.ok() ? converter.convert(octets, replace) : std::nullopt;
}

bool is_ascii(std::string_view octets) {
  return std::none_of(octets.begin(), octets.end(),
                      [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

bool is_utf8(std::string_view octets) {
  for (std::size_t at = 0; at < octets.size();) {
    if (static_cast<unsigned char>(octets[at]) < 0x80) {
      ++at;
      continue;
    }
    const auto decoded = utf8::decode(octets.substr(at));
    if (!decoded.valid) return false;
    at += decoded.length;
  }
  return true;
}

/// Seven-bit Korean and Japanese announce themselves by an escape sequence (RFC 1557, RFC 1468).
const char* seven_bit_charset(std::string_view octets) {
  if (octets.find("\x1b$)C") != std::string_view::npos) return "ISO-2022-KR";
  if (octets.find("\x1b$B") != std::string_view::npos) return "ISO-2022-JP";
  return nullptr;
}

/// How UTF-16 that `declared` announces stands in `octets`; a byte order mark is taken off. Null:
/// no UTF-16 stands there. Programs turn a text into UTF-8 and leave its label as it was.
const char* wide_charset(const char* declared, std::string_view& octets) {
  const bool little = octets.starts_with("\xFF\xFE");
  if (little || octets.starts_with("\xFE\xFF")) {
    octets.remove_prefix(2);
    return little ? "UTF-16LE" : "UTF-16BE";
  }
  std::size_t zeros = 0;
  std::array<std::size_t, 2> ascii{};  // characters by the place of their octet of zero
  for (std::size_t at = 0; at < octets.size(); ++at) {
    if (octets[at] != '\0') continue;
    ++zeros;
    const auto other = at ^ 1U;
    if (other < octets.size() && static_cast<unsigned char>(octets[other]) < 0x80) ++ascii[at % 2];
  }
  // Each line end, blank and letter of ASCII has one in UTF-16; a stray one makes no UTF-16.
  if (zeros == 0 && octets.find('\n') != std::string_view::npos) return nullptr;
  if (zeros * 4 < octets.size() && is_utf8(octets)) return nullptr;
  if (std::string_view(declared) != "UTF-16") return declared;
  // RFC 2781 section 4.3: big-endian without a mark; Windows writes the other one all the same.
  return ascii[1] > ascii[0] ? "UTF-16LE" : "UTF-16BE";
}

bool is_wide(const char* declared) {
  return declared != nullptr && std::string_view(declared).starts_with("UTF-16");
}

/// Octets that are no UTF-8 are tried as Korean where no other charset is declared; CP1252 is what
/// careless senders declare for anything.
bool may_be_korean(const char* declared) {
  if (declared == nullptr) return true;
  const std::string_view name(declared);
  return name == "CP949" || name == "ISO-2022-KR" || name == "JOHAB" || name == "CP1252";
}

/// Any two octets above ASCII are some character of CP949. In Korean nearly all of them are the
/// syllables of EUC-KR, in others' charsets as many are Chinese characters and rare syllables.
bool looks_korean(std::string_view octets) {
  std::size_t syllables = 0;
  std::size_t others = 0;
  for (std::size_t at = 0; at + 1 < octets.size(); ++at) {
    const auto lead = static_cast<unsigned char>(octets[at]);
    if (lead < 0x80) continue;
    const auto trail = static_cast<unsigned char>(octets[++at]);
    const bool common = trail >= 0xA1 && lead >= 0xA1;  // rows of EUC-KR; its first are of signs
    if (common && lead >= 0xB0 && lead <= 0xC8) ++syllables;
    if (!common || lead > 0xC8) ++others;
  }
  return syllables > 0 && others * 2 <= syllables;
}

}  // namespace

std::string to_utf8(std::string_view octets, std::string_view charset) {
  const auto* declared = iconv_name(charset);
  if (is_wide(declared)) declared = wide_charset(declared, octets);
  const bool wide = is_wide(declared);
  const bool ascii = !wide && is_ascii(octets);
  const auto* seven_bit = ascii ? seven_bit_charset(octets) : nullptr;
  if (ascii && seven_bit == nullptr) return std::string(octets);
  if (seven_bit != nullptr) declared = seven_bit;
  if (declared != nullptr) {
    if (auto text = convert(octets, declared, false)) return *text;
  }
  if (!wide && is_utf8(octets)) return std::string(octets);
  if (may_be_korean(declared) && looks_korean(octets)) {
    if (auto text = convert(octets, "CP949", false)) return *text;
  }
  if (declared != nullptr) {
    if (auto text = convert(octets, declared, true)) return *text;
  }
  return text::to_valid_utf8(octets);
}

}  // namespace maildiag
