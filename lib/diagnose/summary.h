/// Many failures in one table: how many of each cause, provider, rule, sending IP and sender, with
/// one sample and what to do first; and what only many together show.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <maildiag/finding.h>
#include <maildiag/value.h>

#include "bounce/delivery_failure.h"
#include "core/result.h"
#include "diagnose/bursts.h"

namespace maildiag::diagnose {

/// Rows that a dimension holds. Above it the smaller half is joined into one row: memory stays
/// bounded, and who fails often stays visible even if he begins late.
inline constexpr std::size_t max_summary_rows = 10'000;

/// Rows of a dimension that are told once some were joined: else chance decides whether 5,000 or
/// 10,000 are left, and the output takes most of the memory.
inline constexpr std::size_t max_told_rows = max_summary_rows / 2;
/// Of a reply or an address in a sample, of which each row keeps one: it shows what was said, and a
/// reply may have 8 KiB.
inline constexpr std::size_t max_sample_bytes = 1024;

enum class Dimension { cause, provider, rule, sending_ip, sender };
inline constexpr std::array dimensions = {Dimension::cause, Dimension::provider, Dimension::rule,
                                          Dimension::sending_ip, Dimension::sender};
std::string_view to_string(Dimension dimension);

/// One failure as the summary sees it. The views need to hold during add() only.
struct SummaryEntry {
  std::string_view name;  ///< where it stands: "bounces.mbox:17"
  const bounce::DeliveryFailure* failure = nullptr;
  std::string_view cause, rule, provider, verdict;  ///< empty: none
  Severity severity = Severity::info;
  Passage passage = Passage::unknown;
  bool bulk_mail = false;  ///< a mailing: counted, but no burst
  /// Asked only where the failure becomes a sample.
  std::function<std::string()> first_step;
};

/// As a sample holds it: at most max_sample_bytes, the last character an ellipsis if cut.
std::string sample_text(std::string_view text);

class Summary {
 public:
  struct Sample {
    std::string name, recipient, sender, reply, rule, cause, verdict, first_step;
    std::optional<WallTime> time;
  };
  struct Row {
    std::uint64_t count = 0;
    std::optional<WallTime> first, last;
    std::map<std::string, std::uint64_t, std::less<>> causes;
    Sample sample;  ///< the earliest; of several the one whose name comes first
    void merge(const Row& other);
  };
  /// Not noexcept: so each entry keeps its hash, or a search would hash the keys that it passes.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  using Rows = std::unordered_map<std::string, Row, Hash, std::equal_to<>>;

  void add(const SummaryEntry& entry);
  /// A message of this kind was read.
  void count_message(std::string_view kind);
  /// An input that could not be read.
  void count_unreadable() { ++unreadable_; }
  /// Commutative and, below max_summary_rows, associative.
  void merge(const Summary& other);

  std::uint64_t failures() const { return failures_; }
  Severity worst() const { return worst_; }
  std::vector<Burst> bursts() const { return bursts_.find(); }

  /// The `result` of "maildiag.summary/1". A row's `first_step` is about its commonest cause.
  Value to_value() const;
  /// bad_data: not such an object.
  static Result<Summary> from_value(const Value& value);

 private:
  void count(Dimension dimension, std::string_view key, const SummaryEntry& entry);
  Row& row_of(Dimension dimension, std::string_view key);
  void join_small_rows(Dimension dimension);

  std::uint64_t failures_ = 0, unreadable_ = 0;
  Severity worst_ = Severity::ok;
  std::optional<WallTime> first_, last_;
  std::map<std::string, std::uint64_t, std::less<>> messages_;  // by kind
  std::array<Rows, dimensions.size()> rows_;
  std::array<std::uint64_t, dimensions.size()> joined_{};  // failures of the rows that were joined
  Bursts bursts_;
};

}  // namespace maildiag::diagnose
