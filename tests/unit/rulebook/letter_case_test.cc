#include "rulebook/loader/letter_case.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <re2/re2.h>

#include "core/utf8.h"
#include "rulebook/loader/re2_options.h"

using namespace maildiag;
using rulebook::fold;
using rulebook::folded;
using rulebook::PointRange;

namespace {

constexpr char32_t end_of_points = 0x20000;  // there are no letters with case above U+1E943

std::string octets_of(char32_t point) {
  std::string octets;
  utf8::append(octets, point);
  return octets;
}

bool is_surrogate(char32_t point) {
  return point >= 0xD800 && point <= 0xDFFF;
}

const std::string& all_points() {
  static const std::string all = [] {
    std::string octets;
    for (char32_t point = 1; point < end_of_points; ++point) {
      if (!is_surrogate(point)) utf8::append(octets, point);
    }
    return octets;
  }();
  return all;
}

/// All that RE2 takes for a member of the class when it ignores case.
std::set<char32_t> taken_for(const std::string& members) {
  const RE2 pattern("([" + members + "])", rulebook::pattern_options());
  REQUIRE(pattern.ok());
  std::set<char32_t> result;
  re2::StringPiece rest = all_points(), found;
  while (RE2::FindAndConsume(&rest, pattern, &found))
    result.insert(utf8::decode({found.data(), found.size()}).point);
  return result;
}

}  // namespace

TEST_CASE("what is folded to one point is what RE2 takes for one another") {
  std::map<char32_t, std::set<char32_t>> same;
  for (char32_t point = 1; point < end_of_points; ++point) {
    if (!is_surrogate(point)) same[folded(point)].insert(point);
  }
  int letters = 0;
  for (const auto& [form, points] : same) {
    if (points.size() == 1) continue;
    CAPTURE(octets_of(form));
    CHECK(points.contains(form));
    CHECK(taken_for(octets_of(form)) == points);
    ++letters;
  }
  CHECK(letters == 26 + 32 + 61 + 33);  // ASCII, Latin-1, Latin Extended-A and Russian
}

TEST_CASE("what is known to have no case is taken for nothing else") {
  char32_t first = 0;
  std::vector<PointRange> ranges;
  for (char32_t point = 0x80; point <= end_of_points; ++point) {
    const bool alone = point < end_of_points && !is_surrogate(point) &&
                       rulebook::is_case_known({point, point}) && folded(point) == point;
    if (alone && first == 0) first = point;
    if (!alone && first != 0) {
      ranges.push_back({first, static_cast<char32_t>(point - 1)});
      first = 0;
    }
  }
  for (const auto& range : ranges) {
    const auto members = octets_of(range.first) + "-" + octets_of(range.last);
    CAPTURE(members);
    for (const auto point : taken_for(members)) {
      CHECK(folded(point) >= range.first);
      CHECK(folded(point) <= range.last);
    }
  }
  CHECK(ranges.size() > 60);
  CHECK(rulebook::are_caseless({U'가', U'힣'}));
  CHECK_FALSE(rulebook::are_caseless({U'à', U'é'}));
  CHECK(rulebook::is_case_known({U'à', U'é'}));
  CHECK_FALSE(rulebook::is_case_known({U'µ', U'µ'}));
  CHECK_FALSE(rulebook::is_case_known({U'α', U'ω'}));
}

TEST_CASE("a text is folded character by character") {
  CHECK(fold("ÀÉ Ÿ ŒUVRE ŁÓDŹ Größe Ёлка 메일 A") == "àé ÿ œuvre łódź größe ёлка 메일 a");
  CHECK(fold("ſK\u212bẞ") == "skåß");
  CHECK(fold("İıΩΣ") ==
        "İıΩΣ");  // Turkish ones have no other case to RE2; Greek ones are not known
}

TEST_CASE("behind the first octets of a letter that is cut off the next one counts") {
  CHECK(fold("\xd0"
             "ABC") ==
        "\xd0"
        "abc");
  CHECK(fold("\xe1\xb2"
             "ABC") ==
        "\xe1\xb2"
        "abc");
  CHECK(fold("\xd0\xc5\xbfX") == "\xd0sx");
  CHECK(fold("X\xd0") == "x\xd0");
}
