#include "rulebook/loader/literal_ways.h"

namespace maildiag::rulebook {
namespace {

/// Calls `add`, then writes how many numbers that took in front of them.
template <class Add>
void counted(std::vector<std::uint32_t>& out, Add&& add) {
  const auto begin = out.size();
  out.push_back(0);
  add();
  out[begin] = static_cast<std::uint32_t>(out.size() - begin);
}

std::uint32_t gram_at(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) {
    return std::uint32_t{static_cast<unsigned char>(text[at + i])};
  };
  return octet(0) << 16 | octet(1) << 8 | octet(2);
}

}  // namespace

std::vector<std::uint32_t> packed(const LiteralWays& ways) {
  const auto grams_of = [](std::string_view literal) {
    const auto last = TextGrams::slot_of(gram_at(literal, literal.size() - least_octets_in_ways));
    return static_cast<std::uint32_t>(last << 16 | TextGrams::slot_of(gram_at(literal, 0)));
  };
  std::vector<std::uint32_t> out;
  if (ways.size() == 1 && ways.front().size() == 1) return out;
  for (const auto& sets : ways) {
    counted(out, [&] {
      for (const auto& literals : sets) {
        counted(out, [&] {
          for (const auto& literal : literals) out.push_back(grams_of(literal));
        });
      }
    });
  }
  return out;
}

TextGrams::TextGrams(std::string_view folded) {
  for (std::size_t at = 0; at + 3 <= folded.size(); ++at) slots_.set(slot_of(gram_at(folded, at)));
}

}  // namespace maildiag::rulebook
