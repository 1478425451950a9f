#include <sstream>

#include <doctest/doctest.h>

#include "rulebook/manual/mdoc.h"
#include "rulebook/manual/pages.h"

namespace maildiag::rulebook {
namespace {

using namespace std::string_view_literals;

TEST_CASE("text means nothing to roff") {
  CHECK(mdoc_text(".de is 'quoted") == "\\&.de is \\&'quoted\n");
  CHECK(mdoc_text("C:\\x -all \\fB") == "C:\\ex \\-all \\efB\n");
  CHECK(mdoc_word(".Sh") == "\\&.Sh");
  CHECK(mdoc_text("") == "");
}

TEST_CASE("each sentence begins a line, an abbreviation does not end one") {
  CHECK(mdoc_text("One. Two (three.) Four e.g. five") == "One.\nTwo (three.)\nFour e.g. five\n");
  CHECK(mdoc_text("하나입니다. 둘입니다.") == "하나입니다.\n둘입니다.\n");
}

TEST_CASE("lines stay short and never begin with a request") {
  std::string text;
  for (int i = 0; i < 200; ++i) text += i % 3 == 0 ? ".a " : "'word-with-hyphens ";
  std::istringstream lines(mdoc_text(text));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CHECK(line.size() <= 78);
    CHECK(line.front() == '\\');
  }
  CHECK(count > 20);
}

const auto title = Text{"a {ip}"sv, "가 {ip}"sv};
const std::string_view steps_en[] = {"Do it."}, steps_ko[] = {"하세요."}, proof[] = {"ptr.bad"};
const FindingText texts[] = {
    {"mx.ok", "ok", title, title, {}, "RFC 1"},
    {"ptr.bad", "critical", title, title, {steps_en, steps_ko}, "RFC 2"},
};
const Label labels[] = {{"severity.critical", {"critical", "심각"}}};

Tables tables() {
  static const Cause causes[] = {[] {
    Cause cause;
    cause.id = "ptr-missing";
    cause.side = "sender-dns";
    cause.title = title;
    cause.confirmed_by = proof;
    return cause;
  }()};
  Tables all;
  all.finding_texts = texts;
  all.causes = causes;
  all.labels = labels;
  return all;
}

TEST_CASE("a page is filled in, in each language") {
  constexpr auto page = ".Sh A\n.\\\" @findings ptr@\n.\\\" @findings mx@\n.Sh B\n"sv;
  const auto english = fill_page(page, tables(), Language::en).value();
  CHECK(english.starts_with(".Sh A\n.Bl -tag -width Ds\n.It Sy ptr.bad Pq critical\n"));
  CHECK(english.find(".Bl -enum -compact\n.It\nDo it.\n.El\n") != std::string::npos);
  CHECK(english.find(".Li ptr\\-missing\n") != std::string::npos);
  CHECK(english.ends_with("RFC 1\n.El\n.Sh B\n"));
  const auto korean = fill_page(page, tables(), Language::ko).value();
  CHECK(korean.find(".It Sy ptr.bad Pq 심각\n") != std::string::npos);
  CHECK(korean.find("하세요.") != std::string::npos);
  const auto causes = fill_page(".\\\" @causes sender-dns@\n", tables(), Language::en).value();
  CHECK(causes.find(".It Sy ptr\\-missing\n") != std::string::npos);
}

TEST_CASE("a page with a group too many, too few or twice is refused") {
  const auto fault = [](std::string_view page) {
    const auto filled = fill_page(page, tables(), Language::en);
    return filled ? std::string() : filled.error().message;
  };
  CHECK(fault(".\\\" @findings ptr@\n") == "@findings mx@ is missing");
  CHECK(fault(".\\\" @findings odd@\n").find("no such group") != std::string::npos);
  CHECK(fault(".\\\" @findings mx@\n.\\\" @findings mx@\n").find("no such group") !=
        std::string::npos);
  CHECK(fault(".\\\" @nothing mx@\n").find("no such group") != std::string::npos);
  CHECK(fault(".\\\" @@") != "");
  CHECK(fault(".Sh A") == "");
}

}  // namespace
}  // namespace maildiag::rulebook
