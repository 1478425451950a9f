#include "core/clauses.h"

#include "core/text.h"

namespace maildiag::text {

namespace {

constexpr auto wide_marks =
    std::to_array<std::string_view>({"。", "，", "！", "？", "；", "：", "—"});

/// Octets of a mark that ends a clause here; 0: none. The dots of "5.7.1" and "mx.example" do not.
std::size_t mark_at(std::string_view text) {
  if (static_cast<unsigned char>(text.front()) >= 0x80) {
    const auto* wide = std::ranges::find_if(
        wide_marks, [text](std::string_view mark) { return text.starts_with(mark); });
    return wide == wide_marks.end() ? 0 : wide->size();
  }
  if (std::string_view(",;!?()").find(text.front()) != std::string_view::npos) return 1;
  if (text.front() != '.' && text.front() != ':') return 0;
  const char next = text.size() > 1 ? text[1] : ' ';
  return (next >= 'a' && next <= 'z') || (next >= '0' && next <= '9') ? 0 : 1;
}

constexpr auto negators =
    std::to_array<std::string_view>({"not", "no", "never", "dont", "cannot", "without", "nor",
                                     "stop", "avoid", "useless", "pointless", "futile"});

}  // namespace

std::vector<Words> clauses_of(std::string_view text) {
  std::vector<Words> clauses(1);
  std::string word;
  const auto end_word = [&clauses, &word] {
    while (word.ends_with('\'')) word.pop_back();
    if (!word.empty()) clauses.back().push_back(ascii_lower(word));
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const auto mark = mark_at(text.substr(i)); mark != 0) {
      end_word();
      if (!clauses.back().empty()) clauses.emplace_back();
      i += mark - 1;
    } else if (std::string_view(" \t\r\n\"'`*<>[]").find(text[i]) == std::string_view::npos ||
               (text[i] == '\'' && !word.empty())) {  // "don't"
      word += text[i];
    } else {
      end_word();
    }
  }
  end_word();
  return clauses;
}

bool is_negator(std::string_view word) {
  return is_any(word, negators) || word.ends_with("n't") || word.ends_with("n’t");
}

Compact compact(const Words& words) {
  Compact result;
  for (const auto& word : words) {
    result.starts.push_back(result.text.size());
    result.text += word;
  }
  return result;
}

}  // namespace maildiag::text
