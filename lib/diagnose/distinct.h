/// Counts distinct things in little memory, and so that counts of parts can be joined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace maildiag::diagnose {

/// Keeps the smallest hashes ("k minimum values"): exact below `capacity`, an estimate (some 15 %
/// off) from there on. The order of additions and merges does not change it.
class Distinct {
 public:
  static constexpr std::size_t capacity = 64;
  /// Hashes have so many bits that a JSON reader with doubles keeps them.
  static constexpr unsigned hash_bits = 53;

  /// Letter case of ASCII is ignored.
  void add(std::string_view thing);
  void add_hash(std::uint64_t hash);
  void merge(const Distinct& other);
  std::uint64_t count() const;
  const std::vector<std::uint64_t>& hashes() const { return hashes_; }

 private:
  std::vector<std::uint64_t> hashes_;  // ascending
};

}  // namespace maildiag::diagnose
