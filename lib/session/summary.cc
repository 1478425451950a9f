#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/json_parse.h"
#include "session/reply_lines.h"
#include "session/summary_report.h"

namespace maildiag {

namespace {

/// A full table of 10,000 rows in each dimension needs some 40 MB.
constexpr std::size_t max_summary_bytes = 64UL << 20;

/// How often each rule hit in all parts of `--summary --stats`.
class MergedStats {
 public:
  /// bad_data: this part has none where others have, or the other way round, or too many rules.
  Result<void> add(const Value& result) {
    const Value* stats = result.find("stats");
    if (known_.value_or(stats != nullptr) != (stats != nullptr)) {
      return fail_with(ErrorCode::bad_data,
                       "made with --stats where others are not, or without: merge them apart");
    }
    known_ = stats != nullptr;
    if (stats == nullptr) return {};
    if (hits_.size() + (*stats)["rules"].as_array().size() > max_rules)
      return fail_with(ErrorCode::bad_data, "not a summary of `maildiag explain --summary`");
    without_rule_ += count_from((*stats)["without_rule"]);
    for (const auto& rule : (*stats)["rules"].as_array())
      hits_[rule["id"].as_string()] += count_from(rule["hits"]);
    return {};
  }
  bool known() const { return known_.value_or(false); }
  Value value(const rulebook::Rulebook& rulebook) const {
    return session::stats_value(rulebook, {hits_.begin(), hits_.end()}, without_rule_);
  }

 private:
  /// Of a part and of what was summed before: some 1,500 are shipped.
  static constexpr std::size_t max_rules = 100'000;

  /// Neither negative nor so large that a sum could overflow: the file may be anybody's.
  static std::uint64_t count_from(const Value& value) {
    constexpr std::int64_t most = std::int64_t{1} << 40;
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(value.as_integer(), 0, most));
  }

  std::optional<bool> known_;
  std::uint64_t without_rule_ = 0;
  std::map<std::string, std::uint64_t> hits_;
};

/// One part, into the sum.
Result<void> merge_line(std::string_view line, diagnose::Summary& merged, MergedStats& stats) {
  const auto object = parse_json(line);
  if (!object || (*object)["schema"].as_string() != summary_schema) {
    return fail_with(ErrorCode::bad_data,
                     "not a summary of `maildiag explain --summary --format json`");
  }
  const auto summary = diagnose::Summary::from_value((*object)["result"]);
  if (!summary) return tl::unexpected(summary.error());
  if (auto added = stats.add((*object)["result"]); !added) return added;
  merged.merge(*summary);
  return {};
}

}  // namespace

void Session::summary_merge(const std::vector<std::string>& paths, const ReportSink& sink,
                            const ErrorSink& errors) {
  diagnose::Summary merged;
  MergedStats stats;
  bool failed = false;
  const auto started = std::chrono::system_clock::now();
  for (const auto& path : paths) {
    const auto one = [&](std::string_view line, std::size_t, std::size_t number) {
      if (line.empty()) return true;
      if (const auto done = merge_line(line, merged, stats); !done) {
        failed = true;
        errors(at_place(fmt::format("{}:{}", path, number), done.error()));
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
  if (stats.known()) report.result.set("stats", stats.value(*impl_->rulebook));
  sink(report);
}

}  // namespace maildiag
