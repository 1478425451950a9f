#include "core/charset_guess.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "core/recode.h"
#include "core/utf8.h"

namespace maildiag {
namespace {

/// As much as is looked at: two pages of text.
constexpr std::size_t max_sample = 4096;

/// The syllables that make up 99 % of Korean texts about mail, and family names; there are 11,172.
constexpr std::u32string_view common_syllables =
    U"가각간감값강같개객갱거건걸검것게격견결경계고곳공과관괄교구국권규그근글금급기길김까깨께꽉꾸꾼"
    U"뀌끊"
    U"끝나난날남낮내낸낼냅냈너넘넣네넥넷년누느는늘능니닌님닙다단달담답당대더데도돌동되된될됨됩두둘"
    U"뒤드"
    U"득든들등디딩따때떤또뚱뜻라락람랍래램랩량러런럼렇레렉려력렬렸령로록뢰료루룹류르른를름릅리린릴"
    U"림립"
    U"링마막만많말맞맡매머먼멈메멤며면명몇모목못무문묻므미밀바박밖반받발밝방배백버번법벽변별보복본"
    U"볼봅"
    U"봇봉부분불붙브블비빈빠빼뿐쁜사삭상새생서선설성세센셀션소속송쇄수순숫스습시식신실심쓰쓴쓸씁씨"
    U"씩아"
    U"악안않알암압았앞애액야약양어언업없엇었엉에여역연열염였영예오온올옵와완외요용우운워원월웨웹위"
    U"유윤"
    U"으은을음응의이인일읽임입있자작잔잘잠잡장재저적전절점접정제져졌조족존졸종주준줄줍중즘증지직진"
    U"질집"
    U"짧째쪽차참찼찾책처천철첨첫청체쳐초최추축출취측치칙칠캐커켜코콜큐크클키킹타탐태터턴테텍템토통"
    U"퇴투"
    U"트티팅파판패팸페편평폐포폼표풀프픈플피필하한할함합항해했행향허험헤현형호홈홍화확환활황회횟효"
    U"후휴"
    U"흔히힌";

bool is_syllable(char32_t point) {
  return point >= 0xAC00 && point <= 0xD7A3;
}

bool is_chinese(char32_t point) {
  return (point >= 0x4E00 && point <= 0x9FFF) || (point >= 0xF900 && point <= 0xFAFF);
}

bool is_small(unsigned char c) {
  return c >= 'a' && c <= 'z';
}
bool is_capital(unsigned char c) {
  return c >= 'A' && c <= 'Z';
}

/// The octets of an even number, as their units in that order.
std::u16string units_of(std::string_view octets, Wide order) {
  std::u16string units;
  for (std::size_t at = 0; at + 1 < octets.size(); at += 2) {
    const auto first = static_cast<unsigned char>(octets[at]);
    const auto second = static_cast<unsigned char>(octets[at + 1]);
    units +=
        static_cast<char16_t>(order == Wide::big ? first << 8U | second : second << 8U | first);
  }
  // The sample may end within a pair of surrogates.
  if (!units.empty() && units.back() >= 0xD800 && units.back() < 0xDC00) units.pop_back();
  return units;
}

/// True if the units are a text of one language, with the characters that its older charsets have
/// because it uses them. Chance pairs of octets are rare characters, and of several languages.
bool is_plausible(const std::u16string& units) {
  std::string text;
  for (const char16_t unit : units) {
    if (unit >= 0xD800 && unit < 0xE000) return false;
    if (unit < 0x20 && unit != '\t' && unit != '\n' && unit != '\r') return false;
    utf8::append(text, unit);
  }
  constexpr std::array<const char*, 10> older_charsets{"GB2312", "BIG5",   "EUC-KR", "SHIFT_JIS",
                                                       "CP1252", "CP1251", "CP1253", "CP1255",
                                                       "CP1256", "CP874"};
  return !text.empty() &&
         std::any_of(older_charsets.begin(), older_charsets.end(), [&](const char* charset) {
           return convert(text, "UTF-8", charset, false).has_value();
         });
}

/// What 8-bit octets say for themselves.
struct Narrow {
  bool utf8 = true;
  std::size_t long_points = 0;  ///< of more than one octet
  std::size_t controls = 0;     ///< such as no text has, and no escape sequence of a charset
};

Narrow narrow_of(std::string_view octets) {
  Narrow narrow;
  for (std::size_t at = 0; at < octets.size();) {
    const auto c = static_cast<unsigned char>(octets[at]);
    if (c < 0x80) {
      const bool usual = c == '\t' || c == '\n' || c == '\x1b' || c == '\x0e' || c == '\x0f' ||
                         (c == '\r' && octets.substr(at + 1).starts_with('\n'));
      narrow.controls += (c < 0x20 && !usual) ? 1 : 0;
      ++at;
      continue;
    }
    const auto decoded = utf8::decode(octets.substr(at));
    if (!decoded.valid) return {false, 0, 0};
    ++narrow.long_points;
    at += decoded.length;
  }
  return narrow;
}

/// True if most pairs of octets are two letters of an English word, or one and a blank. Of the
/// Chinese characters without an octet above ASCII a sixth are.
bool is_words(std::string_view octets) {
  std::size_t words = 0;
  for (std::size_t at = 0; at + 1 < octets.size(); at += 2) {
    const auto a = static_cast<unsigned char>(octets[at]);
    const auto b = static_cast<unsigned char>(octets[at + 1]);
    words += ((is_small(a) || is_capital(a)) && (is_small(b) || b == ' ')) ||
                     (is_capital(a) && is_capital(b)) || (a == ' ' && is_small(b))
                 ? 1
                 : 0;
  }
  return octets.size() > 2 && words * 2 > octets.size() / 2;
}

/// The order of UTF-16 whose upper octets fill the places of the one parity: those of an alphabet
/// are one below 0x20, and zero for its blanks and digits. Some of these are line ends or tabs as
/// well, which alone no text has so many of.
Wide order_by_column(std::string_view octets) {
  std::array<std::array<std::size_t, 0x20>, 2> counts{};
  const auto units = octets.size() / 2;
  for (std::size_t at = 0; at < units * 2; ++at) {
    const auto c = static_cast<unsigned char>(octets[at]);
    if (c < 0x20) ++counts[at % 2].at(c);
  }
  const auto filled = [&](const std::array<std::size_t, 0x20>& column) {
    return (column[0] + *std::max_element(column.begin() + 1, column.end())) * 4 >= units * 3;
  };
  const bool even = filled(counts[0]), odd = filled(counts[1]);
  if (units == 0 || even == odd) return Wide::none;
  return even ? Wide::big : Wide::little;
}

/// RFC 2781 section 4.3: big-endian without a mark; Windows writes the other one all the same.
Wide order_of(std::string_view octets) {
  std::size_t even = 0, odd = 0;  // zeros beside an octet of ASCII: its upper ones
  for (std::size_t at = 0; at + 1 < octets.size(); at += 2) {
    even += octets[at] == '\0' && static_cast<unsigned char>(octets[at + 1]) < 0x80 ? 1 : 0;
    odd += octets[at + 1] == '\0' && static_cast<unsigned char>(octets[at]) < 0x80 ? 1 : 0;
  }
  if (even != odd) return even > odd ? Wide::big : Wide::little;
  if (is_plausible(units_of(octets, Wide::big))) return Wide::big;
  return is_plausible(units_of(octets, Wide::little)) ? Wide::little : Wide::big;
}

}  // namespace

bool looks_korean(std::string_view text) {
  std::size_t syllables = 0, common = 0, chinese = 0, words = 0, mixed = 0;
  char32_t before = ' ';
  for (text = text.substr(0, max_sample); !text.empty();) {
    const auto decoded = utf8::decode(text);
    const auto point = decoded.valid ? decoded.point : U' ';
    text.remove_prefix(decoded.length);
    if (is_syllable(point)) {
      ++syllables;
      common += std::binary_search(common_syllables.begin(), common_syllables.end(), point) ? 1 : 0;
    } else if (is_chinese(point)) {
      ++chinese;
      mixed += is_syllable(before) ? 1 : 0;
    }
    const bool letter = is_syllable(point) || is_chinese(point);
    words += letter && !is_syllable(before) && !is_chinese(before) ? 1 : 0;
    before = point;
  }
  if (syllables == 0 || common * 2 < syllables) return false;
  // Koreans write words in Chinese characters, with particles behind them; what is Chinese,
  // misread, has both in any order.
  return chinese == 0 || (common >= 2 && common * 2 >= chinese && common * 4 >= syllables * 3 &&
                          mixed * 4 <= words);
}

Wide wide_order(std::string_view octets, Wide declared) {
  const auto sample = octets.substr(0, max_sample);
  const auto column = order_by_column(sample);
  const auto other = column == Wide::big ? Wide::little : Wide::big;
  // Of Chinese characters the lower octets may be below 0x20.
  if (column != Wide::none &&
      (declared == column ||
       (declared == Wide::none && octets.size() >= 4 && !is_plausible(units_of(sample, other)))))
    return column;
  // What costs little is asked first.
  const auto narrow = narrow_of(octets);
  const bool wide = narrow.utf8 && narrow.controls * 4 >= octets.size();
  if (narrow.utf8 && !wide &&
      (octets.size() % 2 != 0 || narrow.long_points > 1 ||
       (narrow.controls == 0 && is_words(sample))))
    return Wide::none;
  const auto order = declared != Wide::none ? declared : order_of(sample);
  // Zeros and the upper octets of other alphabets.
  if (wide || is_plausible(units_of(sample, order))) return order;
  if (narrow.utf8) return Wide::none;
  const auto korean = convert(octets, "CP949", "UTF-8", false);
  return korean && looks_korean(*korean) ? Wide::none : order;
}

}  // namespace maildiag
