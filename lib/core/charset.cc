#include "core/charset.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/charset_guess.h"
#include "core/recode.h"
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
/// no UTF-16 stands there.
const char* wide_charset(std::string_view declared, std::string_view& octets) {
  auto order = declared == "UTF-16LE"   ? Wide::little
               : declared == "UTF-16BE" ? Wide::big
                                        : Wide::none;
  if (octets.starts_with("\xFF\xFE") || octets.starts_with("\xFE\xFF")) {
    order = octets.front() == '\xFF' ? Wide::little : Wide::big;
    octets.remove_prefix(2);
  } else {
    order = wide_order(octets, order);
  }
  if (order == Wide::none) return nullptr;
  return order == Wide::little ? "UTF-16LE" : "UTF-16BE";
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
    if (auto text = convert(octets, declared, "UTF-8", false)) return *text;
  }
  if (!wide && is_utf8(octets)) return std::string(octets);
  if (may_be_korean(declared)) {
    if (auto text = convert(octets, "CP949", "UTF-8", false); text && looks_korean(*text))
      return *text;
  }
  if (declared != nullptr) {
    if (auto text = convert(octets, declared, "UTF-8", true)) return *text;
  }
  return text::to_valid_utf8(octets);
}

}  // namespace maildiag
