#include "progress_bar.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unistd.h>

#include <fmt/format.h>

#include <maildiag/interface.h>

namespace maildiag::tool {

namespace {

/// Nobody reads more, and short runs show none at all.
constexpr auto redraw_interval = std::chrono::milliseconds(200);
constexpr auto first_after = std::chrono::milliseconds(1000);
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

ProgressBar::ProgressBar() : visible_(can_redraw()), start_(Clock::now()), last_(start_) {}

bool ProgressBar::is_due() {
  const auto now = Clock::now();
  if (!visible_ || now - start_ < first_after || now - last_ < redraw_interval) return false;
  last_ = now;
  return true;
}

void ProgressBar::draw(const std::string& line) {
  std::fputs(("\r\x1b[K" + line).c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::show(const std::string& command, const Progress& progress, Language language) {
  if (!is_due()) return;
  if (counted_.items > 1) return draw(counted_line());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(last_ - start_).count();
  draw(interface_text(progress.total > 0 ? "run.progress" : "run.time", language,
                      {{"command", command},
                       {"done", std::to_string(progress.done)},
                       {"total", std::to_string(progress.total)},
                       {"seconds", std::to_string(seconds)}}));
}

void ProgressBar::show(const ExplainProgress& progress) {
  counted_ = progress;
  if (is_due()) draw(counted_line());
}

std::string ProgressBar::counted_line() const {
  const double seconds = std::chrono::duration<double>(last_ - start_).count();
  std::string line;
  if (counted_.total_bytes > 0) {
    const double share =
        static_cast<double>(counted_.bytes) / static_cast<double>(counted_.total_bytes);
    line += bar_text(std::min(share, 1.0));
  }
  return line + fmt::format("{}  ({:.0f}/s)", counted_.items,
                            static_cast<double>(counted_.items) / seconds);
}

void ProgressBar::clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace maildiag::tool
