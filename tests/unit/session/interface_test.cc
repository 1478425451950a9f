#include <doctest/doctest.h>

#include <maildiag/interface.h>

using maildiag::interface_entry;
using maildiag::interface_text;
using maildiag::Language;

TEST_CASE("texts of the interface are filled with words, in both languages") {
  const std::map<std::string, std::string> words{{"word", "--ip"}, {"other", "{word}"}};
  CHECK(interface_text("usage.needs", Language::en, words) == "--ip works only with {word}.");
  CHECK(interface_text("usage.needs", Language::ko, words) ==
        "--ip: {word} 옵션과 함께 사용해야 합니다.");
  CHECK(interface_text("usage.needs", Language::en) == "{word} works only with {other}.");
  CHECK(interface_text("usage.no-such-text", Language::ko) == "usage.no-such-text");
}

TEST_CASE("an entry of help is wrapped in its own column, wide characters counted twice") {
  CHECK(interface_entry("--ip ADDR", "the sending server", 11) ==
        "  --ip ADDR  the sending server\n");
  CHECK(interface_entry("--a", "one two three four five", 5, 27) ==
        "  --a  one two three four\n       five\n");
  CHECK(interface_entry("--a", "발송 서버의 주소를 알립니다", 5, 27) ==
        "  --a  발송 서버의 주소를\n       알립니다\n");
  CHECK(interface_entry("--a", "with \x1b[31m", 5) == "  --a  with \\x1b[31m\n");
}
