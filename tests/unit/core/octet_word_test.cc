#include "core/octet_word.h"

#include <string>
#include <unordered_map>

#include <doctest/doctest.h>

#include "core/domain_name.h"
#include "core/object_of.h"

using namespace maildiag;

TEST_CASE("every octet at every place of a word is judged and folded as it is alone") {
  for (std::size_t place = 0; place < word_size; ++place) {
    for (int value = 0; value < 256; ++value) {
      CAPTURE(place);
      CAPTURE(value);
      std::string text = "aB~ \x20zZ@";
      text[place] = static_cast<char>(value);
      const bool printable = value >= 0x20 && value <= 0x7e;
      CHECK(is_printable_word(word_at(text.data())) == printable);
      CHECK(is_printable_ascii(text) == printable);
      CHECK(is_printable_ascii("0123456789" + text.substr(0, place + 1)) == printable);

      const auto lower = lower_word(word_at(text.data()));
      std::string folded(text.size(), '\0');
      std::memcpy(folded.data(), &lower, word_size);
      const bool capital = value >= 'A' && value <= 'Z';
      CHECK(folded[place] == static_cast<char>(capital ? value + 32 : value));
    }
  }
}

TEST_CASE("the rest of a text is filled up with zeros") {
  CHECK(word_of_rest("") == 0);
  CHECK(word_of_rest("abc") == word_at("abc\0\0\0\0\0"));
}

TEST_CASE("names of any length are equal without case, and differ in any octet") {
  for (std::size_t size = 1; size <= 40; ++size) {
    const std::string small(size, 'q');
    const auto name = DomainName::from_labels({small}).value();
    const auto upper = DomainName::from_labels({std::string(size, 'Q')}).value();
    CHECK(name == upper);
    CHECK(std::hash<DomainName>()(name) == std::hash<DomainName>()(upper));
    for (std::size_t place = 0; place < size; ++place) {
      auto other = small;
      other[place] = '\x11';  // 'q' and 'Q' but for two bits
      CHECK(name != DomainName::from_labels({other}).value());
    }
  }
}

TEST_CASE("numbered names are spread over the lower bits of their hashes, which maps look at") {
  constexpr std::size_t buckets = 1024;
  std::unordered_map<std::size_t, int> hits;
  for (int number = 0; number < 4096; ++number) {
    const auto name = DomainName::parse("d" + std::to_string(number) + ".example").value();
    ++hits[std::hash<DomainName>()(name) % buckets];
  }
  CHECK(hits.size() > buckets * 9 / 10);
  for (const auto& [bucket, count] : hits) CHECK(count < 20);
}

TEST_CASE("an object of members is the one of an initializer list") {
  const auto object = object_of({{"b", 1}, {"a", "text"}, {"c", Value::array()}}, 3);
  CHECK(object == Value::object({{"b", 1}, {"a", "text"}, {"c", Value::array()}}));
}
