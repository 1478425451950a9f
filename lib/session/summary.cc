#include <fmt/format.h>

#include "core/json_parse.h"
#include "session/reply_lines.h"
#include "session/summary_report.h"

namespace maildiag {

namespace {

/// A full table of 10,000 rows in each dimension needs some 40 MB.
constexpr std::size_t max_summary_bytes = 64UL << 20;

Result<diagnose::Summary> parse_summary(std::string_view line) {
  const auto object = parse_json(line);
  if (!object || (*object)["schema"].as_string() != summary_schema) {
    return fail_with(ErrorCode::bad_data,
                     "not a summary of `maildiag explain --summary --format json`");
  }
  return diagnose::Summary::from_value((*object)["result"]);
}

}  // namespace

void Session::summary_merge(const std::vector<std::string>& paths, const ReportSink& sink,
                            const ErrorSink& errors) {
  diagnose::Summary merged;
  bool failed = false;
  const auto started = std::chrono::system_clock::now();
  for (const auto& path : paths) {
    const auto one = [&](std::string_view line, std::size_t, std::size_t number) {
      if (line.empty()) return true;
      const auto summary = parse_summary(line);
      if (summary) {
        merged.merge(*summary);
      } else {
        failed = true;
        errors(at_place(fmt::format("{}:{}", path, number), summary.error()));
      }
      return true;
    };
    const auto read =
        session::for_each_line(path, one, max_summary_bytes, impl_->options.cancellation);
    if (impl_->cancelled()) return errors(session::cancelled_error(*impl_, "run.left.sum"));
    if (!read) {
      failed = true;
      errors(read.error());
    }
  }
  // A sum without a part of it would be taken for the whole.
  if (failed) return;
  auto report = session::summary_report(*impl_, merged, "summary merge", "");
  report.started = started;
  sink(report);
}

}  // namespace maildiag
