#include <doctest/doctest.h>

#include <maildiag/error.h>
#include <maildiag/language.h>

#include "core/result.h"

using namespace maildiag;

TEST_CASE("a fault is told in the language that is asked for") {
  const auto error = make_error(ErrorCode::usage, "`{}` is not an IP address", "x.example");
  CHECK(error.message == "`x.example` is not an IP address");
  CHECK(error_text(error, Language::en) == error.message);
  CHECK(error_text(error, Language::ko) == "IP 주소가 아닙니다: `x.example`");
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
  const auto error = make_error(ErrorCode::usage, "`{}` is not an IP address", "{0} {1} {}");
  CHECK(error_text(error, Language::ko) == "IP 주소가 아닙니다: `{0} {1} {}`");
  const auto sentence =
      make_error(ErrorCode::usage, "`{}` is not an IP address", "`{}` is not an IP address");
  CHECK(error_text(sentence, Language::ko) == "IP 주소가 아닙니다: ``{}` is not an IP address`");
}

TEST_CASE("others' words stay as they are") {
  const Error system{ErrorCode::no_input, "x.eml: No such file or directory"};
  CHECK(error_text(system, Language::ko) == system.message);
  CHECK(error_text(make_error(ErrorCode::internal, "a sentence of no catalogue"), Language::ko) ==
        "a sentence of no catalogue");
}
