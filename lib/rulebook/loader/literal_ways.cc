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

}  // namespace

std::uint32_t TextGrams::gram_at(std::string_view text, std::size_t at) {
  std::uint32_t gram = 0;
  for (const char c : text.substr(at, gram_octets))
    gram = gram << 8 | static_cast<unsigned char>(c);
  return gram;
}

std::vector<std::uint32_t> packed(const LiteralWays& ways) {
  const auto slot_at = [](std::string_view literal, std::size_t at) {
    return static_cast<std::uint32_t>(TextGrams::slot_of(TextGrams::gram_at(literal, at)));
  };
  const auto grams_of = [&](std::string_view literal) {
    return slot_at(literal, literal.size() - TextGrams::gram_octets) << 16 | slot_at(literal, 0);
  };
  const std::size_t known_sets = ways.size() == 1 ? 1 : 0;
  std::vector<std::uint32_t> out;
  for (const auto& sets : ways) {
    if (sets.size() <= known_sets) continue;
    counted(out, [&] {
      for (const auto& literals : std::span(sets).subspan(known_sets)) {
        counted(out, [&] {
          for (const auto& literal : literals) out.push_back(grams_of(literal));
        });
      }
    });
  }
  return out;
}

TextGrams::TextGrams(std::string_view folded) {
  if (folded.size() < gram_octets) return;
  auto gram = gram_at(folded, 0);
  slots_.set(slot_of(gram));
  for (const char c : folded.substr(gram_octets)) {
    gram = (gram << 8 | static_cast<unsigned char>(c)) & 0xFFFFFF;
    slots_.set(slot_of(gram));
  }
}

}  // namespace maildiag::rulebook
