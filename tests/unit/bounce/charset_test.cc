#include "bounce/charset.h"

#include <string>

#include <doctest/doctest.h>

using maildiag::to_utf8;
using maildiag::bounce::decode_words;

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
  const auto wide = [](const std::u16string& text, bool little) {
    std::string octets;
    for (const char16_t unit : text) {
      octets += static_cast<char>(little ? unit & 0xFFU : unit >> 8U);
      octets += static_cast<char>(little ? unit >> 8U : unit & 0xFFU);
    }
    return octets;
  };
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

TEST_CASE("octets of an unknown charset are Korean only where they look so") {
  for (const auto* name : {"", "macintosh", "x-unknown", "unknown-8bit"}) {
    CAPTURE(name);
    CHECK(to_utf8("r\x8eponse refus\x8e"
                  "e",
                  name) ==
          "r\xEF\xBF\xBDponse refus\xEF\xBF\xBD"
          "e");
    CHECK(to_utf8("\xD3\xC3\xBB\xA7 \xB2\xBB\xB4\xE6\xD4\xDA", name).find("맙") ==
          std::string::npos);
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
