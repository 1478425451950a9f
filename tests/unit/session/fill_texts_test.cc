#include "session/fill_texts.h"

#include <array>

#include <doctest/doctest.h>

using namespace maildiag;

namespace {

constexpr std::array<std::string_view, 2> steps_en{"Read {lookup}", "Ask {removal}"};
constexpr std::array<std::string_view, 2> steps_ko{"확인: {lookup}", "요청: {removal}"};

rulebook::FindingText listed() {
  rulebook::FindingText text;
  text.id = "dnsbl.listed";
  text.title = {"{subject} is listed: {meaning}", "{subject} 등재 - {meaning}"};
  text.detail = {"Codes {codes}. {notes}", "코드 {codes}. {notes}"};
  text.remedy = {steps_en, steps_ko};
  text.reference = "RFC 5782";
  return text;
}

Finding finding(std::string en, std::string ko, std::string removal) {
  Finding finding;
  finding.subject = "192.0.2.1";
  const auto both = Value::object({{"en", std::move(en)}, {"ko", std::move(ko)}});
  finding.data.set("meaning", both).set("notes", both);
  finding.data.set("codes", Value::strings({"127.0.0.2", "127.0.0.4"}));
  finding.data.set("lookup", "https://list.example/look").set("removal", std::move(removal));
  return finding;
}

}  // namespace

TEST_CASE("placeholders take the finding's data, {en, ko} members the reader's language") {
  auto english = finding("spam source", "스팸 발송지", "https://list.example/out");
  session::fill_texts(english, listed(), Language::en);
  CHECK(english.title == "192.0.2.1 is listed: spam source");
  CHECK(english.detail == "Codes 127.0.0.2, 127.0.0.4. spam source");
  CHECK(english.remedy ==
        std::vector<std::string>{"Read https://list.example/look", "Ask https://list.example/out"});
  CHECK(english.reference == "RFC 5782");

  auto korean = finding("spam source", "스팸 발송지", "https://list.example/out");
  session::fill_texts(korean, listed(), Language::ko);
  CHECK(korean.title == "192.0.2.1 등재 - 스팸 발송지");
  CHECK(korean.remedy.front() == "확인: https://list.example/look");
}

TEST_CASE("a member without Korean is read in English") {
  auto korean = finding("spam source", "", "");
  session::fill_texts(korean, listed(), Language::ko);
  CHECK(korean.title == "192.0.2.1 등재 - spam source");
}

TEST_CASE("what is empty leaves neither a step nor punctuation behind") {
  for (const auto language : {Language::en, Language::ko}) {
    auto bare = finding("", "", "");
    session::fill_texts(bare, listed(), language);
    CHECK(bare.title == (language == Language::en ? "192.0.2.1 is listed" : "192.0.2.1 등재"));
    CHECK(bare.detail.ends_with("127.0.0.4."));
    CHECK(bare.remedy.size() == 1);
  }
}

TEST_CASE("an unknown placeholder and a title's own punctuation stay") {
  auto text = listed();
  text.title = {"{nothing} of {subject} -", "{nothing} {subject} -"};
  auto plain = finding("a", "a", "a");
  session::fill_texts(plain, text, Language::en);
  CHECK(plain.title == "{nothing} of 192.0.2.1 -");
}

TEST_CASE("filling again replaces the texts, as in another language") {
  auto twice = finding("a", "가", "b");
  session::fill_texts(twice, listed(), Language::en);
  session::fill_texts(twice, listed(), Language::ko);
  CHECK(twice.remedy.size() == 2);
  CHECK(twice.title == "192.0.2.1 등재 - 가");
}
