#include "progress_bar.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unistd.h>

#include <fmt/format.h>

namespace maildiag::tool {

namespace {

/// Nobody reads more, and short runs show none at all.
constexpr auto redraw_interval = std::chrono::milliseconds(200);
constexpr auto first_after = std::chrono::milliseconds(500);
constexpr std::size_t bar_columns = 24;

bool can_redraw() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

std::string bar_text(double share) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(bar_columns));
  return fmt::format("[{}{}] {:3.0f} %  ", std::string(filled, '#'),
                     std::string(bar_columns - filled, '.'), share * 100);
}

}  // namespace

ProgressBar::ProgressBar(bool busy)
    : visible_(!busy && can_redraw()), start_(Clock::now()), last_(start_) {}

void ProgressBar::show(const ExplainProgress& progress) {
  const auto now = Clock::now();
  if (now - start_ < first_after || now - last_ < redraw_interval) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::string line = "\r\x1b[K";
  if (progress.total_bytes > 0) {
    const double share =
        static_cast<double>(progress.bytes) / static_cast<double>(progress.total_bytes);
    line += bar_text(std::min(share, 1.0));
  }
  line +=
      fmt::format("{}  ({:.0f}/s)", progress.items, static_cast<double>(progress.items) / seconds);
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace maildiag::tool
