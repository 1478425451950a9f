#include <doctest/doctest.h>

#include <maildiag/error.h>
#include <maildiag/language.h>

#include "core/result.h"
#include "rulebook/rulebook.h"
#include "support/temporary_directory.h"

using namespace maildiag;

TEST_CASE("a fault is told in the language that is asked for") {
  const auto error = make_error(ErrorCode::usage, "--ip: `{}` is not an IP address", "x.example");
  CHECK(error.message == "--ip: `x.example` is not an IP address");
  CHECK(error_text(error, Language::en) == error.message);
  CHECK(error_text(error, Language::ko) == "--ip: IP 주소가 아닙니다: `x.example`");
}

TEST_CASE("the place of a fault stands in front in every language") {
  const auto error =
      at_place("hosts.txt:3",
               at_place("--ip", make_error(ErrorCode::usage, "`{}` ends before it starts", "b-a")));
  CHECK(error.message == "hosts.txt:3: --ip: `b-a` ends before it starts");
  CHECK(error_text(error, Language::ko) ==
        "hosts.txt:3: --ip: 끝 주소가 시작 주소보다 앞입니다: `b-a`");
}

TEST_CASE("words of ours that fill a placeholder are told in the same language") {
  const auto error = make_error(ErrorCode::usage, "{}: `{}` is \"{}\"; it must be {}", "--tries",
                                "tries", "x", "a whole number from 1 to 20");
  CHECK(error_text(error, Language::ko) ==
        "--tries: `tries` 값이 \"x\"입니다. 필요한 값: 1~20의 정수");
}

TEST_CASE("an argument brings no placeholders of its own") {
  const auto error = make_error(ErrorCode::usage, "--ip: `{}` is not an IP address", "{0} {1} {}");
  CHECK(error_text(error, Language::ko) == "--ip: IP 주소가 아닙니다: `{0} {1} {}`");
  const auto sentence =
      make_error(ErrorCode::usage, "--ip: `{}` is not an IP address", "`{}` is not an IP address");
  CHECK(error_text(sentence, Language::ko) ==
        "--ip: IP 주소가 아닙니다: ``{}` is not an IP address`");
}

TEST_CASE("faults of rule files are told in the language that is asked for") {
  const auto fault = [](const char* document) {
    const test::TemporaryDirectory directory;
    directory.write("own.toml", document);
    const auto book = rulebook::Rulebook::load({directory.path()});
    REQUIRE_FALSE(book);
    const auto text = error_text(book.error(), Language::ko);
    const auto place = directory.path() + "/own.toml:";
    CHECK(text.starts_with(place));
    return text.substr(place.size());
  };
  CHECK(fault("[[rule]]\nid = \"own.x\"\nmatch = \"word\"\ncause = 1\n") ==
        "4: rule `own.x`: `cause`: 값의 종류가 다릅니다 (필요: 문자열, 현재: 정수)");
  CHECK(fault("[[rule]]\nid = \"own.x\"\nmatch = \"word\"\ncause = \"none-such\"\n"
              "meaning.en = \"Own.\"\n") ==
        "1: rule `own.x`: 알 수 없는 원인입니다: `none-such`. causes.toml에 있는 것을 쓰거나 "
        "[[cause]]를 추가하세요");
  CHECK(
      fault("[[registry]]\nid = \"own\"\nname = \"Own\"\nwhois = \"whois.example\"\n"
            "domains = [\"UPPER\"]\n") ==
      "5: registry `own`: 잘못된 값입니다: \"UPPER\" (필요한 형식: 소문자 도메인 (A-레이블 형식))");
}

TEST_CASE("others' words stay as they are") {
  const Error system{ErrorCode::no_input, "x.eml: No such file or directory"};
  CHECK(error_text(system, Language::ko) == system.message);
  CHECK(error_text(make_error(ErrorCode::internal, "a sentence of no catalogue"), Language::ko) ==
        "a sentence of no catalogue");
}
