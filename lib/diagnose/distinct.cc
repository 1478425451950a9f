#include "diagnose/distinct.h"

#include <algorithm>

namespace maildiag::diagnose {

namespace {

/// FNV-1a, then a finaliser (SplitMix64) that spreads it: equal on every machine, because summaries
/// travel.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    hash = (hash ^ static_cast<unsigned char>(lower)) * 1099511628211U;
  }
  hash = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9U;
  hash = (hash ^ (hash >> 27U)) * 0x94D049BB133111EBU;
  return (hash ^ (hash >> 31U)) >> (64 - Distinct::hash_bits);
}

}  // namespace

void Distinct::add(std::string_view thing) {
  add_hash(hash_of(thing));
}

void Distinct::add_hash(std::uint64_t hash) {
  if (hashes_.size() == capacity && hash >= hashes_.back()) return;
  const auto at = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
  if (at != hashes_.end() && *at == hash) return;
  hashes_.insert(at, hash);
  if (hashes_.size() > capacity) hashes_.pop_back();
}

void Distinct::merge(const Distinct& other) {
  for (const auto hash : other.hashes_) add_hash(hash);
}

std::uint64_t Distinct::count() const {
  if (hashes_.size() < capacity) return hashes_.size();
  const double share =
      static_cast<double>(hashes_.back() + 1) / static_cast<double>(1ULL << hash_bits);
  return static_cast<std::uint64_t>(static_cast<double>(capacity - 1) / share + 0.5);
}

}  // namespace maildiag::diagnose
