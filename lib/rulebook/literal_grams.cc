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

LiteralGrams::LiteralGrams(
    const std::vector<std::pair<std::string_view, std::uint32_t>>& literals) {
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
  for (const auto& [literal, meaning] : literals) {
    const auto length = gram_length(literal);
    auto rarest = length;
    for (auto end = length; end <= literal.size(); ++end) {
      if (occurrences[slot_of(gram_at(literal, end, length))] <
          occurrences[slot_of(gram_at(literal, rarest, length))])
        rarest = end;
    }
    by_length[length - 1].push_back(
        {gram_at(literal, rarest, length), meaning, static_cast<std::uint32_t>(texts_.size()),
         static_cast<std::uint32_t>(literal.size()), static_cast<std::uint32_t>(rarest)});
    texts_ += literal;
  }
  for (std::size_t length = 1; length <= longest_gram; ++length) {
    if (!by_length[length - 1].empty())
      tables_.push_back(make_table(length, std::move(by_length[length - 1])));
  }
}

LiteralGrams::Table LiteralGrams::make_table(std::size_t length, std::vector<Entry> entries) {
  Table table;
  table.mask = UINT32_MAX >> (8 * (longest_gram - length));
  table.filled.resize(slots / 64);
  table.starts.resize(slots + 1);
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return slot_of(a.gram) < slot_of(b.gram);
  });
  for (const auto& entry : entries) {
    const auto slot = slot_of(entry.gram);
    table.filled[slot / 64] |= std::uint64_t{1} << (slot % 64);
    ++table.starts[slot + 1];
  }
  for (std::size_t slot = 0; slot < slots; ++slot) table.starts[slot + 1] += table.starts[slot];
  table.entries = std::move(entries);
  return table;
}

}  // namespace maildiag::rulebook
