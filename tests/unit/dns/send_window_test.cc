#include "dns/send_window.h"

#include <doctest/doctest.h>

using maildiag::dns::SendWindow;
using std::chrono::milliseconds;

TEST_CASE("a window is halved once for one loss, and grows back with the answers") {
  SendWindow window(100);
  const SendWindow::Time start{milliseconds(1000)};
  CHECK(window.size() == 100);
  window.on_loss(start, start + milliseconds(10));
  CHECK(window.size() == 50);
  // Sent before the window was cut: the same loss.
  window.on_loss(start + milliseconds(5), start + milliseconds(20));
  CHECK(window.size() == 50);
  window.on_loss(start + milliseconds(11), start + milliseconds(30));
  CHECK(window.size() == 25);
  for (int i = 0; i < 2000; ++i) window.on_answer();
  CHECK(window.size() == 100);
}

TEST_CASE("a window never closes") {
  for (const std::size_t most : {1U, 7U, 100U}) {
    SendWindow window(most);
    SendWindow::Time now{milliseconds(1)};
    for (int i = 0; i < 50; ++i, now += milliseconds(1)) window.on_loss(now, now);
    CHECK(window.size() == std::max<std::size_t>(1, most / 8));
    for (int i = 0; i < 5000; ++i) window.on_answer();
    CHECK(window.size() == most);
  }
}
