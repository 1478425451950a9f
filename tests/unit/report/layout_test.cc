#include "report/layout.h"

#include <doctest/doctest.h>

using namespace maildiag;
using report::Layout;
using report::Style;

TEST_CASE("fields are wrapped in their column") {
  Layout out(30, false);
  out.field(2, 8, "Name", "one two three four five");
  CHECK(out.take() == "  Name    one two three four\n          five\n");
}

TEST_CASE("Hangul takes two columns") {
  Layout out(80, false);
  out.field(0, 8, "원인", "x");
  out.field(0, 8, "ab", "y");
  CHECK(out.take() == "원인    x\nab      y\n");
}

TEST_CASE("what strangers wrote cannot leave its line or colour the terminal") {
  Layout out(80, true);
  out.line(0, "evil\x1b[2J\r\n\x07text \xe2\x80\xae", Style::plain);
  CHECK(out.take() == "evil\\x1b[2J \\x07text \\u{202e}\n");
}

TEST_CASE("a wrapped text never begins a line at the margin") {
  Layout out(30, false);
  out.line(0, "a-file-with-a-long-name [ok] mxcheck example.com");
  CHECK(out.take() == "a-file-with-a-long-name [ok]\n  mxcheck example.com\n");
  out = Layout(30, false);
  out.line(0, "a-file-whose-long-name-leaves-no-room [ok] mxcheck example.com");
  CHECK(out.take() == "a-file-whose-long-name-leave\n  s-no-room [ok] mxcheck\n  example.com\n");
}

TEST_CASE("colour only where it is wanted") {
  Layout plain(80, false), coloured(80, true);
  plain.item(0, "[!]", "text", Style::bad);
  coloured.item(0, "[!]", "text", Style::bad);
  CHECK(plain.take() == "[!] text\n");
  CHECK(coloured.take() == "\x1b[1;31m[!]\x1b[0m text\n");
}

TEST_CASE("a gap is one empty line, never at the beginning") {
  Layout out(80, false);
  out.gap();
  out.line(0, "a");
  out.gap();
  out.gap();
  out.line(0, "b");
  CHECK(out.take() == "a\n\nb\n");
}
