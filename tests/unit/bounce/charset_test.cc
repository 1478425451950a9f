#include "bounce/charset.h"

#include <ctime>
#include <string>
#include <utility>

#include <doctest/doctest.h>

using maildiag::to_utf8;
using maildiag::bounce::decode_words;

namespace {

/// As UTF-16.
std::string wide(const std::u16string& text, bool little) {
  std::string octets;
  for (const char16_t unit : text) {
    octets += static_cast<char>(little ? unit & 0xFFU : unit >> 8U);
    octets += static_cast<char>(little ? unit >> 8U : unit & 0xFFU);
  }
  return octets;
}

}  // namespace

TEST_CASE("Korean charsets under all their names") {
  const std::string cp949 =
      "\x8c\x63\xb9\xe6\xb0\xa2\xc7\xcf";  // 똠방각하: the first syllable is not in EUC-KR
  for (const auto* name : {"cp949", "ks_c_5601-1987", "KS_C_5601-1987", "euc-kr", "windows-949",
                           "uhc", "", "utf-8", "us-ascii", "x-unknown", "iso-2022-cn-ext"}) {
    CAPTURE(name);
    CHECK(to_utf8(cp949, name) == "똠방각하");
  }
  CHECK(to_utf8("\x1b$)C\x0eGQ1[\x0f", "iso-2022-kr") == "한글");
  CHECK(to_utf8("\x1b$)C\x0eGQ1[\x0f", "us-ascii") == "한글");
}

TEST_CASE("wrong and missing charsets") {
  CHECK(to_utf8("한글", "euc-kr") == "한글");  // UTF-8 under a wrong name: its octets are no CP949
  CHECK(to_utf8("caf\xe9 ", "iso-8859-1") == "café ");
  CHECK(to_utf8("caf\xe9 ", "") == "caf\xEF\xBF\xBD ");
  CHECK(to_utf8("\xff\xff", "euc-kr") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(to_utf8("", "euc-kr").empty());
}

TEST_CASE("other charsets under all their names, and none taken for Korean") {
  for (const auto* name : {"cp932", "MS932", "x-sjis", "Shift_JIS"})
    CHECK(to_utf8("\x83\x86\x81\x5B\x83\x55", name) == "ユーザ");
  for (const auto* name : {"x-gbk", "cp936", "gb2312"})
    CHECK(to_utf8("\xD3\xC3\xBB\xA7", name) == "用户");
  CHECK(to_utf8("\xE4\xC1\xE8", "tis-620") == "ไม่");
  CHECK(to_utf8(std::string("\xFF\xFE\x5C\xD5\x41\0", 6), "utf-16") == "한A");
  CHECK(to_utf8(std::string("\xFE\xFF\xD5\x5C\0\x41", 6), "UTF-16") == "한A");
  CHECK(to_utf8(std::string("\xD5\x5C\0\x41", 4), "utf-16") == "한A");
  // One octet that does not fit does not make Korean of the others.
  CHECK(to_utf8("\xD3\xC3\xBB\xA7\xFF", "gbk").starts_with("用户"));
}

TEST_CASE("a label of UTF-16 on what is none, and UTF-16 without a byte order mark") {
  const std::string reply = "550 5.1.1 User unknown\r\n";
  for (const auto* name : {"utf-16", "UTF-16LE", "utf-16be", "utf-32", "utf-32le"}) {
    CAPTURE(name);
    CHECK(to_utf8(reply, name) == reply);
    CHECK(to_utf8("없는 사용자\n", name) == "없는 사용자\n");
    CHECK(to_utf8("\xEF\xBB\xBFok", name) == "\xEF\xBB\xBFok");
    CHECK(to_utf8("550 " + std::string(1, '\0') + "no", name) ==
          "550 " + std::string(1, '\0') + "no");
    CHECK(to_utf8("\xBE\xF8\xB4\xC2 \xBB\xE7\xBF\xEB\xC0\xDA\n", name) == "없는 사용자\n");
    CHECK(to_utf8("\x1b$)C\x0eGQ1[\x0f", name) == "한글");
    CHECK(to_utf8("", name).empty());
  }
  for (const bool little : {true, false}) {
    CAPTURE(little);
    const std::string own = little ? "utf-16le" : "utf-16be";
    for (const auto& name : {own, std::string("utf-16")}) {
      CAPTURE(name);
      CHECK(to_utf8(wide(u"550 no\r\n", little), name) == "550 no\r\n");
      CHECK(to_utf8(wide(u"없는 사용자", little), name) == "없는 사용자");
      CHECK(to_utf8(wide(u"caf\u00e9 ", little), name) == "café ");
    }
    // A mark knows better than any label, and one octet too few or many spoils no more than an end.
    for (const auto* name : {"utf-16", "utf-16le", "utf-16be"}) {
      CHECK(to_utf8(wide(u"\uFEFF550 no", little), name) == "550 no");
      CHECK(to_utf8(wide(u"\uFEFF없는", little) + "x", name) == "없는\xEF\xBF\xBD");
    }
  }
  CHECK(to_utf8(wide(u"한글", false), "utf-16") == "한글");
}

TEST_CASE("UTF-16 without a byte order mark, whose octets may be ASCII or line ends") {
  const std::pair<std::u16string, std::string> texts[] = {
      {u"用户不存在", "用户不存在"},
      {u"550 用户不存在", "550 用户不存在"},
      {u"邮箱容量已达上限", "邮箱容量已达上限"},
      {u"容量が上限を超えました", "容量が上限を超えました"},
      {u"使用者不存在", "使用者不存在"},
      {u"젊은행정부사용자없음", "젊은행정부사용자없음"},
      {u"수신자", "수신자"},
      {u"上", "上"},
      {u"젊", "젊"},
      {u"пользователь", "пользователь"},
      {u"χρήστης", "χρήστης"},
      {u"ผู้ใช้", "ผู้ใช้"},
      {u"מלא", "מלא"},
      {u"उपयोगकर्ता मौजूद नहीं है", "उपयोगकर्ता मौजूद नहीं है"},
      {u"550 संदेश अस्वीकार", "550 संदेश अस्वीकार"},
      {u"है", "है"},
      {u"ਉਪਭੋਗਤਾ ਮੌਜੂਦ ਨਹੀਂ ਹੈ", "ਉਪਭੋਗਤਾ ਮੌਜੂਦ ਨਹੀਂ ਹੈ"},
      {u"བོད་ཡིག", "བོད་ཡིག"},
      {u"ไม่พบผู้ใช้ ✓", "ไม่พบผู้ใช้ ✓"},
      {u"ব্যবহারকারী নেই", "ব্যবহারকারী নেই"},
      {u"பயனர் இல்லை", "பயனர் இல்லை"},
      {u"no such user", "no such user"},
      {u"上下", "上下"},
      {u"上上上", "上上上"},
      {u"550 용량 초과 – 😀\r\n", "550 용량 초과 – 😀\r\n"},
  };
  for (const auto& [text, expected] : texts) {
    CAPTURE(expected);
    CHECK(to_utf8(wide(text, false), "utf-16be") == expected);
    CHECK(to_utf8(wide(text, true), "utf-16le") == expected);
    CHECK(to_utf8(wide(text, false), "utf-16") == expected);
  }
  for (const std::string text : {"mailbox unavailable",
                                 "nouser",
                                 "unknown_user",
                                 "User unknown",
                                 "NO SUCH USER",
                                 "550 5.1.1 no",
                                 "<a@b.example>",
                                 "ok\r\n",
                                 "Unknown!",
                                 "over quota",
                                 "disabled",
                                 "DISABLED",
                                 "550 5.2.2",
                                 "없다",
                                 "없는 사용자",
                                 "가",
                                 "용량 초과!",
                                 "Größe überschritten",
                                 "нет пользователя",
                                 "пользователь",
                                 "用户不存在",
                                 "邮箱 不存在!",
                                 "容量が上限を超えました",
                                 "http://a.example/b",
                                 "no such user here"}) {
    for (const auto* name : {"utf-16", "utf-16le", "utf-16be"}) {
      CAPTURE(name);
      CHECK(to_utf8(text, name) == text);
    }
  }
}

TEST_CASE("no text is read differently for the one before it") {
  const auto all = [] {
    return to_utf8("\x1b$)C\x0eGQ1[\x0f", "iso-2022-kr") + to_utf8("\xE0\xE1", "windows-1255") +
           to_utf8("a\xCC", "windows-1258") + to_utf8("\x1b$B;H", "iso-2022-jp") +
           to_utf8("\x88\x62", "big5-hkscs");
  };
  const auto first = all();
  CHECK(first.starts_with("한글אב"));
  for (const std::string hostile :
       {"\x1b$)C\x0eG", "\x1b$B;", "\x88", "\xE0", "\x0e", "\x1b$(", "\xFF\xFF"}) {
    for (const auto* name : {"iso-2022-kr", "iso-2022-jp", "windows-1255", "windows-1258",
                             "big5-hkscs", "utf-16", "cp949"})
      to_utf8(hostile, name);
    CHECK(all() == first);
  }
}

TEST_CASE("a label of UTF-16 costs little, however often it stands there") {
  std::string words;
  for (int at = 0; at < 20'000; ++at) words += "=?utf-16?b?rACwmLLk?= =?utf-8?q?a?= ";
  const auto begin = std::clock();
  CHECK(decode_words(words).starts_with("가나다a가나다a"));
  CHECK(std::clock() - begin < 10 * CLOCKS_PER_SEC);  // by the sanitizers, too
}

TEST_CASE("Korean with Chinese characters, and Chinese that is not Korean") {
  // CP949
  const std::pair<std::string, std::string> korean[] = {
      {"550 \xE9\xE8\xF8\xB5 \xE1\xF4\xE3\xE1\xED\xBA\xB0\xA1 \xBE\xF8\xC0\xBD",
       "550 郵便 受信者가 없음"},
      {"550 \xF9\xD3\xED\xAE\xD9\xA3 \xC8\xAB\xB1\xE6\xB5\xBF", "550 漢字名 홍길동"},
      {"550 \xD1\xD1\xE9\xBB\xF4\xC9\xB4\xD4 \xBE\xF8\xC0\xBD", "550 金容哲님 없음"},
      {"550 \xB8\xDE\xC0\xCF\xC7\xD4 \xE9\xBB\xD5\xE1 \xF5\xB1\xCE\xA6", "550 메일함 容量 超過"},
      {"\xD7\xDD\xF4\xC9\xE2\xAA \xBB\xE7\xBF\xEB\xC0\xDA \xBE\xF8\xC0\xBD", "李哲洙 사용자 없음"},
      {"\xCB\xDE\xDC\xFA\xB5\xC7\xBE\xFA\xBD\xC0\xB4\xCF\xB4\xD9", "拒否되었습니다"},
      {"550 \xB9\xDE\xB4\xC2 \xBB\xE7\xB6\xF7\xC0\xC7 \xC6\xED\xC1\xF6\xC7\xD4\xC0\xCC "
       "\xB0\xA1\xB5\xE6 \xC3\xA1\xBD\xC0\xB4\xCF\xB4\xD9",
       "550 받는 사람의 편지함이 가득 찼습니다"}};
  for (const auto* name : {"", "unknown-8bit", "us-ascii"}) {
    CAPTURE(name);
    for (const auto& [octets, text] : korean) {
      CAPTURE(text);
      CHECK(to_utf8(octets, name) == text);
    }
    // GBK
    for (const std::string octets :
         {"\xD3\xCA\xBC\xFE\xB1\xBB\xBE\xDC\xBE\xF8", "\xC0\xAC\xBB\xF8\xD3\xCA\xBC\xFE",
          "\xB3\xAC\xB9\xFD\xC8\xDD\xC1\xBF\xCF\xDE\xD6\xC6",
          "\xB6\xD4\xB7\xBD\xB7\xFE\xCE\xF1\xC6\xF7\xBE\xDC\xBE\xF8\xBD\xD3\xCA\xD5",
          "550 \xD3\xC3\xBB\xA7\xB2\xBB\xB4\xE6\xD4\xDA", "\xB1\xBB\xBE\xDC\xBE\xF8",
          "\xD3\xCA\xCF\xE4\xD2\xD1\xC2\xFA", "\xCF\xB5\xCD\xB3\xB7\xB1\xC3\xA6"}) {
      const auto text = to_utf8(octets, name);
      CAPTURE(text);
      CHECK(text.find("\xEF\xBF\xBD") != std::string::npos);
    }
  }
}

TEST_CASE("octets of an unknown charset are Korean only where they look so") {
  for (const auto* name : {"", "macintosh", "x-unknown", "unknown-8bit"}) {
    CAPTURE(name);
    CHECK(to_utf8("r\x8eponse refus\x8e"
                  "e",
                  name) ==
          "r\xEF\xBF\xBDponse refus\xEF\xBF\xBD"
          "e");
    // Chinese, of which CP949 would make Korean syllables.
    const auto chinese = to_utf8("\xD3\xC3\xBB\xA7 \xB2\xBB\xB4\xE6\xD4\xDA", name);
    CHECK(chinese.find("\xEF\xBF\xBD") != std::string::npos);
    CHECK(chinese.find_first_of("\xEA\xEB\xEC\xED") == std::string::npos);
    // Lines and signs around Korean are no others.
    CHECK(to_utf8("\xA6\xA1\xA6\xA1\xA6\xA1 \xC8\xA8", name) == "─── 홈");
    CHECK(to_utf8("caf\xC3\xA9 \xE2\x82\xAC", name) == "café €");
  }
  CHECK(to_utf8("\x8c\x63", "ks_c_5601-1987") == "똠");
}

TEST_CASE("encoded words") {
  CHECK(decode_words("=?ks_c_5601-1987?B?jGO55rCix88=?=") == "똠방각하");
  CHECK(decode_words("=?utf-8?Q?=ED=95=9C_=EA=B8=80?= plain") == "한 글 plain");
  // A syllable split over two words, and the blank between them.
  CHECK(decode_words("=?utf-8?B?7ZU=?= =?utf-8?B?nOq4gA==?=") == "한글");
  CHECK(decode_words("a =?broken b") == "a =?broken b");
  CHECK(decode_words("=?utf-8?X?abc?=") == "=?utf-8?X?abc?=");
  CHECK(decode_words("") == "");
}

TEST_CASE("very many encoded words without an end are read in no time") {
  std::string value;
  for (int i = 0; i < 200'000; ++i) value += "=?utf-8?b?ab ";
  CHECK(decode_words(value) == value);
}
