#include "rulebook/literal_grams.h"

#include <algorithm>

namespace maildiag::rulebook {

namespace {

std::uint32_t gram_at(std::string_view text, std::size_t end, std::size_t length) {
  std::uint32_t gram = 0;
  for (auto at = end - length; at < end; ++at)
    gram = gram << 8 | static_cast<unsigned char>(text[at]);
  return gram;
}

}  // namespace

LiteralGrams::LiteralGrams(std::vector<std::pair<std::string_view, std::uint32_t>> literals)
    : filled_(slots / 64), short_ends_(65536 / 64) {
  std::sort(literals.begin(), literals.end());
  const auto gram_length = [](std::string_view literal) {
    return std::min(literal.size(), longest_gram);
  };
  // How common a gram is among the literals tells how common it is in replies. Two that share a
  // slot only look commoner than they are.
  std::vector<std::uint32_t> occurrences(slots);
  for (const auto& [literal, meaning] : literals) {
    const auto length = gram_length(literal);
    for (auto end = length; end <= literal.size(); ++end)
      ++occurrences[slot_of(gram_at(literal, end, length))];
  }
  std::array<std::vector<Entry>, longest_gram> by_length;  // of one octet first
  std::string_view last;
  for (const auto& [literal, meaning] : literals) {
    const auto length = gram_length(literal);
    auto& entries = by_length[length - 1];
    meanings_.push_back(meaning);
    const auto meanings = static_cast<std::uint32_t>(meanings_.size());
    if (literal == last) {  // of several rules
      entries.back().more_from = meanings;
      continue;
    }
    last = literal;
    auto rarest = length;
    for (auto end = length; end <= literal.size(); ++end) {
      if (occurrences[slot_of(gram_at(literal, end, length))] <
          occurrences[slot_of(gram_at(literal, rarest, length))])
        rarest = end;
    }
    entries.push_back({gram_at(literal, rarest, length), static_cast<std::uint32_t>(texts_.size()),
                       static_cast<std::uint32_t>(literal.size()),
                       static_cast<std::uint32_t>(rarest), meanings - 1, meanings});
    texts_ += literal;
  }
  table_ = make_table(longest_gram, std::move(by_length[longest_gram - 1]));
  for (const auto& entry : table_.entries) set(filled_, slot_of(entry.gram));
  for (std::size_t length = 1; length < longest_gram; ++length) {
    if (by_length[length - 1].empty()) continue;
    short_tables_.push_back(make_table(length, std::move(by_length[length - 1])));
    note_short_ends(length, short_tables_.back());
  }
}

LiteralGrams::Table LiteralGrams::make_table(std::size_t length, std::vector<Entry> entries) {
  Table table;
  table.mask = UINT32_MAX >> (8 * (longest_gram - length));
  table.starts.resize(slots / slots_together + 1);
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return slot_of(a.gram) < slot_of(b.gram);
  });
  for (const auto& entry : entries) ++table.starts[slot_of(entry.gram) / slots_together + 1];
  for (std::size_t at = 1; at < table.starts.size(); ++at) table.starts[at] += table.starts[at - 1];
  table.entries = std::move(entries);
  return table;
}

void LiteralGrams::note_short_ends(std::size_t length, const Table& table) {
  for (const auto& entry : table.entries) {
    if (length > 1) {
      set(short_ends_, entry.gram & 0xFFFF);
      continue;
    }
    for (std::size_t before = 0; before < 256; ++before) set(short_ends_, before << 8 | entry.gram);
  }
}

}  // namespace maildiag::rulebook
