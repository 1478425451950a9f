/// A bounce's words for people, prepared for the readers of each MTA's form.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/delivery_failure.h"
#include "bounce/fields.h"

namespace maildiag::bounce {

/// Lines without quoting marks, with ASCII punctuation; text that lost its line ends gets some back
/// where an MTA had them.
class TextReport {
 public:
  /// `utf8`: the text parts, one after the other. `header` must outlive the report.
  TextReport(std::string_view utf8, const Fields& header);
  TextReport(const TextReport&) = delete;
  TextReport& operator=(const TextReport&) = delete;

  const Fields& header() const { return header_; }
  std::size_t size() const { return lines_.size(); }
  /// With its indentation; empty behind the end.
  std::string_view line(std::size_t index) const {
    return index < lines_.size() ? lines_[index] : std::string_view();
  }
  /// The same in lower case.
  std::string_view lower(std::size_t index) const {
    return index < lower_.size() ? lower_[index] : std::string_view();
  }
  bool blank(std::size_t index) const { return index >= lines_.size() || lines_[index].empty(); }

  /// The whole in lower case, line ends as they are.
  std::string_view all_lower() const { return lower_text_; }
  bool contains(std::string_view lower_words) const;
  /// The first line from `from` on that contains the words (lower case); size() if none.
  std::size_t find(std::string_view lower_words, std::size_t from = 0) const;
  /// Lines [from, to) as one text, at most max_block_lines.
  std::string join(std::size_t from, std::size_t to) const;
  /// A server's own report of one recipient has a dozen.
  static constexpr std::size_t max_block_lines = 64;

  /// What stands behind the line that announces the returned message; empty: none.
  const std::string& returned() const { return returned_; }

 private:
  void cut_returned(std::string_view source);

  const Fields& header_;
  std::string text_;
  std::string lower_text_;
  std::string returned_;
  std::vector<std::string_view> lines_;
  std::vector<std::string_view> lower_;
};

/// What one reader made of a text.
struct TextResult {
  std::string format;
  Kind kind = Kind::failure;
  std::string reporting_mta;
  std::optional<WallTime> arrival;
  std::vector<DeliveryFailure> failures;
};

/// Blocks that begin with a recipient: "<a@b>: text", "a@b" alone on its line, "<a@b> (expanded
/// from <c@d>):".
struct AddressBlock {
  std::string recipient;
  std::string original;  ///< "expanded from", "generated from"
  std::string text;
};
/// From line `from` to `to`. `goes_on(i)`: line `i` behind an empty one still belongs to the block.
std::vector<AddressBlock> address_blocks(const TextReport& report, std::size_t from, std::size_t to,
                                         const std::function<bool(std::size_t)>& goes_on);

DeliveryFailure failure_of(const AddressBlock& block, const std::string& reporting_mta);

/// The host name behind `words` ("at host ", "program at "); empty: none.
std::string host_after(const TextReport& report, std::string_view words);

/// One reader for each form; nullopt: the text is not of that form.
std::optional<TextResult> read_postfix(const TextReport& report);
std::optional<TextResult> read_smartermail(const TextReport& report);
std::optional<TextResult> read_qmail(const TextReport& report);
std::optional<TextResult> read_sendmail(const TextReport& report);
std::optional<TextResult> read_exim(const TextReport& report);
std::optional<TextResult> read_courier(const TextReport& report);
std::optional<TextResult> read_mdaemon(const TextReport& report);
std::optional<TextResult> read_hmailserver(const TextReport& report);
std::optional<TextResult> read_groupwise(const TextReport& report);
std::optional<TextResult> read_domino(const TextReport& report);
std::optional<TextResult> read_exchange(const TextReport& report);
std::optional<TextResult> read_exchange_notice(const TextReport& report);
std::optional<TextResult> read_gmail(const TextReport& report);
/// What counts as a failure in a text of no known form: replies with a code; words that tell a
/// reason too ("mailbox full"); also words that only tell that there was one ("undeliverable").
enum class Signs { codes, reasons, any };
/// Any text with reply lines in it.
std::optional<TextResult> read_generic(const TextReport& report, Signs signs);

/// The readers above in the order of how telling their marks are; read_generic is not among them.
std::optional<TextResult> read_known_text(const TextReport& report);

}  // namespace maildiag::bounce
